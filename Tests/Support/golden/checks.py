# SPDX-License-Identifier: Apache-2.0
"""What the metrics must say of a known load."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path

from attacks.canary import Canary
from podbench.waiting import wait_until

from . import load
from .families import FAMILIES, contradictions
from .mesh import Mesh
from .page import Page, fetch
from .prometheus import Prometheus
from .scenarios import DATA, Scenarios, settled

# So many requests of so many milliseconds and that status: each is in the middle of a bucket, and
# so are the quantiles 50, 95 and 99 of all of them.
MIX = [(80, 70, 200), (7, 240, 200), (10, 240, 500), (3, 700, 200)]
MIX_COUNT = sum(count for count, _, _ in MIX)
DISTINCT = 10_000
MEMORY = "process_resident_memory_bytes"
SERIES_MAX = 500
# A histogram of so many series with 28 lines of some 300 bytes, and a dozen of other families.
PAGE_BYTES_MAX = 8 << 20
# The series, what finds them, and the page while it is put together.
SERIES_BYTES_MAX = 16 << 20


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

    # The contract.

    def contract(self) -> None:
        """Each family, label and bucket, and each series that a few requests leave."""
        self.expect("the tables agree", contradictions(), [])
        scenarios = Scenarios(self.mesh)
        self.expect("what clients see", scenarios.run(), [])
        self.expect("a loop is refused", load.echoed(self.mesh.proxies["web"], 4140, DATA), b"")
        scenarios.count("web", "outbound_tcp_errors_total", error="loop")
        wait_until("all connections to end", lambda: settled(self.pages().values()), 10)
        pages = self.pages()
        for name, page in pages.items():
            self.expect(f"{name} keeps the contract", list(page.offences()), [])
        self.expect("series", scenarios.differences(pages), [])
        for peer, name in (("dst", "tcp_read_bytes_total"), ("src", "tcp_write_bytes_total")):
            counts = [
                pages[proxy].sum(name, peer=peer, target_port="7071") for proxy in ("web", "api")
            ]
            self.expect(f"{name} with a greeting", counts, [len(b"hello" + DATA)] * 2)
        names = set().union(*(page.names() for page in pages.values()))
        self.expect("families without a series", set(FAMILIES) - names, set())
        web = pages["web"]
        expiry = web.sum("control_identity_cert_expiration_timestamp_seconds")
        self.expect("the certificate's end", expiry, lambda at: 0 < at - time.time() < 10**8)
        process = [name for name in FAMILIES if name.startswith("process_")]
        self.expect("the process", [n for n in process if web.sum(n) <= 0], [])

    def pages(self) -> dict[str, Page]:
        """All proxies' metrics as they are now."""
        return {name: self.page(name) for name in self.mesh.proxies}

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
        count = len(self.mesh.proxies)
        self.expect("proxy-metrics names the proxies", raw.count("# PROXY "), count)
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
        """10,000 hosts and paths, and 10,000 endpoints, while a canary sings through the mesh."""
        address = (self.mesh.services["bytes"], 7070)
        canary = Canary(lambda: socket.create_connection(address, 5))
        self.many_hosts_and_paths()
        self.many_endpoints()
        canary.end()
        self.expect("songs of the canary", canary.songs, lambda songs: songs > 20)

    def many_hosts_and_paths(self) -> None:
        """They leave no trace but counts."""
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
            grown = new.sum(MEMORY) - old.sum(MEMORY)
            self.expect(f"memory of {name}", grown, lambda b: b < 1 << 20)

    def many_endpoints(self) -> None:
        """They share a series from the five hundredth on, and no request goes uncounted."""
        services = self.mesh.add_many_endpoints(10, DISTINCT // 10)
        before = self.page("web")
        statuses: list[int] = []
        for address in services:
            heads = [load.head("/close")] * (DISTINCT // len(services))
            statuses += load.responses(address, 8080, heads, at_once=50)
        self.expect("all endpoints answer", statuses.count(200), DISTINCT)
        text = fetch(self.mesh.url("web"))
        page = Page(text)
        counted = page.sum("request_total") - before.sum("request_total")
        self.expect("requests counted", counted, DISTINCT)
        by_name = Counter(sample.name for sample in page.samples if "le" not in sample.labels)
        name, most = by_name.most_common(1)[0]
        self.expect(f"series of {name}", most, SERIES_MAX + 1)
        for name in ("request_total", "tcp_open_total", "response_latency_ms_count"):
            self.expect(f"other {name}", page.sum(name, other="true"), lambda n: n > 0)
        self.expect("bytes of the page", len(text), lambda size: size < PAGE_BYTES_MAX)
        grown = page.sum(MEMORY) - before.sum(MEMORY)
        self.expect("memory of web", grown, lambda size: size < SERIES_BYTES_MAX)
        print(f"      {len(text) >> 10} KiB of metrics, {int(grown) >> 10} KiB of memory more")
