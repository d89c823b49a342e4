# SPDX-License-Identifier: Apache-2.0
"""libnftables: runs the commands that `nft -f` would, in the network of the calling thread."""

from __future__ import annotations

import ctypes


class Nftables:
    """One context of the library."""

    def __init__(self) -> None:
        library = ctypes.CDLL("libnftables.so.1")
        library.nft_ctx_new.restype = ctypes.c_void_p
        library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        for name in ("nft_ctx_buffer_error", "nft_ctx_buffer_output", "nft_ctx_free",
                     "nft_ctx_get_error_buffer"):
            getattr(library, name).argtypes = [ctypes.c_void_p]
        library.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self._library = library
        self._context = library.nft_ctx_new(0)
        library.nft_ctx_buffer_error(self._context)
        library.nft_ctx_buffer_output(self._context)

    def run(self, commands: str) -> None:
        """Runs all of them or none; raises OSError with the library's complaint."""
        if self._library.nft_run_cmd_from_buffer(self._context, commands.encode()) != 0:
            complaint = self._library.nft_ctx_get_error_buffer(self._context) or b""
            raise OSError(f"nftables: {complaint.decode(errors='replace')[:500]}")
