# SPDX-License-Identifier: Apache-2.0
"""Command-line clients: curl, wget and ab."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from .case import Trial, case, expect
from .mesh import HOST, PORTS
from .messages import LARGE, SMALL
from .wire import PATIENCE

# Fields that say when, and on which connection, and not what.
PASSING = re.compile(rb"(?im)^(date|connection|keep-alive):.*\r?\n")


def run(*words: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Runs a client to its end."""
    return subprocess.run(
        words, input=data, stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True, check=False, timeout=PATIENCE * 2,
    )


def curl(trial: Trial, server: str, path: str, *words: str, data: bytes | None = None) -> bytes:
    """Asks a server by its name, and notes everything that curl prints."""
    host, port = trial.route.address(server)
    done = run(
        "curl", "-sS", "--max-time", "20", "--connect-to", f"::{host}:{port}", *words,
        f"http://{HOST}{path}", data=data,
    )
    output = PASSING.sub(b"", done.stdout)
    trial.see((done.returncode, output, done.stderr.replace(host.encode(), b"")))
    return done.stdout


@case()
def curl_reads_files(trial: Trial) -> None:
    expect(b"line 499" in curl(trial, "nginx", "/small.txt", "-i"), "the file is whole")
    curl(trial, "nginx", "/small.txt", "-I")
    curl(trial, "nginx", "/large.bin")
    curl(trial, "nginx", "/nowhere", "-i")
    curl(trial, "nginx", "/moved", "-i", "-L", "--max-redirs", "3")
    expect(b"gzip" in curl(trial, "nginx", "/small.txt", "--compressed", "-i"), "it is compressed")
    answer = curl(trial, "nginx", "/large.bin", "-i", "-r", "1000-1999")
    expect(answer.startswith(b"HTTP/1.1 206"), "a range is a range")
    curl(trial, "nginx", "/large.bin", "-i", "-r", "0-9,100-109,-5", "-o", "/dev/null",
         "-w", "%{http_code} %{size_download}")
    answer = curl(trial, "nginx", "/small.txt", "-i", "-z", "Sun, 13 Sep 2020 12:26:40 GMT")
    expect(answer.startswith(b"HTTP/1.1 304"), "what has not changed is not sent")
    curl(trial, "nginx", "/small.txt", "--http1.0", "-i")
    curl(trial, "nginx", "/small.txt", "--raw", "--compressed", "-H", "TE: gzip")


@case()
def curl_sends_bodies(trial: Trial) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        curl(trial, "recorder", "/data", "-X", method, "--data-binary", "@-", data=SMALL)
    # More than 1 MiB waits for 100-continue, in vain here, and goes on after a second.
    curl(trial, "recorder", "/large", "--data-binary", "@-", "--expect100-timeout", "0.05",
         data=LARGE * 5)
    large = str(trial.bench.mesh.folder / "www/large.bin")
    curl(trial, "recorder", "/chunked", "-T", large, "-H", "Transfer-Encoding: chunked",
         "--expect100-timeout", "0.05")
    curl(trial, "recorder", "/form?q=1", "--data-urlencode", "a=b c&d", "--http1.0")
    curl(trial, "recorder", "/options", "-X", "OPTIONS", "--request-target", "*")


@case(compares=False)
def curl_reuses_its_connection(trial: Trial) -> None:
    host, port = trial.route.address("nginx")
    url = f"http://{host}:{port}/small.txt"
    done = run("curl", "-sS", "-w", "%{num_connects} %{http_code}\n", *["-o", "/dev/null", url] * 5)
    expect(done.stdout.split(b"\n")[:5] == [b"1 200"] + [b"0 200"] * 4, done.stdout)


@case()
def curl_goes_through_a_proxy_behind_the_mesh(trial: Trial) -> None:
    proxy = trial.route.url("proxy", "")
    server = trial.bench.mesh.server_ips[0]
    for words in ([], ["-p"]):
        done = run(
            "curl", "-sS", "-i", "--max-time", "20", "-x", proxy, *words,
            f"http://{server}:{PORTS['nginx']}/large.bin",
        )
        expect(done.returncode == 0 and len(done.stdout) > 3 << 20, (words, done.stderr))
        trial.see(PASSING.sub(b"", done.stdout))
    done = run("curl", "-sS", "-i", "-p", "-x", proxy, f"http://{server}:9/")
    expect(b"403" in done.stdout + done.stderr, f"a refused CONNECT is seen: {done}")


@case()
def wget_reads_and_resumes(trial: Trial) -> None:
    with tempfile.TemporaryDirectory(prefix="http1-wget-") as name:
        file = Path(name) / "large.bin"
        file.write_bytes((trial.bench.mesh.folder / "www/large.bin").read_bytes()[:1000])
        for path, words in (
            ("/large.bin", ["-c", "-O", str(file)]), ("/small.txt", ["-O", "-"]),
            ("/moved", ["-O", "-"]), ("/nowhere", ["-O", "-"]), ("/small.txt", ["--spider"]),
        ):
            done = run(
                "wget", "-q", "-S", "--tries=1", "--max-redirect=0",
                f"--header=Host: {HOST}", *words,
                trial.route.url("nginx", path),
            )
            lines = PASSING.sub(b"", done.stderr.replace(b"  ", b""))
            trial.see((done.returncode, done.stdout, lines))
        trial.see(file.read_bytes())
        done = run("wget", "-q", "-O", "-", f"--header=Host: {HOST}", "--post-data=a=b",
                   trial.route.url("recorder", "/posted"))
        trial.see((done.returncode, done.stdout))


@case(compares=False)
def ab_counts_no_failure(trial: Trial) -> None:
    for words in (["-k"], [], ["-k", "-p", str(trial.bench.mesh.folder / "www/small.txt")]):
        server = "recorder" if "-p" in words else "nginx"
        done = run("ab", "-q", "-n", "1000", "-c", "16", *words,
                   trial.route.url(server, "/small.txt"))
        text = done.stdout.decode()
        expect("Complete requests:      1000" in text, done)
        expect("Failed requests:        0" in text and "Non-2xx" not in text, text)
        if "-k" in words:
            expect("Keep-Alive requests:    1000" in text, f"connections are kept: {text}")
