# SPDX-License-Identifier: Apache-2.0
"""Webhooks: when they are called, with what, and what becomes of their answers."""

from __future__ import annotations

from typing import Any

from ..matching import Absent, Like, Some
from ..objects import CONFIG_MAPS, MUTATING, PODS, VALIDATING, config_map, pod
from ..row import (
    MERGE_PATCH, STRATEGIC_PATCH, Ask, Hook, NotReviewed, Reviewed, ReviewedInOrder, Row, Until,
    gives, refused,
)  # fmt: skip

A = f"{CONFIG_MAPS}/a"
ONLY_HERE = {"matchLabels": {"conformance": "<ns>"}}
# A label that the probe of `ready` has, and no other object.
PROBE = {"conformance-probe": "yes"}


def rule(*resources: str, operations: tuple[str, ...] = ("CREATE",)) -> dict[str, Any]:
    """What a webhook is called for."""
    return {
        "apiGroups": [""], "apiVersions": ["v1"], "resources": list(resources),
        "operations": list(operations),
    }  # fmt: skip


def webhook(hook: str, *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A webhook that calls one of the row's hooks for ConfigMaps of the row's namespace."""
    return {
        "name": f"{hook}.example.com",
        "clientConfig": {"url": f"<hooks>/{hook}", "caBundle": "<hook-ca>"},
        "rules": list(rules) or [rule("configmaps")],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "timeoutSeconds": 5,
        "namespaceSelector": ONLY_HERE,
        **more,
    }


def configured(path: str, *webhooks: dict[str, Any], name: str = "<ns>") -> Ask:
    """Makes a configuration of them."""
    kind = "MutatingWebhookConfiguration" if path == MUTATING else "ValidatingWebhookConfiguration"
    return Ask("POST", path, {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
        "metadata": {"name": name}, "webhooks": list(webhooks),
    }, gives(201))  # fmt: skip


def probe(expects: Any) -> Until:
    """Asks, without a trace, until a webhook is at work."""
    return Until(Ask("POST", f"{CONFIG_MAPS}?dryRun=All", config_map("probe"), expects))


def refuses(hook: str, code: int, reason: str, message: str) -> Any:
    """The words around a webhook's refusal."""
    return refused(code, reason, f'admission webhook "{hook}.example.com" denied the request:'
                                 f" {message}")  # fmt: skip


DENY = Hook("deny", code=403, message="not here")
LABEL = Hook("label", patch=({"op": "add", "path": "/metadata/labels", "value": {"by": "hook"}},))
LABELLED = gives(201, {"metadata.labels.by": "hook"})
DENIED = refuses("deny", 403, "Forbidden", "not here")


def broken(message: str) -> Any:
    """The answer where a webhook with failurePolicy=Fail cannot be asked."""
    return refused(
        500, "InternalError",
        Like(f'Internal error occurred: failed calling webhook "{message}'), Some(),
    )  # fmt: skip


ROWS = (
    Row(
        "webhook-denies",
        "a refusal becomes 403 with the webhook's name and words",
        (
            configured(VALIDATING, webhook("deny")), probe(refused(
                403, Absent(), 'admission webhook "deny.example.com" denied the request: not here',
            )),
            Ask("GET", A, expects=gives(404)),
        ),
        (DENY,),
    ),
    Row(
        "webhook-denies-by-code",
        "code and reason of the refusal are passed on",
        (
            configured(VALIDATING, webhook("deny")),
            probe(refuses("deny", 409, "Conflict", "twice")),
        ),
        (Hook("deny", code=409, reason="Conflict", message="twice"),),
    ),
    Row(
        "webhook-denies-without-words",
        "a refusal without a message says so",
        (
            configured(VALIDATING, webhook("deny")),
            probe(refused(
                400, Absent(),
                'admission webhook "deny.example.com" denied the request without explanation',
            )),
        ),
        (Hook("deny", code=400),),
    ),
    Row(
        "webhook-patches",
        "a mutating webhook's patch is in the answer and in the store",
        (
            configured(MUTATING, webhook("label")), probe(LABELLED),
            Ask("POST", CONFIG_MAPS, config_map("a"), LABELLED),
            Ask("GET", A, expects=gives(200, {"metadata.labels": {"by": "hook"}})),
        ),
        (LABEL,),
    ),
    Row(
        "webhook-review",
        "a review has the object, who asks, what for, and the options",
        (
            configured(MUTATING, webhook("label")), probe(LABELLED),
            Reviewed("label", {
                "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
                "request.uid": Some(), "request.operation": "CREATE",
                "request.name": "probe", "request.namespace": "<ns>",
                "request.kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
                "request.resource": {"group": "", "version": "v1", "resource": "configmaps"},
                "request.requestKind": {"group": "", "version": "v1", "kind": "ConfigMap"},
                "request.object.metadata.name": "probe", "request.object.kind": "ConfigMap",
                "request.oldObject": None, "request.dryRun": True,
                "request.options.kind": "CreateOptions", "request.userInfo.username": Some(),
            }),
        ),
        (LABEL,),
    ),
    Row(
        "webhook-review-of-an-update",
        "the review of a change has the old object too, that of a deletion the old one alone",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", {"a": "old"}), gives(201)),
            configured(VALIDATING, webhook("look", rule(
                "configmaps", operations=("CREATE", "UPDATE", "DELETE")
            )), webhook("deny", objectSelector={"matchLabels": PROBE})),
            Until(Ask("POST", f"{CONFIG_MAPS}?dryRun=All", config_map("b", labels=PROBE),
                      gives(403))),
            Ask("PATCH", A, {"data": {"a": "new"}}, gives(200), type=MERGE_PATCH),
            Reviewed("look", {
                "request.operation": "UPDATE", "request.object.data.a": "new",
                "request.oldObject.data.a": "old", "request.dryRun": False,
                "request.options.kind": Like("PatchOptions|UpdateOptions"),
            }),
            Ask("DELETE", A, expects=gives(200)),
            Reviewed("look", {
                "request.operation": "DELETE", "request.object": None,
                "request.oldObject.data.a": "new", "request.options.kind": "DeleteOptions",
            }),
        ),
        (Hook("look"), DENY),
    ),
    Row(
        "webhook-order",
        "mutating webhooks by name, then the schema, then validating webhooks",
        (
            configured(VALIDATING, webhook("look")),
            configured(MUTATING, webhook("second"), name="<ns>-b"),
            configured(MUTATING, webhook("first"), name="<ns>-a"),
            probe(gives(201, {"data": {"order": "12"}})),
            Reviewed("look", {"request.object.data": {"order": "12"}}),
            ReviewedInOrder(("first", "second", "look")),
        ),
        (
            Hook("first", patch=({"op": "add", "path": "/data", "value": {"order": "1"}},)),
            Hook("second", patch=(
                {"op": "test", "path": "/data/order", "value": "1"},
                {"op": "replace", "path": "/data/order", "value": "12"},
            )),
            Hook("look"),
        ),
    ),
    Row(
        "webhook-patch-is-validated",
        "what a mutating webhook makes invalid is refused, and no validating one is asked",
        (
            configured(VALIDATING, webhook("look")),
            configured(MUTATING, webhook("break")),
            probe(refused(
                422, "Invalid", Like('ConfigMap "probe" is invalid: data\\[a/b\\]: .*'), Some()
            )),
        ),
        (
            Hook("break", patch=({"op": "add", "path": "/data/a~1b", "value": "1"},)),
            Hook("look"),
        ),
    ),
    Row(
        "webhook-repairs",
        "what a mutating webhook puts right is not refused by the schema before it",
        (
            configured(MUTATING, webhook("repair")),
            Until(Ask("POST", f"{CONFIG_MAPS}?dryRun=All", config_map("probe", {"a/b": "1"}),
                      gives(201, {"data": {"a": "1"}}))),
        ),
        (Hook("repair", patch=({"op": "replace", "path": "/data", "value": {"a": "1"}},)),),
    ),
    Row(
        "webhook-patch-that-fails",
        "a patch that does not fit the object: 500, whatever the failurePolicy",
        (
            configured(MUTATING, webhook("bad", failurePolicy="Ignore")),
            probe(refused(500, "InternalError", Like("Internal error occurred: .*"), Some())),
        ),
        (Hook("bad", patch=({"op": "remove", "path": "/metadata/none"},)),),
    ),
    Row(
        "webhook-reinvocation",
        "reinvocationPolicy=IfNeeded asks again after a later webhook has changed the object",
        (
            configured(MUTATING, webhook("again", reinvocationPolicy="IfNeeded"), name="<ns>-a"),
            configured(MUTATING, webhook("label"), name="<ns>-b"),
            probe(LABELLED),
            ReviewedInOrder(("again", "label", "again")),
        ),
        (Hook("again"), LABEL),
    ),
    Row(
        "webhook-fails",
        "failurePolicy=Fail: an answer that is no review is 500 with the webhook's name",
        (
            configured(VALIDATING, webhook("bad", failurePolicy="Fail")),
            probe(broken('bad.example.com": .*')),
        ),
        (Hook("bad", answers='{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}'),),
    ),
    Row(
        "webhook-fails-with-another-uid",
        "an answer to another request is none",
        (
            configured(VALIDATING, webhook("bad")),
            probe(broken('bad.example.com": received invalid webhook response: expected'
                         ' response.uid=.*')),
        ),
        (Hook("bad", answers='{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",'
                             ' "response": {"uid": "other", "allowed": true}}'),),
    ),
    Row(
        "webhook-is-not-there",
        "failurePolicy=Fail, the default: a webhook that answers 404 has failed: 500",
        (
            configured(VALIDATING, webhook("gone")),
            probe(broken('gone.example.com": failed to call webhook: .*')),
        ),
        (Hook("other"),),
    ),
    Row(
        "webhook-of-another-authority",
        "a webhook whose certificate the caBundle has not signed is not asked",
        (
            configured(VALIDATING, webhook("look", clientConfig={"url": "<hooks>/look"})),
            probe(broken('look.example.com": failed to call webhook: Post "<hooks>/look'
                         '\\?timeout=5s": tls: failed to verify certificate: .*')),
            NotReviewed("look"),
        ),
        (Hook("look"),),
    ),
    Row(
        "webhook-ignored",
        "failurePolicy=Ignore goes on without it; the others are still asked",
        (
            configured(MUTATING, webhook("bad", failurePolicy="Ignore"), webhook("label")),
            probe(LABELLED),
            ReviewedInOrder(("bad", "label")),
        ),
        (Hook("bad", answers="nonsense"), LABEL),
    ),
    Row(
        "webhook-authority-replaced",
        "a configuration whose caBundle is patched is taken up, as when certificates rotate",
        (
            configured(MUTATING, webhook("label", clientConfig={"url": "<hooks>/label"})),
            probe(broken('label.example.com": failed to call webhook: .*')),
            Ask("PATCH", f"{MUTATING}/<ns>", {"webhooks": [
                {"name": "label.example.com", "clientConfig": {"caBundle": "<hook-ca>"}},
            ]}, gives(200, {"webhooks[0].clientConfig.url": "<hooks>/label"}),
                type=STRATEGIC_PATCH),
            probe(LABELLED),
        ),
        (LABEL,),
    ),
    Row(
        "webhook-timeout",
        "a webhook that takes longer than its timeoutSeconds has failed",
        (
            configured(VALIDATING, webhook("slow", timeoutSeconds=1)),
            probe(broken('slow.example.com": failed to call webhook: Post "<hooks>/slow'
                         '\\?timeout=1s": context deadline exceeded.*')),
        ),
        (Hook("slow", delay=2),),
    ),
    Row(
        "webhook-object-selector",
        "objectSelector takes those with the label, and opting out by a label works",
        (
            configured(VALIDATING, webhook("deny", objectSelector={"matchExpressions": [
                {"key": "inject", "operator": "NotIn", "values": ["no"]},
            ]})),
            probe(gives(403)),
            Ask("POST", CONFIG_MAPS, config_map("a", labels={"inject": "no"}), gives(201)),
        ),
        (DENY,),
    ),
    Row(
        "webhook-namespace-selector",
        "namespaceSelector goes by the namespace's labels, its own name among them",
        (
            configured(VALIDATING, webhook("deny", namespaceSelector={"matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["<ns>"]},
                {"key": "off", "operator": "DoesNotExist"},
            ]})),
            probe(gives(403)),
            Ask("PATCH", "/api/v1/namespaces/<ns>", {"metadata": {"labels": {"off": "1"}}},
                type=MERGE_PATCH),
            probe(gives(201)),
        ),
        (DENY,),
    ),
    Row(
        "webhook-rules",
        "a webhook is asked for its operations and resources alone",
        (
            configured(VALIDATING, webhook("deny", rule("secrets")), webhook(
                "deny2", rule("configmaps", operations=("UPDATE",))
            ), webhook("deny3", objectSelector={"matchLabels": PROBE})),
            Until(Ask("POST", f"{CONFIG_MAPS}?dryRun=All", config_map("b", labels=PROBE),
                      gives(403))),
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201)),
            NotReviewed("deny"), NotReviewed("deny2"),
            Ask("PATCH", A, {"data": {"a": "2"}}, gives(403), type=MERGE_PATCH),
        ),
        (DENY, Hook("deny2", code=403), Hook("deny3", code=403)),
    ),
    Row(
        "webhook-subresources",
        "pods/status is another resource than pods",
        (
            Ask("POST", PODS, pod("p", {"nodeName": "conformance-no-such-node"}), gives(201)),
            configured(VALIDATING, webhook("deny", rule("pods", operations=("UPDATE",)))),
            Until(Ask("PATCH", f"{PODS}/p?dryRun=All", {"metadata": {"labels": {"a": "1"}}},
                      gives(403), type=MERGE_PATCH)),
            Ask("PATCH", f"{PODS}/p/status", {"status": {"message": "well"}}, gives(200),
                type=MERGE_PATCH),
        ),
        (DENY,),
        pods=True,
    ),
    Row(
        "webhook-warnings",
        "a webhook's warnings come as headers",
        (
            configured(VALIDATING, webhook("warn")),
            probe(gives(201, warning='299 - "mind the gap"')),
        ),
        (Hook("warn", warnings=("mind the gap",)),),
    ),
    Row(
        "webhook-side-effects",
        "sideEffects=NoneOnDryRun: the webhook is asked in a dry run too, and told that it is one",
        (
            configured(VALIDATING, webhook("bad", sideEffects="NoneOnDryRun"), webhook("deny")),
            probe(gives(403)),
            Reviewed("bad", {"request.dryRun": True}),
        ),
        (Hook("bad"), DENY),
    ),
    Row(
        "webhook-configuration",
        "a configuration gets its defaults, and is checked",
        (
            Ask("POST", f"{VALIDATING}?dryRun=All", {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "<ns>"},
                "webhooks": [{
                    "name": "a.example.com", "sideEffects": "None",
                    "admissionReviewVersions": ["v1"],
                    "clientConfig": {"service": {"namespace": "a", "name": "b"}},
                    "rules": [rule("pods")],
                }],
            }, gives(201, {
                "webhooks[0].failurePolicy": "Fail", "webhooks[0].timeoutSeconds": 10,
                "webhooks[0].matchPolicy": "Equivalent", "webhooks[0].namespaceSelector": {},
                "webhooks[0].objectSelector": {}, "webhooks[0].rules[0].scope": "*",
                "webhooks[0].clientConfig.service.port": 443,
            })),
            Ask("POST", VALIDATING, {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "<ns>"},
                "webhooks": [{**webhook("a"), "timeoutSeconds": 31}],
            }, refused(
                422, "Invalid",
                'ValidatingWebhookConfiguration.admissionregistration.k8s.io "<ns>" is invalid:'
                " webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between"
                " 1 and 30 seconds", Some(),
            )),
            Ask("POST", VALIDATING, {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "<ns>"},
                "webhooks": [{**webhook("a"), "clientConfig": {"url": "http://a.example"}}],
            }, refused(
                422, "Invalid",
                Like('.*webhooks\\[0\\].clientConfig.url: Invalid value: "http": \'https\' is the'
                     " only allowed URL scheme.*"), Some(),
            )),
        ),
        (Hook("a"),),
    ),
)
