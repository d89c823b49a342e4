# SPDX-License-Identifier: Apache-2.0
"""The images of the bench: folders made of what this machine has, not of what a registry has."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from .errors import BenchError, call
from .spec import ImageConfig

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
EXECUTABLES = ("meshctl", "meshctl-proxy", "meshctl-init")

# What nginxdemos/hello:plain-text answers, but for its request number.
NGINX_CONFIG = """
user www-data;
worker_processes 1;
daemon off;
pid /run/nginx.pid;
error_log /dev/stderr;
events { worker_connections 256; }
http {
    access_log /dev/stdout;
    server {
        listen 80;
        listen [::]:80;
        location / {
            default_type text/plain;
            set $server "Server address: $server_addr:$server_port\\nServer name: $hostname\\n";
            return 200 "${server}URI: $request_uri\\n";
        }
    }
}
"""


@dataclass
class Image:
    """A root, and what is mounted over it from this machine, read-only."""

    root: Path
    config: ImageConfig
    binds: list[str] = field(default_factory=list)


class Images:
    """Makes each image once."""

    def __init__(self, folder: Path, build: Path) -> None:
        self._folder = folder
        self._build = build
        self._made: dict[str, Image] = {}

    def find(self, reference: str) -> Image:
        """The image of a reference; its tag does not count."""
        name = re.sub(r"(@.*|:[^/]*)$", "", reference)
        if name not in self._made:
            makers = {
                "nginxdemos/hello": self._make_nginx,
                "ghcr.io/meshctl/meshctl": self._make_meshctl,
                "ghcr.io/meshctl/debug": self._make_debug,
            }
            if name not in makers:
                raise BenchError(f"the bench has no image {name}, only {', '.join(makers)}")
            self._made[name] = makers[name]()
        return self._made[name]

    def _skeleton(self, name: str) -> Path:
        root = self._folder / name
        for folder in ("dev", "proc", "sys", "etc", "run", "var", "usr"):
            (root / folder).mkdir(parents=True)
        (root / "tmp").mkdir(mode=0o1777)
        (root / "tmp").chmod(0o1777)
        (root / "var/run").symlink_to("/run")
        return root

    def _machine(self, name: str) -> Path:
        """A root for an image that has all of this machine's /usr, such as curl."""
        root = self._skeleton(name)
        for link in ("bin", "sbin", "lib", "lib32", "lib64"):
            if Path("/usr", link).exists():
                (root / link).symlink_to(f"usr/{link}")
        for file in ("passwd", "group", "nsswitch.conf", "ld.so.cache", "ssl/openssl.cnf"):
            if Path("/etc", file).exists():
                (root / "etc" / file).parent.mkdir(exist_ok=True)
                shutil.copy(Path("/etc", file), root / "etc" / file)
        return root

    def _make_debug(self) -> Image:
        """Programs to look with, and one that waits."""
        waiting = ["sh", "-c", "trap 'exit 0' TERM; sleep infinity & wait"]
        config = ImageConfig(command=waiting, environment={"PATH": SEARCH_PATH})
        return Image(self._machine("debug"), config, ["/usr"])

    def _make_nginx(self) -> Image:
        """Debian's nginx, with a page that says which pod it is of."""
        if not Path("/usr/sbin/nginx").exists():
            raise BenchError("there is no nginx; run: Scripts/setup demo")
        root = self._machine("nginx")
        (root / "etc/nginx").mkdir()
        (root / "etc/nginx/nginx.conf").write_text(NGINX_CONFIG)
        for folder in ("var/lib/nginx", "var/log/nginx"):
            (root / folder).mkdir(parents=True)
        config = ImageConfig(
            command=["nginx"], environment={"PATH": SEARCH_PATH}, stop_signal="QUIT"
        )
        return Image(root, config, ["/usr"])

    def _make_meshctl(self) -> Image:
        """The executables that were built, the libraries that they name, and nothing else."""
        root = self._skeleton("meshctl")
        folder = root / "usr/local/bin"
        folder.mkdir(parents=True)
        libraries: set[str] = set()
        for name in EXECUTABLES:
            source = self._build / name
            if not source.exists():
                raise BenchError(f"there is no {source}; run: swift build --product {name}")
            call("cp", source, folder / name)
            # A static executable is none that ldd knows, and it names no library.
            if "INTERP" not in call("readelf", "-lW", source):
                continue
            for line in call("ldd", source).splitlines():
                if match := re.search(r"(?:=>|^)\s*(/\S+) \(0x", line):
                    libraries.add(match[1])
        for library in sorted(libraries):
            # Where the executable looks for it: links to folders, such as /lib, become folders.
            target = root / library.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)
        (root / "etc/passwd").write_text("root:x:0:0::/:\nnobody:x:65534:65534::/:\n")
        call("setcap", "cap_net_admin,cap_net_raw+ep", folder / "meshctl-init")
        return Image(root, ImageConfig(environment={"PATH": SEARCH_PATH}))
