# SPDX-License-Identifier: Apache-2.0
"""Who somebody is, what they may do, and how they are told no."""

from __future__ import annotations

from ..matching import Absent, Has, Like, Some
from ..objects import ACCOUNTS, BINDINGS, CONFIG_MAPS, CORE, PODS, ROLES, binding
from ..objects import config_map, made, pod, role, user
from ..row import Ask, Row, Until, gives, refused

WHO = "<ns>-reader"
READ = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
REVIEW = "/apis/authorization.k8s.io/v1"
TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
JWT = Like(r"[\w-]+\.[\w-]+\.[\w-]+")
SERVICE_ACCOUNT = Ask("POST", ACCOUNTS, made("v1", "ServiceAccount", "sa"), gives(201),
                      keep={"uid": "metadata.uid"})  # fmt: skip
GRANT = (
    Ask("POST", ROLES, role("read", READ), gives(201)),
    Ask("POST", BINDINGS, binding("read", "read", user(WHO)), gives(201)),
)


def access(verb: str, resource: str, **more: str) -> dict[str, object]:
    """A question to SelfSubjectAccessReview."""
    attributes = {"namespace": "<ns>", "verb": verb, "resource": resource, **more}
    return {
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }  # fmt: skip


def token(spec: dict[str, object]) -> dict[str, object]:
    """A TokenRequest."""
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}


def review(spec: dict[str, object]) -> dict[str, object]:
    """A TokenReview."""
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": spec}


ROWS = (
    Row(
        "unauthorized",
        "a token that nobody has issued: 401, and no word about why",
        (
            Ask("GET", CONFIG_MAPS, expects=refused(401, "Unauthorized", "Unauthorized"),
                token="nonsense"),
        ),
    ),
    Row(
        "anonymous",
        "without credentials: 403 for system:anonymous",
        (
            Ask("GET", CONFIG_MAPS, expects=refused(
                403, "Forbidden",
                'configmaps is forbidden: User "system:anonymous" cannot list resource'
                ' "configmaps" in API group "" in the namespace "<ns>"',
                {"kind": "configmaps"},
            ), anonymous=True),
        ),
    ),
    Row(
        "forbidden",
        "what no role grants: 403 with the user, verb, resource and namespace",
        (
            Ask("GET", f"{CONFIG_MAPS}/a", expects=refused(
                403, "Forbidden",
                'configmaps "a" is forbidden: User "<ns>-reader" cannot get resource "configmaps"'
                ' in API group "" in the namespace "<ns>"',
                {"name": "a", "kind": "configmaps"},
            ), user=WHO),
            Ask("GET", "/api/v1/nodes", expects=refused(
                403, "Forbidden",
                'nodes is forbidden: User "<ns>-reader" cannot list resource "nodes" in API group'
                ' "" at the cluster scope',
                {"kind": "nodes"},
            ), user=WHO),
            Ask("POST", "/apis/apps/v1/namespaces/<ns>/deployments", made(
                "apps/v1", "Deployment", "d"
            ), refused(
                403, "Forbidden",
                'deployments.apps is forbidden: User "<ns>-reader" cannot create resource'
                ' "deployments" in API group "apps" in the namespace "<ns>"',
                {"group": "apps", "kind": "deployments"},
            ), user=WHO),
        ),
    ),
    Row(
        "forbidden-path",
        "what is no resource: 403 with the path",
        (
            Ask("GET", "/metrics", expects=refused(
                403, "Forbidden", 'forbidden: User "<ns>-reader" cannot get path "/metrics"', {}
            ), user=WHO),
        ),
    ),
    Row(
        "role",
        "a Role and its binding grant their verbs, in their namespace alone",
        (
            *GRANT,
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201)),
            Until(Ask("GET", f"{CONFIG_MAPS}/a", user=WHO)),
            Ask("DELETE", f"{CONFIG_MAPS}/a", expects=refused(
                403, "Forbidden",
                'configmaps "a" is forbidden: User "<ns>-reader" cannot delete resource'
                ' "configmaps" in API group "" in the namespace "<ns>"', Some(),
            ), user=WHO),
            Ask("GET", CONFIG_MAPS.replace("<ns>", "default"), expects=refused(
                403, "Forbidden", Like('configmaps is forbidden: .* in the namespace "default"'),
                Some(),
            ), user=WHO),
        ),
    ),
    Row(
        "role-of-a-group",
        "a binding to a group holds for whoever is in it; everybody is in system:authenticated",
        (
            Ask("POST", ROLES, role("read", READ), gives(201)),
            Ask("POST", BINDINGS, binding("read", "read", {
                "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "<ns>-readers",
            }), gives(201)),
            Until(Ask("GET", CONFIG_MAPS, user=WHO, groups=("<ns>-readers",))),
            Ask("GET", CONFIG_MAPS, expects=refused(403, "Forbidden", Some(), Some()), user=WHO),
        ),
    ),
    Row(
        "role-by-name",
        "a rule with resourceNames grants those names",
        (
            Ask("POST", ROLES, role("one", {
                "apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"],
                "resourceNames": ["a"],
            }), gives(201)),
            Ask("POST", BINDINGS, binding("one", "one", user(WHO)), gives(201)),
            Until(Ask("GET", f"{CONFIG_MAPS}/a", expects=refused(
                404, "NotFound", 'configmaps "a" not found', Some()
            ), user=WHO)),
            Ask("GET", f"{CONFIG_MAPS}/b", expects=refused(
                403, "Forbidden", Some(), Some()
            ), user=WHO),
        ),
    ),
    Row(
        "role-of-a-service-account",
        "a service account asks by its token, and has the rights of its bindings",
        (
            SERVICE_ACCOUNT,
            Ask("POST", ROLES, role("read", READ), gives(201)),
            Ask("POST", BINDINGS, binding("read", "read", {
                "kind": "ServiceAccount", "name": "sa", "namespace": "<ns>",
            }), gives(201)),
            Ask("POST", f"{ACCOUNTS}/sa/token", token({}), gives(201),
                keep={"token": "status.token"}),
            Until(Ask("GET", CONFIG_MAPS, token="<token>")),
            Ask("GET", f"{CORE}/secrets", expects=refused(
                403, "Forbidden",
                'secrets is forbidden: User "system:serviceaccount:<ns>:sa" cannot list resource'
                ' "secrets" in API group "" in the namespace "<ns>"', {"kind": "secrets"},
            ), token="<token>"),
        ),
    ),
    Row(
        "role-escalation",
        "nobody grants what they may not do: 403 with the rules that are missing",
        (
            Ask("POST", ROLES, role("grant", {
                "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"],
                "verbs": ["create"],
            }), gives(201)),
            Ask("POST", BINDINGS, binding("grant", "grant", user(WHO)), gives(201)),
            Until(Ask("POST", ROLES, role("read", READ), refused(
                403, "Forbidden",
                'roles.rbac.authorization.k8s.io "read" is forbidden: user "<ns>-reader"'
                ' (groups=["system:authenticated"]) is attempting to grant RBAC permissions not'
                ' currently held:\n{APIGroups:[""], Resources:["configmaps"], Verbs:["get"'
                ' "list"]}',
                {"name": "read", "group": "rbac.authorization.k8s.io", "kind": "roles"},
            ), user=WHO)),
        ),
    ),
    Row(
        "role-reference-stays",
        "a binding keeps its roleRef",
        (
            *GRANT,
            Ask("PUT", f"{BINDINGS}/read", binding("read", "other", user(WHO)), refused(
                422, "Invalid",
                Like('RoleBinding.rbac.authorization.k8s.io "read" is invalid: roleRef: Invalid'
                     " value: .*: cannot change roleRef"), Some(),
            )),
        ),
    ),
    Row(
        "impersonation",
        "who may not impersonate is told: 403",
        (
            SERVICE_ACCOUNT,
            Ask("POST", f"{ACCOUNTS}/sa/token", token({}), gives(201),
                keep={"token": "status.token"}),
            Ask("GET", CONFIG_MAPS, expects=refused(
                403, "Forbidden",
                # In words of 1.36 it is about the request, before that about the user.
                Like('.* is forbidden: User "system:serviceaccount:<ns>:sa" cannot'
                     " impersonate.*"), Some(),
            ), token="<token>", user="somebody"),
        ),
    ),
    Row(
        "self-subject-access-review",
        "tells whoever asks what they may do",
        (
            *GRANT,
            Until(Ask("POST", f"{REVIEW}/selfsubjectaccessreviews", access("get", "configmaps"),
                      gives(201, {"status.allowed": True, "status.reason": Like(
                          'RBAC: allowed by RoleBinding "read/<ns>" of Role "read" to User'
                          ' "<ns>-reader"'
                      )}), user=WHO)),
            Ask("POST", f"{REVIEW}/selfsubjectaccessreviews", access("delete", "configmaps"),
                gives(201, {"status": {"allowed": False}}), user=WHO),
            Ask("POST", f"{REVIEW}/selfsubjectaccessreviews", access("delete", "configmaps"),
                gives(201, {"status.allowed": True})),
        ),
    ),
    Row(
        "subject-access-review",
        "tells of another what they may do; both kinds of attributes at once are refused",
        (
            *GRANT,
            Until(Ask("POST", f"{REVIEW}/subjectaccessreviews", {
                "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                "spec": {"user": WHO, "resourceAttributes": {
                    "namespace": "<ns>", "verb": "list", "resource": "configmaps",
                }},
            }, gives(201, {"status.allowed": True}))),
            Ask("POST", f"{REVIEW}/subjectaccessreviews", {
                "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                "spec": {"resourceAttributes": {"verb": "list"}},
            }, refused(
                422, "Invalid",
                Like('(SubjectAccessReview)?.authorization.k8s.io "" is invalid: spec.user: .*'),
                Some(),
            )),
        ),
    ),
    Row(
        "self-subject-rules-review",
        "lists what whoever asks may do in a namespace",
        (
            *GRANT,
            Until(Ask("POST", f"{REVIEW}/selfsubjectrulesreviews", {
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
                "spec": {"namespace": "<ns>"},
            }, gives(201, {"status.incomplete": False, "status.resourceRules": Has({
                "verbs": ["get", "list"], "resources": ["configmaps"], "apiGroups": [""],
            })}), user=WHO)),
        ),
    ),
    Row(
        "self-subject-review",
        "tells whoever asks who they are",
        (
            Ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {
                "apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview",
            }, gives(201, {
                "status.userInfo.username": WHO,
                "status.userInfo.groups": ["system:authenticated"],
            }), user=WHO),
        ),
    ),
    Row(
        "token-request",
        "a token for an audience and a time: at least ten minutes",
        (
            SERVICE_ACCOUNT,
            Ask("POST", f"{ACCOUNTS}/sa/token", token(
                {"audiences": ["identity.example"], "expirationSeconds": 600}
            ), gives(201, {
                "kind": "TokenRequest", "status.token": JWT, "status.expirationTimestamp": Some(),
                "spec.audiences": ["identity.example"], "spec.expirationSeconds": 600,
            })),
            Ask("POST", f"{ACCOUNTS}/sa/token", token({"expirationSeconds": 599}), refused(
                422, "Invalid",
                'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid'
                " value: 599: may not specify a duration less than 10 minutes", Some(),
            )),
            Ask("POST", f"{ACCOUNTS}/other/token", token({}), refused(
                404, "NotFound", 'serviceaccounts "other" not found',
                {"name": "other", "kind": "serviceaccounts"},
            )),
        ),
    ),
    Row(
        "token-review",
        "a review of a token for its audience: the account, its uid and groups",
        (
            SERVICE_ACCOUNT,
            Ask("POST", f"{ACCOUNTS}/sa/token", token({"audiences": ["identity.example"]}),
                gives(201), keep={"token": "status.token"}),
            Ask("POST", TOKEN_REVIEWS, review(
                {"token": "<token>", "audiences": ["identity.example", "other"]}
            ), gives(201, {
                "status.authenticated": True, "status.audiences": ["identity.example"],
                "status.user.username": "system:serviceaccount:<ns>:sa",
                "status.user.uid": "<uid>",
                "status.user.groups": ["system:serviceaccounts", "system:serviceaccounts:<ns>",
                                       "system:authenticated"],
            })),
        ),
    ),
    Row(
        "token-review-of-another-audience",
        "a token for one audience is nothing to another, the API server included",
        (
            SERVICE_ACCOUNT,
            Ask("POST", f"{ACCOUNTS}/sa/token", token({"audiences": ["identity.example"]}),
                gives(201), keep={"token": "status.token"}),
            Ask("POST", TOKEN_REVIEWS, review({"token": "<token>", "audiences": ["other"]}), gives(
                201, {"status.authenticated": Absent(), "status.user": {},
                      "status.error": Has("token audiences")},
            )),
            Ask("POST", TOKEN_REVIEWS, review({"token": "<token>"}), gives(
                201, {"status.authenticated": Absent()}
            )),
            Ask("GET", CONFIG_MAPS, expects=refused(401, "Unauthorized", "Unauthorized"),
                token="<token>"),
        ),
    ),
    Row(
        "token-review-of-nonsense",
        "what is no token is not authenticated, with an error",
        (
            Ask("POST", TOKEN_REVIEWS, review({"token": "nonsense"}), gives(
                201, {"status.authenticated": Absent(), "status.error": Some()}
            )),
        ),
    ),
    Row(
        "token-of-a-pod",
        "a token bound to a pod names it in a review, and ends with it",
        (
            SERVICE_ACCOUNT,
            Ask("POST", PODS, pod("p", {
                "serviceAccountName": "sa", "nodeName": "conformance-no-such-node",
            }), gives(201), keep={"pod": "metadata.uid"}),
            Ask("POST", f"{ACCOUNTS}/sa/token", token({"boundObjectRef": {
                "apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "<pod>",
            }}), gives(201), keep={"token": "status.token"}),
            Ask("POST", TOKEN_REVIEWS, review({"token": "<token>"}), gives(201, {
                "status.authenticated": True,
                "status.user.extra": Has({
                    '["authentication.kubernetes.io/pod-name"]': ["p"],
                    '["authentication.kubernetes.io/pod-uid"]': ["<pod>"],
                }),
            })),
            Ask("DELETE", f"{PODS}/p?gracePeriodSeconds=0"),
            Until(Ask("POST", TOKEN_REVIEWS, review({"token": "<token>"}), gives(
                201, {"status.authenticated": Absent()}
            ))),
        ),
        pods=True,
    ),
    Row(
        "token-of-a-deleted-account",
        "a token ends with its account",
        (
            SERVICE_ACCOUNT,
            Ask("POST", f"{ACCOUNTS}/sa/token", token({}), gives(201),
                keep={"token": "status.token"}),
            Ask("DELETE", f"{ACCOUNTS}/sa"),
            Until(Ask("GET", CONFIG_MAPS, expects=refused(401, "Unauthorized", "Unauthorized"),
                      token="<token>")),
        ),
    ),
)
