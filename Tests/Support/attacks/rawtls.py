# SPDX-License-Identifier: Apache-2.0
"""TLS 1.3 clients that know their keys, and so can send records that no library would.

Python's ssl makes the handshake and tells the secrets (the key log of NSS); the records after it
are sealed here (RFC 8446 sections 5.2 and 7.3), with OpenSSL's AES-GCM.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import hashlib
import hmac
import os
import secrets
import socket
import ssl
import struct
from pathlib import Path

ALERT, HANDSHAKE, DATA = 21, 22, 23
KEY_UPDATE = 24
ALPN = "transport.l5d.io/v1"


def transport_header(port: int, name: str = "") -> bytes:
    """What a client of the mesh says first."""
    message = b"\x08" + varint(port)
    if name:
        message += b"\x12" + varint(len(name)) + name.encode()
    return ALPN.encode() + b"\r\n\r\n" + struct.pack(">I", len(message)) + message


def varint(value: int) -> bytes:
    """As protobuf has it."""
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def context(folder: Path, files: str | None, alpn: str | None = ALPN) -> ssl.SSLContext:
    """A client's context; no files, no certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.load_verify_locations(folder / "ca.crt")
    if files:
        made.load_cert_chain(folder / f"{files}.crt", folder / f"{files}.key")
    if alpn:
        made.set_alpn_protocols([alpn])
    return made


def hello(made: ssl.SSLContext, name: str) -> bytes:
    """A ClientHello, and nothing else."""
    outgoing = ssl.MemoryBIO()
    session = made.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


class RawTLS:
    """A connection whose handshake is done; `seal` makes records of its client's."""

    def __init__(self, plain: socket.socket, folder: Path, files: str | None, name: str) -> None:
        made = context(folder, files)
        log = folder / f"keys-{secrets.token_hex(8)}"
        made.keylog_filename = str(log)
        self.socket = made.wrap_socket(plain, server_hostname=name)
        self._secret = b""
        for line in log.read_text().splitlines():
            words = line.split()
            if words[0] == "CLIENT_TRAFFIC_SECRET_0":
                self._secret = bytes.fromhex(words[2])
        chosen = self.socket.cipher()
        if not chosen or chosen[0] != "TLS_AES_256_GCM_SHA384":
            raise RuntimeError(f"this knows one cipher suite, and not {chosen}")
        self._take_keys()
        self._is_reset = False
        self.descriptor = self.socket.fileno()

    def _take_keys(self) -> None:
        self._seal = AESGCM(expand(self._secret, "key", 32))
        self._nonce = int.from_bytes(expand(self._secret, "iv", 12), "big")
        self._sequence = 0

    def seal(self, kind: int, content: bytes, padding: int = 0) -> bytes:
        """One record."""
        inner = content + bytes([kind]) + bytes(padding)
        head = b"\x17\x03\x03" + struct.pack(">H", len(inner) + 16)
        nonce = (self._nonce ^ self._sequence).to_bytes(12, "big")
        self._sequence += 1
        return head + self._seal(nonce, head, inner)

    def key_update(self, is_requested: bool) -> bytes:
        """One record, behind which the keys are new (RFC 8446 section 4.6.3)."""
        record = self.seal(HANDSHAKE, bytes([KEY_UPDATE, 0, 0, 1, int(is_requested)]))
        self._secret = expand(self._secret, "traffic upd", 48)
        self._take_keys()
        return record

    def send_raw(self, records: bytes) -> None:
        """Past the library; that the other side ends it meanwhile is no error here."""
        with socket.socket(fileno=os.dup(self.descriptor)) as plain:
            plain.settimeout(5)
            try:
                plain.sendall(records)
            except ConnectionError:
                self._is_reset = True

    def was_reset(self) -> bool:
        """Whether the other side ends it by a reset, at once."""
        # The kernel says so once, to whoever asks first.
        if self._is_reset:
            return True
        with socket.socket(fileno=os.dup(self.descriptor)) as plain:
            plain.settimeout(5)
            try:
                while plain.recv(65536):
                    pass
            except ConnectionResetError:
                return True
            except OSError:
                return False
        return False

    def close(self) -> None:
        """Without a word."""
        self.socket.close()


def expand(secret: bytes, label: str, count: int) -> bytes:
    """HKDF-Expand-Label with SHA-384 and no context (RFC 8446 section 7.1)."""
    name = b"tls13 " + label.encode()
    info = struct.pack(">HB", count, len(name)) + name + b"\0"
    return hmac.new(secret, info + b"\x01", hashlib.sha384).digest()[:count]


class AESGCM:
    """AES-256-GCM by libcrypto."""

    _lib = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
    _lib.EVP_CIPHER_CTX_new.restype = ctypes.c_void_p
    _lib.EVP_aes_256_gcm.restype = ctypes.c_void_p
    _cipher = ctypes.c_void_p(_lib.EVP_aes_256_gcm())

    def __init__(self, key: bytes) -> None:
        self._context = ctypes.c_void_p(self._lib.EVP_CIPHER_CTX_new())
        self._lib.EVP_EncryptInit_ex(self._context, self._cipher, None, key, None)

    def __del__(self) -> None:
        self._lib.EVP_CIPHER_CTX_free(self._context)

    def __call__(self, nonce: bytes, head: bytes, plain: bytes) -> bytes:
        """The sealed bytes with their tag."""
        count = ctypes.c_int()
        output = ctypes.create_string_buffer(len(plain) + 16)
        tag = ctypes.create_string_buffer(16)
        lib, made = self._lib, self._context
        lib.EVP_EncryptInit_ex(made, None, None, None, nonce)
        lib.EVP_EncryptUpdate(made, None, ctypes.byref(count), head, len(head))
        lib.EVP_EncryptUpdate(made, output, ctypes.byref(count), plain, len(plain))
        lib.EVP_EncryptFinal_ex(made, output, ctypes.byref(count))
        lib.EVP_CIPHER_CTX_ctrl(made, 0x10, 16, tag)
        return output.raw[: len(plain)] + tag.raw
