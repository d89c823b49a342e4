# SPDX-License-Identifier: Apache-2.0
"""The paths that are not about objects: discovery, OpenAPI, health, version, keys."""

from __future__ import annotations

from typing import Any

from ..model import discovery, openapi, schemas
from ..model.failures import Object
from .authority import ISSUER, Tokens
from .catalog import Catalog

_MINOR = schemas.VERSION.split(".")[1]
VERSION: Object = {
    "major": "1", "minor": _MINOR, "gitVersion": f"v{schemas.VERSION}", "gitCommit": "",
    "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "",
    "compiler": "", "platform": "linux/amd64",
}
HEALTH = ("/healthz", "/livez", "/readyz")


class Documents:
    """Answers what clients ask before they ask for objects."""

    def __init__(self, catalog: Catalog, tokens: Tokens, address: str) -> None:
        self._catalog = catalog
        self._tokens = tokens
        self._address = address
        self._made: dict[str, Object] = {}
        self._digests: dict[str, str] = {}

    def forget(self) -> None:
        """Kinds have come or gone."""
        self._made.clear()
        self._digests.clear()

    def find(self, path: str, accept: str) -> tuple[Any, str] | None:
        """A document and its type of content; None if there is none at this path."""
        plain = "application/json"
        path = path.rstrip("/") or "/"
        if path in HEALTH or path.startswith(tuple(f"{each}/" for each in HEALTH)):
            return "ok", "text/plain; charset=utf-8"
        match path.split("/")[1:]:
            case ["version"]:
                return VERSION, plain
            case [""]:
                return {"paths": self._paths()}, plain
            case ["api"]:
                return self._groups(True, accept)
            case ["apis"]:
                return self._groups(False, accept)
            case ["api", "v1"]:
                return discovery.resource_list(self._catalog.resources, "", "v1"), plain
            case ["apis", group]:
                versions = discovery.groups(self._catalog.resources).get(group)
                return (discovery.group(group, versions), plain) if versions else None
            case ["apis", group, version] if (group, version) in self._catalog.versions():
                return discovery.resource_list(self._catalog.resources, group, version), plain
            case ["openapi", "v2"]:
                return self._version_2(), plain
            case ["openapi", "v3"]:
                return openapi.index(self._catalog.versions(), self._all_digests()), plain
            case ["openapi", "v3", "api", "v1"]:
                return self._document("", "v1"), plain
            case ["openapi", "v3", "apis", group, version] if (
                (group, version) in self._catalog.versions()
            ):
                return self._document(group, version), plain
            case [".well-known", "openid-configuration"]:
                return {
                    "issuer": ISSUER, "jwks_uri": f"https://{self._address}/openid/v1/jwks",
                    "response_types_supported": ["id_token"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }, plain
            case ["openid", "v1", "jwks"]:
                return self._tokens.keys, "application/jwk-set+json"
        return None

    def _paths(self) -> list[str]:
        versions = self._catalog.versions()
        found = ["/" + openapi.path_of(group, version) for group, version in versions]
        groups = [f"/apis/{group}" for group, _ in versions if group]
        return sorted({"/api", "/apis", *found, *groups, *HEALTH, "/openapi/v2", "/openapi/v3",
                       "/version"})

    def _groups(self, is_core: bool, accept: str) -> tuple[Object, str]:
        resources = self._catalog.resources
        for form in ("v2", "v2beta1"):
            wanted = f"g=apidiscovery.k8s.io;v={form};as=APIGroupDiscoveryList"
            if wanted in accept.replace(" ", ""):
                document = discovery.aggregated(resources, is_core, form)
                return document, f"application/json;{wanted}"
        if is_core:
            return discovery.core_versions(self._address), "application/json"
        return discovery.group_list(resources), "application/json"

    def _document(self, group: str, version: str) -> Object:
        path = openapi.path_of(group, version)
        if path not in self._made:
            self._made[path] = self._catalog.document(group, version)
        return self._made[path]

    def _all_digests(self) -> dict[str, str]:
        for group, version in self._catalog.versions():
            path = openapi.path_of(group, version)
            if path not in self._digests:
                self._digests[path] = openapi.digest(self._document(group, version))
        return self._digests

    def _version_2(self) -> Object:
        if "v2" not in self._made:
            self._made["v2"] = openapi.version_2(
                self._catalog.resources, self._catalog.custom_schemas()
            )
        return self._made["v2"]
