# SPDX-License-Identifier: Apache-2.0
"""The verbs: create, replace, patch, apply and delete, with all that happens on the way of a write.

Only the call-outs of admission wait. Whoever finds after them that the object has been written
meanwhile begins again, as with etcd.
"""

from __future__ import annotations

import copy
import datetime
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..model import (
    evolving, failures, gojson, goyaml, managing, merging, names, strategic, structural, typing,
    validating,
)
from ..model.failures import Failure, Object
from . import strategies
from .admission import Admission, Attributes
from .catalog import CRDS, Catalog, Served
from .options import Options
from .store import Store

# LIMIT: how often a write without a version begins again; Kubernetes' own for patches.
TRIES = 5
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
APPLY = "application/apply-patch+yaml"
JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY)
FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"
# Kinds whose deletion answers with the object.
_RETURNED = {
    ("", "pods"), ("", "podtemplates"), ("", "serviceaccounts"), ("", "services"),
    ("", "persistentvolumeclaims"), ("", "resourcequotas"),
}


def now_text() -> str:
    """The time as objects have it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Candidate:
    """What a write makes of an object, and its managers where it is an apply."""

    thing: Object
    managers: managing.Managers | None = None
    # A patch speaks of the fields that it names; a whole object of all.
    is_patch: bool = False


Writer = Callable[[Object], Candidate]


class Api:
    """The verbs over one store."""

    def __init__(self, store: Store, catalog: Catalog, admission: Admission) -> None:
        self.store = store
        self.catalog = catalog
        self.admission = admission
        self.addresses = strategies.Addresses(store)

    def get(self, served: Served, namespace: str, name: str) -> Object:
        """An object; raises a Failure if there is none."""
        found = self.store.get(served.resource.key, namespace, name)
        if found is None:
            raise failures.not_found(served.group, served.plural, name)
        return self.shown(served, found)

    def shown(self, served: Served, thing: Object) -> Object:
        """An object in the version it was asked for in."""
        wanted = served.resource.api_version
        if thing.get("apiVersion") == wanted:
            return thing
        if served.own_schema is not None:
            pruned: Object = structural.prune(thing, served.own_schema)[0]
            return pruned | {"apiVersion": wanted}
        return strategies.converted(thing, wanted)

    async def create(
        self, served: Served, namespace: str, body: Any, options: Options
    ) -> Object:
        """A new object."""
        thing, warnings = served.decode(body, namespace, options.strictness)
        options.warnings += warnings
        if thing["metadata"].get("resourceVersion"):
            raise Failure(500, "", "resourceVersion should not be set on objects to be created")
        return await self._create(served, namespace, Candidate(thing), options)

    async def _create(
        self, served: Served, namespace: str, made: Candidate, options: Options
    ) -> Object:
        resource = served.resource
        thing = copy.deepcopy(made.thing)
        metadata = thing["metadata"]
        if not metadata.get("name") and metadata.get("generateName"):
            suffix = "".join(secrets.choice(_SUFFIX) for _ in range(5))
            metadata["name"] = metadata["generateName"][: 63 - 5] + suffix
        name = metadata.get("name", "")
        if not name and resource.is_stored:
            raise failures.invalid(
                resource.group, resource.kind, name, names.metadata(thing, resource.key, False)
            )
        thing = evolving.created(resource, thing, str(uuid.uuid4()), now_text())
        thing = served.fill(thing)
        managers = made.managers
        if managers is None:
            change = self._change(options, resource.api_version)
            managers = managing.update(
                strategies.zero(served), _without_status(served, thing), {}, served.schema, change
            )
        thing = managing.written(thing, managers)
        strategies.check_namespace(self, served, namespace, name)
        strategies.admit_create(self, served, thing)
        about = Attributes("CREATE", served, namespace, name, options, thing, None)
        thing = await self.admission.mutate(about)
        thing = served.fill(self._read_again(served, thing))
        strategies.before_create(self, served, thing, options)
        self._validate(served, thing, None)
        about.thing = thing
        await self.admission.validate(about)
        if self.store.get(resource.key, namespace, name) is not None:
            raise failures.already_exists(resource.group, resource.plural, name)
        strategies.check_namespace(self, served, namespace, name)
        if options.is_dry:
            strategies.forget(self, served, thing)
            return thing
        return self.store.put(resource.key, thing)

    def reviewed(
        self, served: Served, answer: Object, asked: Object, options: Options
    ) -> Object:
        """A review's answer, with who has asked as its manager."""
        if served.plural == "selfsubjectreviews":
            metadata = answer["metadata"] | {"creationTimestamp": now_text()}
            return answer | {"metadata": metadata}
        change = self._change(options, served.resource.api_version)
        empty = strategies.zero(served)
        managers = managing.update(
            empty, {key: value for key, value in asked.items() if key != "status"}, {},
            served.schema, change,
        )
        found = managing.written(answer, managers)
        return found

    def _change(self, options: Options, api_version: str, subresource: str = "") -> (
        managing.Change
    ):
        # What is written through scale has no time in Kubernetes either.
        time = "" if subresource == "scale" else now_text()
        return managing.Change(options.manager, api_version, time, subresource, options.forces)

    def _read_again(self, served: Served, thing: Object) -> Object:
        """What a webhook has made of an object, without what the schema does not know."""
        namespace = thing["metadata"].get("namespace", "")
        try:
            return served.decode(thing, namespace, "Ignore")[0]
        except Failure as failure:
            # It is the webhook that is wrong here, not the client.
            raise failures.internal(
                str(failure).rpartition(f"cannot be handled as a {served.resource.kind}: ")[2]
            ) from None

    def _validate(self, served: Served, new: Object, old: Object | None) -> None:
        resource = served.resource
        found = names.metadata(new, resource.key, resource.is_namespaced)
        if old is not None:
            found += names.metadata_change(new, old)
        if resource.key == CRDS:
            found += structural.crd_faults(new, old)
        elif served.own_schema is not None:
            found += structural.faults(
                {k: v for k, v in new.items() if k != "metadata"}, served.own_schema
            )
        else:
            found += validating.faults(resource.key, new, old)
        if found:
            raise failures.invalid(
                resource.group, resource.kind, new["metadata"].get("name", ""), found
            )

    async def replace(
        self, served: Served, namespace: str, name: str, body: Any, options: Options,
        subresource: str = "",
    ) -> tuple[Object, bool]:
        """The object as it is given; also whether it is a new one."""
        thing, warnings = served.decode(body, namespace, options.strictness)
        options.warnings += warnings
        own = thing["metadata"].get("name")
        if not own:
            raise failures.bad_request(
                f"the name of the object ({name} based on URL) was undeterminable: name must be"
                " provided"
            )
        if own != name:
            raise failures.bad_request(
                f"the name of the object ({own}) does not match the name on the URL ({name})"
            )
        if self.store.get(served.resource.key, namespace, name) is None:
            if served.resource.key in strategies.CREATED_BY_PUT and not subresource:
                thing["metadata"].pop("resourceVersion", None)
                return await self._create(served, namespace, Candidate(thing), options), True
            raise failures.not_found(served.group, served.plural, name)
        return await self.write(
            served, namespace, name, lambda _old: Candidate(copy.deepcopy(thing)), options,
            subresource,
        ), False

    async def patch(
        self, served: Served, namespace: str, name: str, kind: str, patch: Any,
        options: Options, subresource: str = "",
    ) -> tuple[Object, bool]:
        """The object with a patch applied; also whether it is a new one."""
        if kind == APPLY:
            return await self._apply(served, namespace, name, patch, options, subresource)
        if kind == STRATEGIC_PATCH and served.own_schema is not None:
            raise failures.unsupported_media([JSON_PATCH, MERGE_PATCH, APPLY])

        def writer(old: Object) -> Candidate:
            made = self._patched(served, old, kind, patch)
            thing, warnings = served.decode(made, namespace, "Warn")
            warnings = [*gojson.complaints(patch), *warnings]
            if warnings and options.strictness == "Strict":
                text = gojson.dumps(made)
                if kind == STRATEGIC_PATCH:
                    text = gojson.printed(patch)
                raise failures.invalid("", "", "", [failures.wrong(
                    "patch", text, "strict decoding error: " + ", ".join(warnings)
                )])
            if options.strictness != "Ignore":
                options.warnings[:] = warnings
            _check_name(thing, name)
            return Candidate(thing, is_patch=True)

        return await self.write(served, namespace, name, writer, options, subresource), False

    def _patched(self, served: Served, old: Object, kind: str, patch: Any) -> Any:
        if kind == JSON_PATCH:
            if not isinstance(patch, list):
                raise failures.bad_request(
                    "error decoding patch: json: cannot unmarshal object into Go value of type"
                    " []handlers.jsonPatchOp"
                )
            try:
                return merging.apply(old, patch)
            except merging.PatchError as error:
                raise Failure(
                    422, "Invalid",
                    "the server rejected our request due to an error in our request", {}
                ) from error
        if not isinstance(patch, dict):
            raise failures.bad_request("json: cannot unmarshal into Go value of type map")
        if kind == MERGE_PATCH:
            return merging.merge(old, patch)
        try:
            return strategic.merge(old, patch, served.schema)
        except merging.PatchError as error:
            raise Failure(500, "", str(error)) from error

    async def _apply(
        self, served: Served, namespace: str, name: str, body: Any, options: Options,
        subresource: str,
    ) -> tuple[Object, bool]:
        if not isinstance(body, dict):
            raise failures.bad_request("error decoding YAML: an object is wanted")
        if not body.get("apiVersion") or not body.get("kind"):
            group, _, version = str(body.get("apiVersion", "")).rpartition("/")
            raise failures.bad_request(
                f"invalid object type: {group}/{version}, Kind={body.get('kind', '')}"
            )
        if body.get("metadata", {}).get("managedFields"):
            raise failures.bad_request("metadata.managedFields must be nil")
        repeated = gojson.complaints(body)
        body = body | {"metadata": {"name": name} | (body.get("metadata") or {})}
        typing.check(body, served.schema)
        config = dict(body)
        if repeated and options.strictness == "Strict":
            raise failures.bad_request(
                "error strict decoding YAML: error converting YAML to JSON: "
                + goyaml.error_of(repeated)
            )
        if options.strictness != "Ignore":
            options.warnings += repeated
        change = self._change(options, served.resource.api_version, subresource)
        if self.store.get(served.resource.key, namespace, name) is None:
            if subresource:
                raise failures.not_found(served.group, served.plural, name)
            empty: Object = {
                "apiVersion": config["apiVersion"], "kind": config["kind"], "metadata": {}
            }
            thing, managers = managing.apply(empty, config, {}, served.schema, change)
            thing["metadata"].pop("resourceVersion", None)
            made = Candidate(served.decode(thing, namespace, "Ignore")[0], managers)
            _check_name(made.thing, name)
            return await self._create(served, namespace, made, options), True

        def writer(old: Object) -> Candidate:
            thing, managers = managing.apply(
                old, config, managing.read(old), served.schema, change
            )
            made = served.decode(thing, namespace, "Ignore")[0]
            _check_name(made, name)
            return Candidate(made, managers, is_patch=True)

        return await self.write(served, namespace, name, writer, options, subresource), False

    async def write(
        self, served: Served, namespace: str, name: str, writer: Writer, options: Options,
        subresource: str = "",
    ) -> Object:
        """The next version of an object."""
        resource = served.resource
        for _ in range(TRIES):
            stored = self.store.get(resource.key, namespace, name)
            if stored is None:
                raise failures.not_found(resource.group, resource.plural, name)
            old = self.shown(served, stored)
            made = writer(copy.deepcopy(old))
            version = made.thing["metadata"].get("resourceVersion")
            is_bound = version not in (None, "", "0") and version != old["metadata"][
                "resourceVersion"
            ]
            self._check_version(served, name, made, old)
            new = await self._evolve(served, old, made, options, subresource, name)
            if evolving.is_same(old, new):
                return old
            if self.store.get(resource.key, namespace, name) is not stored:
                if is_bound:
                    raise failures.conflict(resource.group, resource.plural, name)
                continue
            if options.is_dry:
                return new
            return self._commit(served, new)
        raise failures.conflict(resource.group, resource.plural, name)

    def _check_version(self, served: Served, name: str, made: Candidate, old: Object) -> None:
        resource, new = served.resource, made.thing
        version = new["metadata"].get("resourceVersion")
        if not version:
            if served.own_schema is not None or resource.key in strategies.VERSION_NEEDED:
                raise failures.invalid(resource.group, resource.plural, name, [failures.wrong(
                    "metadata.resourceVersion", 0, "must be specified for an update"
                )])
        elif version != "0" and version != old["metadata"]["resourceVersion"]:
            raise failures.conflict(resource.group, resource.plural, name)
        wanted, own = new["metadata"].get("uid"), old["metadata"].get("uid")
        if wanted and wanted != own:
            if made.is_patch:
                fault = failures.wrong("metadata.uid", wanted, "field is immutable")
                raise failures.invalid(resource.group, resource.kind, name, [fault, fault])
            folder = "/".join(filter(None, (
                resource.group, resource.plural, old["metadata"].get("namespace"), name
            )))
            raise failures.conflict(
                resource.group, resource.plural, name,
                f"StorageError: invalid object, Code: 4, Key: /registry/{folder},"
                f" ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in"
                f" precondition: {wanted}, UID in object meta: {own}",
            )

    async def _evolve(
        self, served: Served, old: Object, made: Candidate, options: Options, subresource: str,
        name: str,
    ) -> Object:
        resource = served.resource
        new = served.fill(evolving.updated(resource, old, made.thing, subresource))
        managers = made.managers
        if managers is None:
            kept = managing.read(made.thing)
            if made.thing["metadata"].get("managedFields") == [{}]:
                kept = {}
            elif "managedFields" not in made.thing["metadata"]:
                kept = managing.read(old)
            tracks = bool(old["metadata"].get("managedFields"))
            managers = {} if not tracks else managing.update(
                _compared(served, old, subresource), _compared(served, new, subresource), kept,
                served.schema, self._change(options, resource.api_version, subresource),
            )
        new = managing.written(new, managers)
        strategies.admit_update(self, served, new, options, subresource)
        namespace = old["metadata"].get("namespace", "")
        about = Attributes("UPDATE", served, namespace, name, options, new, old, subresource)
        changed = await self.admission.mutate(about)
        if changed is not new:
            new = evolving.updated(
                resource, old, served.fill(self._read_again(served, changed)), subresource
            )
        strategies.before_update(self, served, old, new)
        self._validate(served, new, old)
        about.thing = new
        await self.admission.validate(about)
        return new

    def _commit(self, served: Served, new: Object) -> Object:
        metadata = new["metadata"]
        key = served.resource.key
        is_over = metadata.get("deletionTimestamp") and not metadata.get("finalizers") and (
            metadata.get("deletionGracePeriodSeconds", 0) == 0
            and not (key == ("", "namespaces") and (new.get("spec") or {}).get("finalizers"))
        )
        if is_over:
            return self.store.remove(key, metadata.get("namespace", ""), metadata["name"], new)
        return self.shown(served, self.store.put(key, new))

    async def delete(
        self, served: Served, namespace: str, name: str, wish: Mapping[str, Any],
        options: Options,
    ) -> Object:
        """Begins the end of an object, or ends it; returns what the client is told."""
        resource = served.resource
        for _ in range(TRIES):
            stored = self.store.get(resource.key, namespace, name)
            if stored is None:
                raise failures.not_found(resource.group, resource.plural, name)
            _check_preconditions(served, name, stored, wish)
            if resource.key == strategies.NAMESPACES and name in strategies.IMMORTAL:
                raise failures.forbidden(
                    "", "namespaces", name, "this namespace may not be deleted"
                )
            about = Attributes("DELETE", served, namespace, name, options, None, stored)
            await self.admission.mutate(about)
            await self.admission.validate(about)
            if self.store.get(resource.key, namespace, name) is stored:
                return self._delete(served, stored, wish, options)
        raise failures.conflict(resource.group, resource.plural, name)

    def _delete(
        self, served: Served, stored: Object, wish: Mapping[str, Any], options: Options
    ) -> Object:
        key = served.resource.key
        metadata = dict(stored["metadata"])
        namespace, name = metadata.get("namespace", ""), metadata["name"]
        finalizers = _finalizers(metadata.get("finalizers") or [], wish)
        if key == CRDS and strategies.CRD_FINALIZER not in finalizers and not (
            metadata.get("deletionTimestamp")
        ):
            finalizers = [*finalizers, strategies.CRD_FINALIZER]
        grace = strategies.grace(key, stored, wish.get("gracePeriodSeconds"))
        is_held = bool(finalizers) or (
            key == ("", "namespaces") and bool((stored.get("spec") or {}).get("finalizers"))
        )
        if grace == 0 and not is_held:
            last = stored if options.is_dry else self.store.remove(key, namespace, name)
            if key == strategies.PODS:
                last = last | {"metadata": last["metadata"] | {
                    "deletionTimestamp": metadata.get("deletionTimestamp", now_text()),
                    "deletionGracePeriodSeconds": 0,
                }}
            return self._deleted(served, last)
        if metadata.get("deletionTimestamp") and (
            grace >= int(metadata.get("deletionGracePeriodSeconds", 0))
            and finalizers == (metadata.get("finalizers") or [])
        ):
            return self.shown(served, stored)
        then = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=grace)
        metadata["deletionTimestamp"] = then.strftime("%Y-%m-%dT%H:%M:%SZ")
        metadata["deletionGracePeriodSeconds"] = grace
        if evolving.has_generation(served.resource) and "generation" in metadata:
            metadata["generation"] += 1
        metadata.pop("finalizers", None)
        if finalizers:
            metadata["finalizers"] = finalizers
        new = stored | {"metadata": metadata}
        if key == CRDS:
            metadata.pop("deletionGracePeriodSeconds")
            metadata["generation"] = stored["metadata"].get("generation", 1)
            new["status"] = strategies.terminating(stored.get("status") or {}, now_text())
        if key == ("", "namespaces"):
            new["status"] = (stored.get("status") or {}) | {"phase": "Terminating"}
        return self.shown(served, new if options.is_dry else self.store.put(key, new))

    def _deleted(self, served: Served, last: Object) -> Object:
        resource = served.resource
        if resource.key in _RETURNED:
            return self.shown(served, last)
        about = failures.details(resource.group, resource.plural, last["metadata"]["name"])
        return {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": about | {"uid": last["metadata"]["uid"]},
        }


def _check_name(thing: Object, name: str) -> None:
    """An object is not renamed by a patch."""
    own = thing["metadata"].get("name")
    if own != name:
        raise failures.bad_request(
            f"the name of the object ({own}) does not match the name on the URL ({name})"
        )


def _without_status(served: Served, thing: Object) -> Object:
    if not served.resource.has_status:
        return thing
    return {key: value for key, value in thing.items() if key != "status"}


def _compared(served: Served, thing: Object, subresource: str) -> Object:
    """What of an object counts when it is asked who has changed what."""
    if subresource == "status":
        return {key: value for key, value in thing.items() if key in ("metadata", "status")}
    return _without_status(served, thing)


def _check_preconditions(
    served: Served, name: str, stored: Object, wish: Mapping[str, Any]
) -> None:
    wanted = wish.get("preconditions") or {}
    own = stored["metadata"]
    cases = (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    )
    for field, word, fate in cases:
        if wanted.get(field) and wanted[field] != own[field]:
            raise failures.conflict(
                served.group, served.resource.kind, name,
                f"the {word} in the precondition ({wanted[field]}) does not match the {word} in"
                f" record ({own[field]}). The object might have been {fate}",
            )


def _finalizers(held: list[str], wish: Mapping[str, Any]) -> list[str]:
    """The finalizers that say what becomes of the dependents."""
    others = [each for each in held if each not in (FOREGROUND, ORPHAN)]
    match wish.get("propagationPolicy"):
        case "Foreground":
            return [*others, FOREGROUND]
        case "Orphan":
            return [*others, ORPHAN]
        case "Background":
            return others
    if wish.get("orphanDependents"):
        return [*others, ORPHAN]
    return list(held)
