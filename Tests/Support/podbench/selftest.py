# SPDX-License-Identifier: Apache-2.0
"""What the bench has to show by itself: that injected pods work, and that nothing of them stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from .admin import check_admin
from .bench import Bench
from .capture import captured
from .container import Container, status
from .errors import BenchError, call
from .identity import identity_name
from .pod import PROXY, Pod
from .waiting import INTERRUPTED, wait_until
from .wire import Stream, is_tls13_server, streams

REQUESTS = 20
HOST = "users-api.default.svc.cluster.local"
INBOUND = 4143
# NET_ADMIN and NET_RAW, as bits 12 and 13.
REDIRECT_RIGHTS = "0000000000003000"
NO_RIGHTS = "0000000000000000"
# What is only in a request or its answer, and not in a name of a certificate.
WORDS = (b"GET /", b"User-Agent", HOST.encode(), b"Server name", b"HTTP/1.1")


def expect(is_true: bool, what: str) -> None:
    """Says what holds; what does not is the end."""
    if not is_true:
        raise BenchError(f"self-test: it does not hold that {what}")
    print(f"  ok  {what}", flush=True)


def run(bench: Bench) -> None:
    """The native form: raises when anything is not as it should be."""
    client, servers = bench.pods[0], bench.pods[1:]
    meshed, plain = bench.world / "meshed.pcap", bench.world / "plain.pcap"
    with captured(meshed, lambda: is_whole(meshed, len(servers))):
        check_requests(client, servers)
    check_wire(streams(meshed), servers)
    # The node is no part of the mesh. This holds the search itself to account.
    with captured(plain, lambda: is_whole(plain, 1)):
        call("curl", "-sS", "-m", "5", "-H", f"Host: {HOST}", f"http://{servers[0].facts.ip}")
    expect(readable(streams(plain)) == set(WORDS), "without the mesh all of them can be read")
    check_strangers(bench, servers[0])
    facts = servers[0].facts
    name = identity_name(facts.service_account, facts.namespace)
    check_admin(servers[0], name, client.identity_folder, bench.authority.certificate)
    check_seen([pod.container("linkerd-init") for pod in bench.pods], REDIRECT_RIGHTS)
    for pod in bench.pods:
        check_proxy(pod.container(PROXY))


def is_whole(file: Path, connections: int) -> bool:
    """Whether both directions of so many connections, at least, have been captured."""
    return len(streams(file)) >= 2 * connections


def readable(found: list[Stream]) -> set[bytes]:
    """Which words of a request and its answer can be read."""
    return {word for word in WORDS for stream in found if word in stream.payload}


def check_requests(
    client: Pod, servers: list[Pod], version: int | None = None, service: str = HOST
) -> None:
    """Each request is answered, and each server has its share."""
    container = client.containers[-1]
    command = ["curl", "-sS", "-m", "5", *([f"-{version}"] if version else []), f"http://{service}"]
    over = f" over IPv{version}" if version else ""
    answers = Counter(
        line.removeprefix("Server name: ")
        for _ in range(REQUESTS)
        for line in container.run_inside(command).splitlines()
        if line.startswith("Server name: ")
    )
    expect(
        answers.total() == REQUESTS,
        f"{REQUESTS} requests of {REQUESTS} from {client.facts.name} are answered{over}",
    )
    names = {pod.facts.name for pod in servers}
    expect(set(answers) == names, f"all servers answer: {dict(sorted(answers.items()))}")


def check_wire(found: list[Stream], servers: list[Pod]) -> None:
    """Nothing but TLS 1.3 to the proxies' port, and no word to read.

    Requests share connections: there is at least one to each server.
    """
    answers = [stream for stream in found if stream.source[1] == INBOUND]
    others = [stream for stream in found if INBOUND not in (stream.source[1], stream.target[1])]
    expect(not others, "pods speak to each other's proxies only")
    expect(
        len(servers) <= len(answers) <= REQUESTS
        and all(is_tls13_server(stream.payload) for stream in answers),
        f"{REQUESTS} requests crossed on {len(answers)} connections, all TLS 1.3",
    )
    addresses = {ip for pod in servers for ip in pod.facts.ips}
    expect(
        len({stream.source[0] for stream in answers}) == len(servers)
        and {stream.source[0] for stream in answers} <= addresses,
        "each server has its own",
    )
    expect(not readable(found), "no word of a request or an answer can be read")


def check_strangers(bench: Bench, server: Pod) -> None:
    """A server proves its name, and wants the client's proof too."""
    facts = server.facts
    name = identity_name(facts.service_account, facts.namespace)
    ours = bench.pods[0].identity_folder
    dial = [
        "openssl", "s_client", "-connect", f"{facts.ip}:{INBOUND}", "-servername", name,
        "-CAfile", str(bench.authority.certificate), "-verify_hostname", name,
        "-verify_return_error", "-alpn", "transport.l5d.io/v1", "-ign_eof",
    ]
    own = ["-cert", str(ours / "tls.crt"), "-key", str(ours / "tls.key")]
    met = subprocess.run(
        [*dial[:-1], *own], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    expect(
        met.returncode == 0 and f"Verified peername: {name}" in met.stdout,
        f"the server proves to be {name}",
    )
    # The handshake ends before a client's certificate is asked after, so the log has to say it.
    subprocess.run(dial, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=10)
    log = server.container(PROXY).log
    wait_until(
        "a client without a certificate to be refused",
        lambda: "must show a certificate" in log.read_text(),
        seconds=5,
    )
    print("  ok  a client without a certificate is refused")


def check_seen(containers: list[Container], rights: str) -> None:
    """What was seen of init containers while they ran: too short to be seen every time."""
    name, program = containers[0].name, containers[0].config["process"]["args"][0]
    seen = [look for container in containers for look in container.seen]
    expect(bool(seen), f"{name} was seen at work ({len(seen)} times)")
    for look in seen:
        wanted = {
            "Name": program, "Uid": 65534, "Gid": 65534, "CapPrm": rights, "CapEff": rights,
            "CapBnd": rights, "CapAmb": NO_RIGHTS, "NoNewPrivs": 1, "Seccomp": 2,
        }
        compare(name, look, wanted)
    what = "NET_ADMIN, NET_RAW" if rights == REDIRECT_RIGHTS else "no capability"
    print(f"  ok  {name} is user 65534 with {what}, no-new-privileges and seccomp")


def check_proxy(container: Container) -> None:
    """The proxy has no rights at all."""
    look = status(container.pid)
    wanted = {
        "Name": "meshctl-proxy", "Uid": 2102, "CapPrm": NO_RIGHTS, "CapEff": NO_RIGHTS,
        "CapBnd": NO_RIGHTS, "CapAmb": NO_RIGHTS, "NoNewPrivs": 1, "Seccomp": 2,
    }
    compare(container.id, look, wanted)
    mounts = Path(f"/proc/{container.pid}/mountinfo").read_text().splitlines()
    root = next(line.split() for line in mounts if line.split()[4] == "/")
    if "ro" not in root[5].split(","):
        raise BenchError(f"self-test: {container.id} may write to its root")
    print(
        f"  ok  {container.id} is user 2102 with no capability and a read-only root;"
        f" VmRSS {look['VmRSS']}, of which anonymous {look['RssAnon']}"
    )


def compare(who: str, look: dict[str, str], wanted: dict[str, object]) -> None:
    """Holds what the kernel says against what is wanted; of four user numbers all count."""
    for key, value in wanted.items():
        if set(look[key].split()) != {str(value)}:
            raise BenchError(f"self-test: {who} has {key} {look[key]}, not {value}")


def interrupt(script: Path, words: list[str]) -> int:
    """In the outer part: a run that is interrupted leaves nothing behind either.

    With these words the script says as its first line that something is up, and does not end soon.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [sys.executable, str(script), *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={key: value for key, value in os.environ.items() if key != "PODBENCH_INNER"},
        )
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        process.send_signal(number)
        complaint = process.stderr.read()
        if "up" not in line.split() or process.wait(30) != INTERRUPTED:
            raise BenchError(f"self-test: after {number.name}: {complaint.strip()}")
        print(f"  ok  after {number.name} no process, namespace, mount or cgroup is left")
    return 0
