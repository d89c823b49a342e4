# SPDX-License-Identifier: Apache-2.0
"""The cluster's certificates, and its tokens: JWTs that are signed with a key of their own."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model.failures import Object
from ..model.rbac import User, service_account
from .store import Store

ISSUER = "https://kubernetes.default.svc.cluster.local"
AUDIENCES = (ISSUER,)
CREDENTIAL = "authentication.kubernetes.io/credential-id"
_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
# The DER of a SHA-256 in a PKCS #1 signature, before the hash itself.
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
# LIMIT: seconds that a token lives; Kubernetes' own.
SECONDS_MIN, SECONDS_MAX = 600, 2**32


def _openssl(*words: object) -> str:
    line = ["openssl", *(str(word) for word in words)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(line[:3])}: {done.stderr.strip()}")
    return done.stdout


class Certificates:
    """An authority, and what it has signed; all in one folder, for its owner to read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.authority = folder / "ca.crt"
        self._key = folder / "ca.key"
        _openssl(
            "req", "-x509", *_EC, "-days", 2, "-subj", "/CN=kubernetes",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
            "-keyout", self._key, "-out", self.authority,
        )

    def issue(self, name: str, subject: str, usage: str, names: str = "") -> tuple[Path, Path]:
        """A certificate and its key; the names are subjectAltName's."""
        key, certificate = self.folder / f"{name}.key", self.folder / f"{name}.crt"
        more = ("-addext", f"subjectAltName={names}") if names else ()
        _openssl(
            "req", "-x509", *_EC, "-days", 2, "-subj", subject, "-CA", self.authority,
            "-CAkey", self._key, *more, "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "keyUsage=critical,digitalSignature",
            "-addext", f"extendedKeyUsage={usage}", "-keyout", key, "-out", certificate,
        )
        return certificate, key


def user_of_certificate(certificate: dict[str, Any], binary: bytes) -> User:
    """Who a client's certificate is for: the common name, in the organizations."""
    name, groups = "", []
    for part in certificate.get("subject", ()):
        for key, value in part:
            if key == "commonName":
                name = value
            elif key == "organizationName":
                groups.append(value)
    mark = f"X509SHA256={hashlib.sha256(binary).hexdigest()}"
    return User(name, (*groups, "system:authenticated"), extra={CREDENTIAL: [mark]})


def encoded(data: bytes) -> str:
    """Base64 as JWTs have it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The other way; ValueError if it is none."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Bearer:
    """Whom a token speaks for, and to whom."""

    user: User
    audiences: tuple[str, ...]


class BadToken(Exception):
    """A token that is not believed; the text says why, where there is more to say."""


def _listed(words: Iterable[str]) -> str:
    return "[" + " ".join(f'"{each}"' for each in words) + "]"


class Tokens:
    """Makes tokens of service accounts, and reads them again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._modulus, self._secret = _new_key()
        self._size = (self._modulus.bit_length() + 7) // 8
        number = self._modulus.to_bytes(self._size, "big")
        self._id = encoded(hashlib.sha256(number).digest())

    @property
    def keys(self) -> Object:
        """/openid/v1/jwks"""
        number = self._modulus.to_bytes(self._size, "big")
        key = {
            "use": "sig", "kty": "RSA", "kid": self._id, "alg": "RS256", "n": encoded(number),
            "e": "AQAB",
        }
        return {"keys": [key]}

    def issue(
        self, account: Object, audiences: list[str], seconds: int, bound: Object | None
    ) -> tuple[str, float]:
        """A token and its end; it is bound to a pod, secret or node where one is named."""
        now = int(time.time())
        metadata = account["metadata"]
        private: Object = {
            "namespace": metadata["namespace"],
            "serviceaccount": {"name": metadata["name"], "uid": metadata["uid"]},
        }
        if bound is not None:
            private[bound["kind"].lower()] = {"name": bound["name"], "uid": bound.get("uid", "")}
        claims = {
            "aud": audiences, "exp": now + seconds, "iat": now, "iss": ISSUER,
            "jti": str(uuid.uuid4()), "kubernetes.io": private, "nbf": now,
            "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
        }
        head = {"alg": "RS256", "kid": self._id}
        text = ".".join(
            encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims)
        )
        return f"{text}.{encoded(self._sign(text.encode()))}", now + seconds

    def _padded(self, message: bytes) -> int:
        tail = _SHA256 + hashlib.sha256(message).digest()
        padding = b"\xff" * (self._size - len(tail) - 3)
        return int.from_bytes(b"\x00\x01" + padding + b"\x00" + tail, "big")

    def _sign(self, message: bytes) -> bytes:
        value = pow(self._padded(message), self._secret, self._modulus)
        return value.to_bytes(self._size, "big")

    def read(self, token: str, audiences: tuple[str, ...] = AUDIENCES) -> Bearer | None:
        """Whom a token speaks for; None if it is not good, or not meant for any of these."""
        try:
            return self.check(token, audiences)
        except BadToken:
            return None

    def check(self, token: str, audiences: tuple[str, ...]) -> Bearer:
        """Whom a token speaks for; BadToken says what is wrong with it."""
        try:
            head, body, signature = token.split(".")
            claims = json.loads(decoded(body))
            if json.loads(decoded(head))["alg"] != "RS256" or claims["iss"] != ISSUER:
                raise BadToken
            value = int.from_bytes(decoded(signature), "big")
            if value >= self._modulus or (
                pow(value, 65537, self._modulus) != self._padded(f"{head}.{body}".encode())
            ):
                raise BadToken("go-jose/go-jose: error in cryptographic primitive")
            if claims["exp"] < time.time():
                raise BadToken("service account token has expired")
            meant = tuple(each for each in audiences if each in claims["aud"])
            if not meant:
                raise BadToken(
                    f"token audiences {_listed(claims['aud'])} is invalid for the target audiences"
                    f" {_listed(audiences)}"
                )
            return self._bearer(claims, meant)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadToken from None

    def _bearer(self, claims: Object, audiences: tuple[str, ...]) -> Bearer:
        """A token ends with its account, and with the pod it is bound to."""
        private = claims["kubernetes.io"]
        namespace, account = private["namespace"], private["serviceaccount"]
        found = self._store.get(("", "serviceaccounts"), namespace, account["name"])
        if found is None or found["metadata"]["uid"] != account["uid"]:
            raise BadToken("service account token has been invalidated")
        user = service_account(namespace, account["name"], account["uid"])
        extra = {CREDENTIAL: [f"JTI={claims['jti']}"]}
        for kind, plural in (("pod", "pods"), ("secret", "secrets")):
            bound = private.get(kind)
            if bound is None:
                continue
            thing = self._store.get(("", plural), namespace, bound["name"])
            if thing is None or thing["metadata"]["uid"] != bound["uid"]:
                raise BadToken("service account token has been invalidated")
            if kind == "pod":
                extra["authentication.kubernetes.io/pod-name"] = [bound["name"]]
                extra["authentication.kubernetes.io/pod-uid"] = [bound["uid"]]
        return Bearer(User(user.name, user.groups, user.uid, extra), audiences)


def _new_key() -> tuple[int, int]:
    """The modulus and the private exponent of an RSA key, as openssl makes it."""
    text = _openssl("genrsa", "2048")
    done = subprocess.run(
        ["openssl", "rsa", "-noout", "-text"], input=text, capture_output=True, text=True,
        check=True,
    )
    parts = re.split(r"^(\w+):.*$", done.stdout, flags=re.MULTILINE)
    numbers = {
        name: int(re.sub(r"[^0-9a-f]", "", body), 16)
        for name, body in zip(parts[1::2], parts[2::2], strict=False)
        if name in ("modulus", "privateExponent")
    }
    return numbers["modulus"], numbers["privateExponent"]
