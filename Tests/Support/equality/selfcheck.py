# SPDX-License-Identifier: Apache-2.0
"""Holds the judges to account: what has to be seen as wrong is."""

from __future__ import annotations

from podbench.errors import BenchError
from podbench.wire import SERVER_HELLO, Stream, why_not_sealed

from .compare import differences
from .mesh import INBOUND, Mesh
from .peer import Peer
from .wiretap import expect_sealed, watched


def check_comparison(content: bytes) -> str:
    """One changed byte of many is found, and so is a missing end."""
    at = len(content) // 3
    changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    for other, place in ((changed, at), (content[:-1], len(content) - 1), (content + b"+", None)):
        lines = differences("one", {"bytes": content}, "other", {"bytes": other})
        wanted = f"byte {len(content) if place is None else place} differs"
        if len(lines) != 1 or wanted not in lines[0]:
            raise BenchError(f"the comparison says {lines} and not {wanted}")
    return "one changed, one missing and one added byte are found"


def check_wire(mesh: Mesh, peer: Peer) -> str:
    """What the web server says without the mesh: none of it is for the mesh's port, and of each
    version of TLS the wire's judge says what is readable."""
    judged = []
    for words in (["http"], ["https", "--tls-max", "1.2"], ["https", "--tlsv1.3"]):
        url = f"{words[0]}://{peer.host}/1"
        with watched(mesh) as found:
            mesh.direct.network.run(
                ["curl", "-sS", "--cacert", peer.certificate("ca.crt"), *words[1:], url]
            )
        try:
            expect_sealed(found, peer.pod.address, mesh.direct.address, is_large=False)
        except BenchError as error:
            if "went past the proxies" not in str(error):
                raise
        else:
            raise BenchError(f"{' '.join(words)} without a proxy is taken for the mesh's")
        judged.append(reason(found))
    if "no server's hello" not in judged[0] or "no server's hello" not in judged[1] or judged[2]:
        raise BenchError(f"the wire's judge says of HTTP, TLS 1.2 and TLS 1.3: {judged}")
    return "HTTP and TLS 1.2 are told from TLS 1.3"


def reason(found: list[Stream]) -> str:
    """Why a web server's stream is not TLS 1.3, as the wire's judge sees it."""
    answers = [stream for stream in found if stream.source[1] in (80, 443)]
    if len(answers) != 1 or INBOUND in answers[0].target:
        raise BenchError(f"one answer was awaited: {answers}")
    return why_not_sealed(answers[0].payload, SERVER_HELLO) or ""
