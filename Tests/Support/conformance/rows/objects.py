# SPDX-License-Identifier: Apache-2.0
"""Creating, reading, replacing: status codes, names, versions."""

from __future__ import annotations

from ..matching import Absent, Like, Not, Some
from ..objects import CONFIG_MAPS, CORE, SECRETS, config_map, made
from ..row import Ask, Row, gives, refused

A = f"{CONFIG_MAPS}/a"
UUID = Like("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = Like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NUMBER = Like(r"[1-9]\d*")
CREATE = Ask("POST", CONFIG_MAPS, config_map("a"), gives(201))
NOT_FOUND = refused(
    404, "NotFound", 'configmaps "a" not found', {"name": "a", "kind": "configmaps"}
)

ROWS = (
    Row(
        "create",
        "a POST answers 201 with the whole object: uid, resourceVersion and time are set",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201, {
                "kind": "ConfigMap", "apiVersion": "v1", "data": {"a": "1"},
                "metadata.name": "a", "metadata.namespace": "<ns>", "metadata.uid": UUID,
                "metadata.resourceVersion": NUMBER, "metadata.creationTimestamp": TIME,
                "metadata.generation": Absent(),
            }, content_type="application/json"), keep={"uid": "metadata.uid"}),
            Ask("GET", A, expects=gives(200, {"metadata.uid": "<uid>", "data": {"a": "1"}})),
        ),
    ),
    Row(
        "create-twice",
        "a second POST of a name answers 409 AlreadyExists",
        (
            CREATE,
            Ask("POST", CONFIG_MAPS, config_map("a"), refused(
                409, "AlreadyExists", 'configmaps "a" already exists',
                {"name": "a", "kind": "configmaps"},
            )),
        ),
    ),
    Row(
        "create-with-a-version",
        "a POST may not name a resourceVersion",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", resourceVersion="1"), refused(
                500, Absent(), "resourceVersion should not be set on objects to be created"
            )),
        ),
    ),
    Row(
        "create-in-another-namespace",
        "the namespace of the object must be that of the path",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", namespace="other"), refused(
                400, "BadRequest", "the namespace of the provided object does not match the"
                " namespace sent on the request",
            )),
        ),
    ),
    Row(
        "create-without-a-name",
        "neither name nor generateName: 422 Invalid",
        (
            Ask("POST", CONFIG_MAPS, config_map(""), refused(
                422, "Invalid",
                'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is'
                " required",
                {"kind": "ConfigMap", "causes": [{
                    "reason": "FieldValueRequired", "field": "metadata.name",
                    "message": "Required value: name or generateName is required",
                }]},
            )),
        ),
    ),
    Row(
        "generate-name",
        "generateName gets five random characters, and two names differ",
        (
            Ask("POST", CONFIG_MAPS, config_map("", generateName="web-"), gives(
                201, {"metadata.name": Like("web-[bcdfghjklmnpqrstvwxz2456789]{5}"),
                      "metadata.generateName": "web-"},
            ), keep={"first": "metadata.name"}),
            Ask("POST", CONFIG_MAPS, config_map("", generateName="web-"), gives(
                201, {"metadata.name": Not("<first>")}
            )),
        ),
    ),
    Row(
        "name-is-checked",
        "a name that is no DNS subdomain: 422 with the rule in its cause",
        (
            Ask("POST", CONFIG_MAPS, config_map("Not_A_Name"), refused(
                422, "Invalid",
                Like(r'ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value:'
                     r' "Not_A_Name": a lowercase RFC 1123 subdomain must consist of .*'),
                {"name": "Not_A_Name", "kind": "ConfigMap", "causes": [{
                    "reason": "FieldValueInvalid", "field": "metadata.name",
                    "message": Like('Invalid value: "Not_A_Name": a lowercase RFC 1123 .*'),
                }]},
            )),
        ),
    ),
    Row(
        "annotation-keys-are-checked",
        "an annotation's key has at most one slash, with a DNS name before it",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", annotations={"a/b/c": "1"}), refused(
                422, "Invalid",
                Like('ConfigMap "a" is invalid: metadata.annotations: Invalid value: "a/b/c":'
                     " a valid label key must consist of .*|"
                     'ConfigMap "a" is invalid: metadata.annotations: Invalid value: "a/b/c":'
                     " a qualified name must consist of .*"),
                {"name": "a", "kind": "ConfigMap", "causes": [{
                    "reason": "FieldValueInvalid", "field": "metadata.annotations",
                    "message": Some(),
                }]},
            )),
        ),
    ),
    Row(
        "annotations-are-bounded",
        "annotations may have 256 KiB together",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", annotations={"a": "x" * 262144}), refused(
                422, "Invalid",
                'ConfigMap "a" is invalid: metadata.annotations: Too long: may not be more than'
                " 262144 bytes",
                Some(),
            )),
        ),
    ),
    Row(
        "label-values-are-checked",
        "a label's value has at most 63 characters of a small set",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", labels={"a": "not one"}), refused(
                422, "Invalid",
                Like('ConfigMap "a" is invalid: metadata.labels: Invalid value: "not one": a'
                     " valid label must be an empty string or consist of .*"),
                Some(),
            )),
        ),
    ),
    Row(
        "config-map-keys",
        "a ConfigMap's key has no slash",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", {"a/b": "1"}), refused(
                422, "Invalid",
                Like(r'ConfigMap "a" is invalid: data\[a/b\]: Invalid value: "a/b": a valid config'
                     r" key must consist of alphanumeric characters, '-', '_' or '.' .*"),
                {"name": "a", "kind": "ConfigMap", "causes": [{
                    "reason": "FieldValueInvalid", "field": "data[a/b]",
                    "message": Like('Invalid value: "a/b": a valid config key must .*'),
                }]},
            )),
        ),
    ),
    Row(
        "config-map-values",
        "a ConfigMap's value is text; a number is no ConfigMap at all",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", {"a": 1}), refused(
                400, "BadRequest",
                'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot'
                " unmarshal number into Go struct field ConfigMap.data of type string",
            )),
        ),
    ),
    Row(
        "config-map-immutable",
        "an immutable ConfigMap keeps its data, and stays immutable",
        (
            Ask("POST", CONFIG_MAPS, {**config_map("a"), "immutable": True}, gives(201)),
            Ask("PUT", A, {**config_map("a", {"a": "2"}), "immutable": True}, refused(
                422, "Invalid",
                'ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is'
                " set",
                Some(),
            )),
            Ask("PUT", A, config_map("a"), refused(
                422, "Invalid",
                'ConfigMap "a" is invalid: immutable: Forbidden: field is immutable when'
                " `immutable` is set",
                Some(),
            )),
        ),
    ),
    Row(
        "secret-string-data",
        "a Secret's stringData becomes data, and its type is Opaque",
        (
            Ask("POST", SECRETS, made("v1", "Secret", "a", stringData={"a": "words"}), gives(
                201, {"data": {"a": "d29yZHM="}, "stringData": Absent(), "type": "Opaque"}
            )),
        ),
    ),
    Row(
        "secret-type",
        "a Secret of TLS has both keys",
        (
            Ask("POST", SECRETS, made(
                "v1", "Secret", "a", type="kubernetes.io/tls", data={"tls.crt": "YQ=="}
            ), refused(
                422, "Invalid",
                'Secret "a" is invalid: data[tls.key]: Required value', Some(),
            )),
            Ask("POST", SECRETS, made("v1", "Secret", "a", data={"a": "not base64"}), refused(
                400, "BadRequest",
                'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at'
                " input byte 3",
            )),
        ),
    ),
    Row(
        "get-missing",
        "a GET of a name that is not there answers 404 NotFound",
        (Ask("GET", A, expects=NOT_FOUND),),
    ),
    Row(
        "kind-must-fit",
        "an object of another kind than the path's: 400",
        (
            Ask("POST", CONFIG_MAPS, made("v1", "Secret", "a"), refused(
                400, "BadRequest",
                Like("Secret in version \"v1\" cannot be handled as a ConfigMap: .*"),
            )),
            Ask("POST", CONFIG_MAPS, made("apps/v1", "ConfigMap", "a"), refused(
                400, "BadRequest",
                Like('ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind'
                     ' "ConfigMap" is registered for version "apps/v1" in scheme .*'),
            )),
        ),
    ),
    Row(
        "body-must-be-json",
        "what is no JSON at all: 400",
        (
            Ask("POST", CONFIG_MAPS, "{", refused(400, "BadRequest", Like(".*"))),
        ),
    ),
    Row(
        "body-type",
        "a type of content that nobody reads: 415",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), refused(
                415, "UnsupportedMediaType", Like(".*"),
            ), type="text/plain"),
        ),
    ),
    Row(
        "body-as-yaml",
        "an object may come as YAML",
        (
            Ask("POST", CONFIG_MAPS, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
                gives(201, {"metadata.name": "a"}), type="application/yaml"),
        ),
    ),
    Row(
        "method-not-allowed",
        "a verb that a resource does not have: 405",
        (
            Ask("POST", A, config_map("a"), refused(
                405, "MethodNotAllowed", "the server does not allow this method on the requested"
                " resource", {},
            )),
        ),
    ),
    Row(
        "no-such-resource",
        "a resource, group or version that is not served: 404",
        (
            Ask("GET", f"{CORE}/nothings", expects=refused(
                404, "NotFound", "the server could not find the requested resource", {}
            )),
            Ask("GET", "/apis/example.invalid/v1/things", expects=gives(
                404, {"": "404 page not found\n"}
            )),
            Ask("GET", "/apis/apps/v9/deployments", expects=refused(
                404, "NotFound", "the server could not find the requested resource", {}
            )),
        ),
    ),
    Row(
        "update",
        "a PUT replaces the object; the uid stays and the resourceVersion does not",
        (
            Ask("POST", CONFIG_MAPS, config_map("a", labels={"a": "1"}), gives(201),
                keep={"uid": "metadata.uid", "rv": "metadata.resourceVersion"}),
            Ask("PUT", A, config_map("a", {"b": "2"}), gives(200, {
                "metadata.uid": "<uid>", "metadata.resourceVersion": Not("<rv>"),
                "metadata.labels": Absent(), "data": {"b": "2"},
            })),
        ),
    ),
    Row(
        "update-without-a-change",
        "a PUT of what is there already leaves the resourceVersion",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201),
                keep={"rv": "metadata.resourceVersion"}),
            Ask("PUT", A, config_map("a"), gives(200, {"metadata.resourceVersion": "<rv>"})),
        ),
    ),
    Row(
        "update-conflict",
        "a PUT with an older resourceVersion: 409 Conflict",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201),
                keep={"rv": "metadata.resourceVersion"}),
            Ask("PUT", A, config_map("a", {"a": "2"}, resourceVersion="<rv>"), gives(200)),
            Ask("PUT", A, config_map("a", {"a": "3"}, resourceVersion="<rv>"), refused(
                409, "Conflict",
                'Operation cannot be fulfilled on configmaps "a": the object has been modified;'
                " please apply your changes to the latest version and try again",
                {"name": "a", "kind": "configmaps"},
            )),
        ),
    ),
    Row(
        "update-another-uid",
        "a PUT for an object of another uid: 409 Conflict",
        (
            Ask("POST", CONFIG_MAPS, config_map("a"), gives(201), keep={"uid": "metadata.uid"}),
            Ask("PUT", A, config_map("a", uid="00000000-0000-4000-8000-000000000000"), refused(
                409, "Conflict",
                Like('Operation cannot be fulfilled on configmaps "a": .*Precondition failed: UID'
                     " in precondition: 00000000-0000-4000-8000-000000000000, UID in object meta:"
                     " <uid>"),
                {"name": "a", "kind": "configmaps"},
            )),
        ),
    ),
    Row(
        "update-missing",
        "a PUT does not create a ConfigMap",
        (Ask("PUT", A, config_map("a"), NOT_FOUND),),
    ),
    Row(
        "update-another-name",
        "the name of the object must be that of the path",
        (
            CREATE,
            Ask("PUT", A, config_map("b"), refused(
                400, "BadRequest",
                "the name of the object (b) does not match the name on the URL (a)",
            )),
        ),
    ),
    Row(
        "dry-run",
        "dryRun=All answers as if, and stores nothing",
        (
            Ask("POST", f"{CONFIG_MAPS}?dryRun=All", config_map("a"), gives(
                201, {"metadata.uid": UUID, "metadata.creationTimestamp": TIME,
                      "metadata.resourceVersion": Absent()}
            )),
            Ask("GET", A, expects=NOT_FOUND),
            CREATE,
            Ask("POST", f"{CONFIG_MAPS}?dryRun=All", config_map("a"), refused(
                409, "AlreadyExists", 'configmaps "a" already exists', Some()
            )),
            Ask("PUT", f"{A}?dryRun=All", config_map("a", {"a": "2"}), gives(
                200, {"data": {"a": "2"}}
            )),
            Ask("DELETE", f"{A}?dryRun=All", expects=gives(200)),
            Ask("GET", A, expects=gives(200, {"data": {"a": "1"}})),
        ),
    ),
    Row(
        "dry-run-values",
        "dryRun takes no other value than All",
        (
            Ask("POST", f"{CONFIG_MAPS}?dryRun=Some", config_map("a"), refused(
                422, "Invalid",
                Like('.* "" is invalid: dryRun: (Unsupported|Invalid) value: .*'), Some(),
            )),
        ),
    ),
    Row(
        "unknown-fields-strict",
        "fieldValidation=Strict refuses unknown and repeated fields: 400",
        (
            Ask("POST", f"{CONFIG_MAPS}?fieldValidation=Strict",
                {**config_map("a"), "dta": {}, "metadata": {"name": "a", "lables": {}}},
                refused(400, "BadRequest",
                        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict'
                        ' decoding error: unknown field "metadata.lables", unknown field "dta"')),
            Ask("POST", f"{CONFIG_MAPS}?fieldValidation=Strict",
                '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","name":"b"}}',
                refused(400, "BadRequest",
                        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict'
                        ' decoding error: duplicate field "metadata.name"')),
        ),
    ),
    Row(
        "unknown-fields-warn",
        "by default, and with fieldValidation=Warn, they are dropped and warned of",
        (
            Ask("POST", CONFIG_MAPS, {**config_map("a"), "dta": {}}, gives(
                201, {"dta": Absent()}, warning='299 - "unknown field \\"dta\\""'
            )),
            Ask("PUT", f"{A}?fieldValidation=Warn", {**config_map("a"), "dta": {}}, gives(
                200, {"dta": Absent()}, warning='299 - "unknown field \\"dta\\""'
            )),
            Ask("PUT", f"{A}?fieldValidation=Ignore", {**config_map("a"), "dta": {}}, gives(
                200, {"dta": Absent()}, warning=Absent()
            )),
        ),
    ),
)
