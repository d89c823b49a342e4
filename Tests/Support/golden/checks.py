# SPDX-License-Identifier: Apache-2.0
"""What the metrics must say of a known load."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from podbench.waiting import wait_until

from . import load
from .families import FAMILIES
from .mesh import Mesh
from .page import Page, fetch
from .prometheus import Prometheus

# So many requests of so many milliseconds and that status: each is in the middle of a bucket, and
# so are the quantiles 50, 95 and 99 of all of them.
MIX = [(80, 70, 200), (7, 240, 200), (10, 240, 500), (3, 700, 200)]
MIX_COUNT = sum(count for count, _, _ in MIX)
DISTINCT = 10_000


class Checks:
    """Counts what does not hold."""

    def __init__(self, mesh: Mesh, build: Path) -> None:
        self.mesh = mesh
        self.meshctl = str(build / "meshctl")
        self.failures = 0

    def expect(self, what: str, found: object, wanted: object) -> None:
        """One line, and a failure if they differ."""
        is_right = wanted(found) if callable(wanted) else found == wanted
        if not is_right:
            self.failures += 1
            print(f"FAIL  {what}: {found}" + ("" if callable(wanted) else f", not {wanted}"))
        else:
            print(f"  ok  {what}")

    def page(self, name: str) -> Page:
        """A proxy's metrics as they are now."""
        return Page(fetch(self.mesh.url(name)))

    def settled(self, name: str, is_there: Callable[[Page], bool]) -> Page:
        """The same once the proxy has seen the end of what it is to count."""
        wait_until(f"the metrics of {name}", lambda: is_there(self.page(name)), 10)
        return self.page(name)

    # The known load.

    def traffic(self) -> None:
        """Meshed, unmeshed, denied and failed; requests and bytes."""
        services, proxies = self.mesh.services, self.mesh.proxies
        statuses = [
            load.get(services["locked"], 8080, "/0/200"),
            load.get(services["plain"], 8080, "/0/200"),
            load.get(services["gone"], 8080, "/0/200"),
            load.get(services["empty"], 8080, "/0/200"),
            load.get(proxies["api"], 4143, "/0/200"),
            load.get(proxies["locked"], 4143, "/0/200"),
        ]
        self.expect("statuses", statuses, [200, 200, 502, 504, 200, 403])
        data = b"\0\1\2\3" * 100
        self.expect("bytes through the mesh", load.echoed(services["bytes"], 7070, data), data)
        self.expect("bytes kept out", load.echoed(proxies["locked"], 4143, data), b"")
        self.expect("a loop is refused", load.echoed(proxies["web"], 4140, data), b"")

    def contract(self) -> None:
        """Each family, label and bucket, read by the Python client."""
        pages = {
            "web": self.settled("web", lambda p: p.sum("outbound_http_errors_total") == 2),
            "api": self.page("api"),
            "locked": self.settled("locked", lambda p: p.sum("inbound_tcp_errors_total") >= 1),
        }
        for name, page in pages.items():
            self.expect(f"{name} keeps the contract", list(page.offences()), [])
        missing = set(FAMILIES) - set().union(*(page.names() for page in pages.values()))
        # A proxy answers an inbound request itself only when its server fails.
        self.expect("families without a series", missing - {"inbound_http_errors_total"}, set())
        web, api, locked = pages["web"], pages["api"], pages["locked"]
        ids = self.mesh.identities
        meshed = {"tls": "true", "status_code": "200", "classification": "success"}
        self.expect(
            "meshed, outbound",
            web.sum("response_total", direction="outbound", server_id=ids["locked"], **meshed),
            1,
        )
        self.expect(
            "meshed, inbound",
            locked.sum(
                "response_total",
                direction="inbound",
                client_id=ids["web"],
                srv_name="all-authenticated",
                authz_name="all-authenticated",
                route_name="default",
                **meshed,
            ),
            1,
        )
        reason = "not_provided_by_service_discovery"
        self.expect(
            "unmeshed, outbound", web.sum("request_total", tls="no_identity", no_tls_reason=reason), 2
        )
        plain = {"tls": "no_identity", "no_tls_reason": "no_tls_from_remote"}
        self.expect("unmeshed, inbound", api.sum("request_total", **plain), 1)
        denied = locked.sum("inbound_http_authz_deny_total", srv_kind="default", **plain)
        self.expect("denied request", denied, 1)
        self.expect("denied bytes", locked.sum("inbound_tcp_authz_deny_total", **plain), 1)
        for error in ("i/o", "failfast"):
            self.expect(
                f"failed: {error}", web.sum("outbound_http_errors_total", error=error), 1
            )
        for parent, error, status in (("gone", "IO", "502"), ("empty", "FAIL_FAST", "504")):
            found = web.sum(
                "outbound_http_route_request_statuses_total",
                parent_name=parent,
                parent_namespace="shop",
                error=error,
                http_status=status,
            )
            self.expect(f"failed route: {error}", found, 1)
        self.expect(
            "bytes by their labels",
            api.sum("tcp_read_bytes_total", peer="src", client_id=ids["web"], target_port="7070"),
            400,
        )
        expiry = web.sum("control_identity_cert_expiration_timestamp_seconds")
        self.expect("the certificate's end", expiry, lambda at: 0 < at - time.time() < 10**8)
        names = ("process_resident_memory_bytes", "process_threads", "process_open_fds")
        self.expect("the process", [web.sum(name) > 1 for name in names], [True] * 3)

    def compressed(self) -> None:
        """The same page through gzip."""
        url = self.mesh.url("web")
        names = [Page(fetch(url, compressed=is_so)).names() for is_so in (False, True)]
        self.expect("gzip gives the same families", names[0] == names[1], True)

    # Prometheus.

    def golden(self, prometheus: Prometheus) -> None:
        """Success rate, request rate and quantiles of a known mix."""
        api = self.mesh.services["api"]
        # A series that appears with its first count has no rate yet; and where a window begins
        # between two scrapes, Prometheus guesses by what a series had, in proportion.
        warm = ["/0/200"] * 9 + ["/0/500"]
        load.spread(api, 8080, warm)
        total = 'sum(request_total{proxy="web",target_port="8080"})'
        wait_until("the first requests", lambda: prometheus.value(total) >= len(warm), 10)
        # The window begins after all series do, or Prometheus would guess each one's start.
        time.sleep(3)
        began = time.time()
        before = prometheus.value(total)
        paths = [f"/{millis}/{status}" for count, millis, status in MIX for _ in range(count)]
        found = load.spread(api, 8080, paths)
        self.expect("requests of the mix", found.count(500), 10)
        after = before + MIX_COUNT
        wait_until("the mix", lambda: prometheus.value(total) == after, 10)
        self.expect("Prometheus counts the requests", prometheus.value(total) - before, MIX_COUNT)
        time.sleep(1.2)
        # It begins between one and two seconds before the mix, whatever the queries take.
        window = f"{int(time.time() - began) + 2}s"
        for name, own in (("web", "outbound"), ("api", "inbound")):
            self.quantiles(prometheus, f'proxy="{name}",direction="{own}"', window)

    def quantiles(self, prometheus: Prometheus, labels: str, window: str) -> None:
        """One side of the mix: what a dashboard asks."""
        everything = f"sum(rate(response_total{{{labels}}}[{window}]))"
        good = f'sum(rate(response_total{{{labels},classification="success"}}[{window}]))'
        rate = prometheus.value(f"{good} / {everything}")
        self.expect(f"success rate of {labels}", rate, lambda r: abs(r - 0.9) < 0.01)
        per_second = prometheus.value(f"sum(rate(request_total{{{labels}}}[{window}]))")
        expected = MIX_COUNT / int(window[:-1])
        self.expect(
            f"request rate of {labels}", per_second, lambda r: 0.7 < r / expected < 1.5
        )
        for quantile, low, high in ((0.5, 50, 100), (0.95, 200, 300), (0.99, 500, 1000)):
            millis = prometheus.value(
                f"histogram_quantile({quantile}, sum by (le) "
                f"(rate(response_latency_ms_bucket{{{labels}}}[{window}])))"
            )
            self.expect(
                f"p{quantile * 100:g} of {labels}",
                millis,
                lambda m, low=low, high=high: low < m <= high,
            )

    # The command.

    def command(self) -> None:
        """`meshctl diagnostics` against the same pages."""
        urls = [
            word
            for name in self.mesh.proxies
            for word in ("--url", f"{name}={self.mesh.url(name)}")
        ]
        raw = self.run("proxy-metrics", *urls)
        self.expect("proxy-metrics names the proxies", raw.count("# PROXY "), 3)
        print(self.run("golden", *urls))
        rows = json.loads(self.run("golden", *urls, "-o", "json"))
        page = self.page("api")
        for row in rows:
            if row["proxy"] != "api" or row["tls"] != "true" or not row["requests"]:
                continue
            labels = {"direction": "inbound", "client_id": row["peer"], "tls": "true"}
            self.expect("golden's requests", row["requests"], page.sum("request_total", **labels))
            self.expect("golden's success", row["successRate"], lambda r: abs(r - 0.9) < 1e-9)
            self.expect("golden's p95", row["p95Millis"], lambda m: 200 < m <= 300)
            return
        self.expect("golden's edge from web to api", rows, "there")

    def run(self, *words: str) -> str:
        """What the command prints."""
        done = subprocess.run(
            [self.meshctl, "diagnostics", *words], capture_output=True, text=True, timeout=30
        )
        self.expect(f"diagnostics {words[0]}", (done.returncode, done.stderr), (0, ""))
        return done.stdout

    # Bounds.

    def bounded(self) -> None:
        """10,000 hosts and paths leave no trace but counts."""
        address = self.mesh.services["api"]
        names = ("web", "api")
        # What memory a proxy needs once, it has after these.
        load.responses(address, 8080, [load.head("/warm")] * 500, at_once=50)
        before = [self.page(name) for name in names]
        heads = [load.head(f"/path/{n}", f"host{n}.example") for n in range(DISTINCT)]
        statuses = load.responses(address, 8080, heads, at_once=50)
        self.expect("all are answered", statuses.count(200), DISTINCT)
        for name, old in zip(names, before):
            new = self.page(name)
            self.expect(f"series of {name}", len(new.samples), len(old.samples))
            memory = "process_resident_memory_bytes"
            grown = new.sum(memory) - old.sum(memory)
            self.expect(f"memory of {name}", grown, lambda b: b < 1 << 20)
