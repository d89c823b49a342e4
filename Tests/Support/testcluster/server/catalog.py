# SPDX-License-Identifier: Apache-2.0
"""Which kinds are served now: Kubernetes' own, and those that CRDs define."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model import (
    decoding, defaults, failures, gojson, goyaml, openapi, schemas, structural,
)
from ..model.failures import Object, bad_request
from ..model.kinds import BUILT_IN, SUBRESOURCE_SCHEMAS, Resource
from ..model.schemas import Schema

_BUILT_IN_KINDS = {(each.api_version, each.kind) for each in BUILT_IN}
# Kinds that Kubernetes wants to see used no more.
_DEPRECATED = {
    ("", "endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1"
    " EndpointSlice",
}
CRDS = ("apiextensions.k8s.io", "customresourcedefinitions")


@dataclass
class Served:
    """A kind at one version, and how its objects are read."""

    resource: Resource
    schema: Schema
    # Of custom kinds: the schema as the CRD has it, and the columns that it names.
    own_schema: Schema | None = None
    columns: Sequence[Object] = ()
    scale: Object | None = None
    # Whether anybody is warned.
    is_deprecated: bool = False
    warning: str = ""

    @property
    def group(self) -> str:
        """Its group."""
        return self.resource.group

    @property
    def plural(self) -> str:
        """Its plural name."""
        return self.resource.plural

    def decode(self, body: Any, namespace: str, strictness: str) -> tuple[Object, list[str]]:
        """An object of this kind, and warnings of what was dropped; raises a Failure."""
        resource = self.resource
        repeated = gojson.complaints(body)
        if not isinstance(body, dict):
            text = json.dumps(body, separators=(",", ":"))
            what = "array" if isinstance(body, list) else gojson.kind_of(body)
            raise bad_request(
                f"the object provided is unrecognized (must be of type {self.resource.kind}):"
                f" couldn't get version/kind; json parse error: json: cannot unmarshal {what} into"
                ' Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\"";'
                f' Kind string "json:\\"kind,omitempty\\"" }} ({text.encode().hex()})'
            )
        self._check_kind(body)
        body = {"kind": resource.kind, "apiVersion": resource.api_version} | body
        body["metadata"] = body.get("metadata") or {}
        if self.own_schema is None:
            result = decoding.decode(body, self.schema, resource.kind, resource.version)
            thing, unknown = result.value, result.unknown
            thing.setdefault("metadata", {})
            defaults.fill(resource.key, thing)
        else:
            thing, unknown = self._decode_custom(body)
        warnings = []
        texts = [f'unknown field "{name}"' for name in unknown]
        # What is not known at all is not counted either.
        repeated = [
            each for each in repeated if each.replace("duplicate", "unknown", 1) not in texts
        ]
        if (texts or repeated) and strictness != "Ignore":
            if strictness == "Strict":
                first = repeated
                if repeated and repeated[0].startswith("line "):
                    first = [goyaml.error_of(repeated)]
                why = "strict decoding error: " + ", ".join([*first, *texts])
                raise decoding.cannot_be_handled(resource.kind, resource.version, why)
            warnings = [*repeated, *texts]
        if resource.is_namespaced:
            own = thing["metadata"].get("namespace")
            if own and namespace and own != namespace:
                raise bad_request(
                    "the namespace of the provided object does not match the namespace sent on"
                    " the request"
                )
            if namespace:
                thing["metadata"]["namespace"] = namespace
        elif thing["metadata"].get("namespace"):
            raise bad_request("namespace may not be set on a cluster-scoped object")
        return thing, warnings

    def _check_kind(self, body: Object) -> None:
        resource = self.resource
        kind, version = body.get("kind"), body.get("apiVersion")
        if self.own_schema is not None and not kind:
            text = json.dumps(body)
            raise bad_request(
                f"the object provided is unrecognized (must be of type {resource.kind}): Object"
                f" 'Kind' is missing in '{text}' ({text[:30]} ...)"
            )
        if kind and version and (kind, version) != (resource.kind, resource.api_version):
            last = str(version).rpartition("/")[2]
            if self.own_schema is not None:
                if version == resource.api_version:
                    name = (body.get("metadata") or {}).get("name", "")
                    raise failures.invalid(resource.group, str(kind), name, [failures.wrong(
                        "kind", kind, f"must be {resource.kind}"
                    )])
                raise bad_request(
                    f"the API version in the data ({version}) does not match the expected API"
                    f" version ({resource.api_version})"
                )
            why = (
                f'no kind "{kind}" is registered for version "{version}" in scheme'
                ' "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"'
            )
            if (str(version), str(kind)) in _BUILT_IN_KINDS:
                why = (
                    f"converting ({last}.{kind}) to ({resource.group.split('.')[0] or 'core'}."
                    f"{resource.kind}): unknown conversion"
                )
            raise bad_request(
                f'{kind} in version "{last}" cannot be handled as a {resource.kind}: {why}'
            )

    def _decode_custom(self, body: Object) -> tuple[Object, list[str]]:
        resource = self.resource
        assert self.own_schema is not None
        meta = decoding.decode(
            body["metadata"], schemas.named(schemas.OBJECT_META), resource.kind, resource.version
        )
        unknown = [f"metadata.{name}" for name in meta.unknown]
        thing, more = structural.prune(body | {"metadata": meta.value}, self.own_schema)
        return structural.fill(thing, self.own_schema), unknown + more

    def fill(self, thing: Object) -> Object:
        """The object with all defaults, once more after it was changed."""
        if self.own_schema is not None:
            return dict(structural.fill(thing, self.own_schema))
        defaults.fill(self.resource.key, thing)
        return thing


@dataclass
class Catalog:
    """All that is served."""

    served: dict[tuple[str, str, str], Served] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for resource in BUILT_IN:
            warning = _DEPRECATED.get(resource.key, "")
            self._add(Served(
                resource, schemas.named(resource.schema), is_deprecated=bool(warning),
                warning=warning,
            ))

    def _add(self, served: Served) -> None:
        resource = served.resource
        self.served[resource.group, resource.version, resource.plural] = served

    @property
    def resources(self) -> list[Resource]:
        """All kinds."""
        return [each.resource for each in self.served.values()]

    def find(self, group: str, version: str, plural: str) -> Served | None:
        """A kind by where it is served."""
        return self.served.get((group, version, plural))

    def find_kind(self, api_version: str, kind: str) -> Served | None:
        """A kind by the words in an object."""
        for each in self.served.values():
            if (each.resource.api_version, each.resource.kind) == (api_version, kind):
                return each
        return None

    def versions(self) -> list[tuple[str, str]]:
        """All groups and versions."""
        return list(dict.fromkeys((each.group, each.version) for each in self.resources))

    def names_taken(self, crd: Object) -> bool:
        """Whether a CRD's names are another kind's."""
        spec = crd["spec"]
        for each in self.resources:
            if each.group == spec["group"] and each.plural != spec["names"]["plural"]:
                if each.kind == spec["names"]["kind"]:
                    return True
        return False

    def define(self, crd: Object) -> None:
        """Serves what a CRD says."""
        self.forget(crd)
        spec = crd["spec"]
        names = spec["names"]
        for version in spec["versions"]:
            if not version.get("served"):
                continue
            own = (version.get("schema") or {}).get("openAPIV3Schema") or {"type": "object"}
            below = version.get("subresources") or {}
            resource = Resource(
                spec["group"], version["name"], names["kind"], names["plural"],
                spec["scope"] == "Namespaced", tuple(names.get("shortNames") or ()),
                tuple(names.get("categories") or ()),
                tuple(name for name in ("status", "scale") if below.get(name) is not None),
                singular=names.get("singular") or names["kind"].lower(),
                list_kind=names.get("listKind") or f"{names['kind']}List",
            )
            self._add(Served(
                resource, structural.completed(own), own,
                tuple(version.get("additionalPrinterColumns") or ()), below.get("scale"),
                bool(version.get("deprecated")), version.get("deprecationWarning", ""),
            ))

    def forget(self, crd: Object) -> None:
        """Serves it no more."""
        spec = crd["spec"]
        where = (spec["group"], spec["names"]["plural"])
        for key in [each for each in self.served if (each[0], each[2]) == where]:
            del self.served[key]

    def document(self, group: str, version: str) -> Object:
        """OpenAPI of one group and version."""
        some = [each for each in self.resources if (each.group, each.version) == (group, version)]
        return openapi.version_3(some, self.custom_schemas())

    def custom_schemas(self) -> dict[tuple[str, str, str], Schema]:
        """The schemas of custom kinds."""
        return {
            key: each.own_schema
            for key, each in self.served.items() if each.own_schema is not None
        }


def decode_subresource(subresource: str, body: Any) -> Object:
    """The object that a subresource takes where it is not the kind itself."""
    name = SUBRESOURCE_SCHEMAS[subresource]
    kind = name.rsplit(".", 1)[1]
    version = name.rsplit(".", 2)[1]
    if not isinstance(body, dict):
        raise bad_request(f"a {kind} is wanted")
    value = decoding.decode(body, schemas.named(name), kind, version).value
    return dict(value)

