# SPDX-License-Identifier: Apache-2.0
"""What a server says of itself: versions, groups, resources, schemas, health."""

from __future__ import annotations

from ..matching import Count, Has, Like, Some
from ..row import Ask, Row, gives

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
DEPLOYMENT = 'definitions["io.k8s.api.apps.v1.Deployment"]'

ROWS = (
    Row(
        "version",
        "/version has numbers and a version; nobody has to say who asks",
        (
            Ask("GET", "/version", expects=gives(200, {
                "major": "1", "minor": Like(r"\d+\+?"), "gitVersion": Like(r"v1\.\d+\.\d+.*"),
            }), anonymous=True),
        ),
    ),
    Row(
        "health",
        "/livez, /readyz and /healthz say ok",
        tuple(
            Ask("GET", path, expects=gives(200, {"": "ok"}), accept="*/*")
            for path in ("/livez", "/readyz", "/healthz")
        ),
    ),
    Row(
        "discovery-core",
        "/api and /api/v1 list the versions and resources of the core group",
        (
            Ask("GET", "/api", expects=gives(200, {"kind": "APIVersions", "versions": ["v1"]})),
            Ask("GET", "/api/v1", expects=gives(200, {
                "kind": "APIResourceList", "groupVersion": "v1",
                "resources[name=pods].kind": "Pod", "resources[name=pods].namespaced": True,
                "resources[name=pods].shortNames": ["po"],
                "resources[name=pods].categories": ["all"],
                "resources[name=pods].verbs": Has("deletecollection"),
                "resources[name=namespaces].namespaced": False,
                "resources[name=pods/status].verbs": ["get", "patch", "update"],
                "resources[name=serviceaccounts/token].kind": "TokenRequest",
                "resources[name=pods/eviction].version": "v1",
            })),
        ),
    ),
    Row(
        "discovery-groups",
        "/apis lists the groups; each has a document of its own",
        (
            Ask("GET", "/apis", expects=gives(200, {
                "kind": "APIGroupList", "apiVersion": "v1",
                "groups[name=apps].preferredVersion": {"groupVersion": "apps/v1", "version": "v1"},
                "groups[name=coordination.k8s.io].versions": Has({"version": "v1"}),
                "groups[name=admissionregistration.k8s.io]": Some(),
                "groups[name=apiextensions.k8s.io]": Some(),
                "groups[name=policy]": Some(), "groups[name=discovery.k8s.io]": Some(),
            })),
            Ask("GET", "/apis/apps", expects=gives(200, {"kind": "APIGroup", "name": "apps"})),
            Ask("GET", "/apis/apps/v1", expects=gives(200, {
                "kind": "APIResourceList", "groupVersion": "apps/v1",
                "resources[name=deployments].shortNames": ["deploy"],
                "resources[name=deployments/scale].group": "autoscaling",
                "resources[name=deployments/scale].kind": "Scale",
            })),
        ),
    ),
    Row(
        "discovery-aggregated",
        "one document for /api and one for /apis, for those who accept it",
        (
            Ask("GET", "/api", expects=gives(200, {
                "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
                "items": Count(1), "items[0].versions[version=v1].resources[resource=pods]": Has({
                    "scope": "Namespaced", "singularResource": "pod", "shortNames": ["po"],
                    "responseKind.kind": "Pod",
                }),
            }, content_type=Like(".*as=APIGroupDiscoveryList.*")), accept=AGGREGATED),
            Ask("GET", "/apis", expects=gives(200, {
                "kind": "APIGroupDiscoveryList", "items": Has({"metadata.name": "apps"}),
            }), accept=f"{AGGREGATED},application/json"),
        ),
    ),
    Row(
        "openapi-2",
        "/openapi/v2 has the definitions with their kinds and merge keys",
        (
            Ask("GET", "/openapi/v2", expects=gives(200, {
                "swagger": "2.0",
                f'{DEPLOYMENT}["x-kubernetes-group-version-kind"]': [
                    {"group": "apps", "kind": "Deployment", "version": "v1"}
                ],
                'definitions["io.k8s.api.core.v1.PodSpec"].properties.containers'
                '["x-kubernetes-patch-merge-key"]': "name",
            })),
        ),
    ),
    Row(
        "openapi-3",
        "/openapi/v3 names a document for each version, with a hash to keep it by",
        (
            Ask("GET", "/openapi/v3", expects=gives(200, {
                'paths["apis/apps/v1"].serverRelativeURL': Like(
                    r"/openapi/v3/apis/apps/v1\?hash=[0-9A-F]+"
                ),
                'paths["api/v1"]': Some(),
            }), keep={"url": 'paths["apis/apps/v1"].serverRelativeURL'}),
            Ask("GET", "<url>", expects=gives(200, {
                "openapi": Like(r"3\..*"),
                'components.schemas["io.k8s.api.apps.v1.Deployment"]'
                '["x-kubernetes-group-version-kind"]': Has({"kind": "Deployment"}),
                'paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"].patch.parameters':
                    Has({"name": "fieldValidation"}),
            })),
        ),
    ),
)
