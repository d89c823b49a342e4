# SPDX-License-Identifier: Apache-2.0
"""Pods, Deployments, Services and what belongs to them: defaults, and what may not change."""

from __future__ import annotations

from ..matching import Absent, Count, Has, Like, Some
from ..objects import (
    BUDGETS, DEPLOYMENTS, EVENTS, JOBS, LEASES, PODS, SERVICES, SLICES, deployment, lease, made,
    pod, service,
)  # fmt: skip
from ..row import APPLY_PATCH, MERGE_PATCH, Ask, Row, gives, refused

D = f"{DEPLOYMENTS}/d"
S = f"{SERVICES}/s"
P = f"{PODS}/p"
# No kubelet and no scheduler takes it.
ASIDE = {"nodeName": "conformance-no-such-node"}
CONTAINER = {"name": "main", "image": "example.com/main:1"}
SLICE = {
    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
    "metadata": {"name": "s", "labels": {"kubernetes.io/service-name": "s"}},
    "endpoints": [{"addresses": ["10.9.8.7"], "conditions": {"ready": True}}],
    "ports": [{"name": "http", "port": 80}],
}  # fmt: skip

ROWS = (
    Row(
        "pod-defaults",
        "a pod's defaults: policies, grace, probes, the token's volume, class and phase",
        (
            Ask("POST", PODS, pod("p", {**ASIDE, "containers": [{
                **CONTAINER, "ports": [{"containerPort": 80}],
                "readinessProbe": {"httpGet": {"port": 80}},
            }]}), gives(201, {
                "spec.restartPolicy": "Always", "spec.dnsPolicy": "ClusterFirst",
                "spec.schedulerName": "default-scheduler", "spec.securityContext": {},
                "spec.terminationGracePeriodSeconds": 30, "spec.enableServiceLinks": True,
                "spec.serviceAccountName": "default", "spec.serviceAccount": "default",
                "spec.containers[0].imagePullPolicy": "IfNotPresent",
                "spec.containers[0].terminationMessagePath": "/dev/termination-log",
                "spec.containers[0].terminationMessagePolicy": "File",
                "spec.containers[0].resources": {},
                "spec.containers[0].ports": [{"containerPort": 80, "protocol": "TCP"}],
                "spec.containers[0].readinessProbe": {
                    "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}, "timeoutSeconds": 1,
                    "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
                },
                "spec.containers[0].volumeMounts[0].mountPath":
                    "/var/run/secrets/kubernetes.io/serviceaccount",
                "spec.volumes[0].name": Like("kube-api-access-.{5}"),
                "spec.volumes[0].projected.defaultMode": 420,
                "spec.tolerations": Count(2),
                "status": Has({"phase": "Pending", "qosClass": "BestEffort"}),
            })),
        ),
        pods=True,
    ),
    Row(
        "pod-latest",
        "an image without a tag, or with latest, is always pulled",
        (
            Ask("POST", PODS, pod("p", {**ASIDE, "containers": [
                {"name": "a", "image": "example.com/a"},
                {"name": "b", "image": "example.com/b:latest"},
            ]}), gives(201, {
                "spec.containers[0].imagePullPolicy": "Always",
                "spec.containers[1].imagePullPolicy": "Always",
            })),
        ),
        pods=True,
    ),
    Row(
        "pod-quality",
        "limits become requests, and make a pod Guaranteed",
        (
            Ask("POST", PODS, pod("p", {**ASIDE, "containers": [{
                **CONTAINER, "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
            }]}), gives(201, {
                "spec.containers[0].resources.requests": {"cpu": "1", "memory": "1Gi"},
                "status.qosClass": "Guaranteed",
            })),
            Ask("POST", PODS, pod("q", {**ASIDE, "containers": [{
                **CONTAINER, "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}},
            }]}), refused(
                422, "Invalid",
                'Pod "q" is invalid: spec.containers[0].resources.requests: Invalid value: "2":'
                " must be less than or equal to cpu limit of 1", Some(),
            )),
        ),
        pods=True,
    ),
    Row(
        "pod-native-sidecar",
        "an init container with restartPolicy=Always is kept as one, with its probes",
        (
            Ask("POST", PODS, pod("p", {**ASIDE, "initContainers": [{
                "name": "side", "image": "example.com/side:1", "restartPolicy": "Always",
                "startupProbe": {"tcpSocket": {"port": 80}},
            }]}), gives(201, {
                "spec.initContainers[0].restartPolicy": "Always",
                "spec.initContainers[0].startupProbe.periodSeconds": 10,
            })),
            Ask("POST", PODS, pod("q", {**ASIDE, "initContainers": [{
                "name": "side", "image": "example.com/side:1",
                "readinessProbe": {"tcpSocket": {"port": 80}},
            }]}), refused(
                422, "Invalid",
                Like('Pod "q" is invalid: spec.initContainers\\[0\\].readinessProbe: Forbidden: may'
                     " not be set for init containers without restartPolicy=Always"), Some(),
            )),
        ),
        pods=True,
    ),
    Row(
        "pod-invalid",
        "each thing that is wrong with a pod is a cause",
        (
            Ask("POST", PODS, pod("p", {"containers": [
                {"name": "a", "image": "x:1"}, {"name": "a", "image": ""},
            ]}), refused(
                422, "Invalid", Like('Pod "p" is invalid: \\[.*\\]'),
                Has({"name": "p", "kind": "Pod", "causes": Has({
                    "reason": "FieldValueDuplicate", "field": "spec.containers[1].name",
                    "message": 'Duplicate value: "a"',
                })}),
            )),
            Ask("POST", PODS, pod("p", {"containers": []}), refused(
                422, "Invalid", 'Pod "p" is invalid: spec.containers: Required value', Some(),
            )),
        ),
        pods=True,
    ),
    Row(
        "pod-volume-mount-unknown",
        "a mount of a volume that is not there: 422 NotFound as its cause",
        (
            Ask("POST", PODS, pod("p", {"containers": [
                {**CONTAINER, "volumeMounts": [{"name": "v", "mountPath": "/v"}]},
            ]}), refused(
                422, "Invalid",
                'Pod "p" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "v"',
                {"name": "p", "kind": "Pod", "causes": [{
                    "reason": "FieldValueNotFound",
                    "field": "spec.containers[0].volumeMounts[0].name",
                    "message": 'Not found: "v"',
                }]},
            )),
        ),
        pods=True,
    ),
    Row(
        "pod-stays-as-it-is",
        "a pod's spec may not change, but for its images and few more",
        (
            Ask("POST", PODS, pod("p", ASIDE), gives(201)),
            Ask("PATCH", P, {"spec": {"restartPolicy": "Never"}}, refused(
                422, "Invalid",
                Like('Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other'
                     " than `spec.containers\\[\\*\\].image`,.*"), Some(),
            ), type=MERGE_PATCH),
            Ask("PATCH", P, {"metadata": {"annotations": {"a": "1"}}}, gives(200),
                type=MERGE_PATCH),
        ),
        pods=True,
    ),
    Row(
        "pod-service-account",
        "a pod of a service account that is not there: 403",
        (
            Ask("POST", PODS, pod("p", {"serviceAccountName": "none"}), refused(
                403, "Forbidden",
                'pods "p" is forbidden: error looking up service account <ns>/none: serviceaccount'
                ' "none" not found', {"name": "p", "kind": "pods"},
            )),
        ),
        pods=True,
    ),
    Row(
        "pod-status",
        "status is written at its subresource alone",
        (
            Ask("POST", PODS, pod("p", ASIDE), gives(201)),
            Ask("PATCH", f"{P}/status", {
                "metadata": {"labels": {"no": "label"}},
                "status": {"phase": "Running", "podIP": "10.9.8.7"},
            }, gives(200, {"status.phase": "Running", "status.podIPs": [{"ip": "10.9.8.7"}]}),
                type=MERGE_PATCH),
            Ask("PATCH", P, {"status": {"phase": "Failed"}}, gives(
                200, {"status.phase": "Running"}
            ), type=MERGE_PATCH),
        ),
        pods=True,
    ),
    Row(
        "pod-binding",
        "a Binding puts a pod onto a node, once",
        (
            Ask("POST", PODS, pod("p", {"schedulerName": "none"}), gives(201)),
            Ask("POST", f"{P}/binding", {
                "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"},
                "target": {"kind": "Node", "name": "conformance-no-such-node"},
            }, gives(201, {"kind": "Status", "status": "Success"})),
            Ask("GET", P, expects=gives(200, {
                "spec.nodeName": "conformance-no-such-node",
                "status.conditions[type=PodScheduled].status": "True",
            })),
            Ask("POST", f"{P}/binding", {
                "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"},
                "target": {"kind": "Node", "name": "other"},
            }, refused(
                409, "Conflict",
                'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to'
                ' node "conformance-no-such-node"', Some(),
            )),
        ),
        pods=True,
    ),
    Row(
        "pod-eviction",
        "an eviction deletes; a budget that does not allow it answers 429 with a cause",
        (
            Ask("POST", PODS, pod("p", ASIDE, labels={"app": "p"}), gives(201)),
            Ask("PATCH", f"{P}/status", {"status": {"phase": "Running", "conditions": [
                {"type": "Ready", "status": "True"},
            ]}}, gives(200), type=MERGE_PATCH),
            Ask("POST", BUDGETS, made(
                "policy/v1", "PodDisruptionBudget", "b",
                spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "p"}}},
            ), gives(201)),
            Ask("POST", f"{P}/eviction", {
                "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"},
            }, gives(429, {
                "reason": "TooManyRequests",
                "message": "Cannot evict pod as it would violate the pod's disruption budget.",
                "details.causes[0].reason": "DisruptionBudget",
            })),
            Ask("DELETE", f"{BUDGETS}/b"),
            Ask("POST", f"{P}/eviction", {
                "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"},
            }, gives(201, {"kind": "Status", "status": "Success"})),
            Ask("DELETE", f"{P}?gracePeriodSeconds=0"),
        ),
        pods=True,
    ),
    Row(
        "deployment-defaults",
        "a Deployment's defaults, and its generation",
        (
            Ask("POST", DEPLOYMENTS, deployment("d"), gives(201, {
                "metadata.generation": 1, "spec.revisionHistoryLimit": 10,
                "spec.progressDeadlineSeconds": 600,
                "spec.strategy": {"type": "RollingUpdate", "rollingUpdate": {
                    "maxUnavailable": "25%", "maxSurge": "25%",
                }},
                "spec.template.spec.restartPolicy": "Always",
                "spec.template.spec.serviceAccountName": Absent(),
            })),
            Ask("PATCH", D, {"spec": {"template": {"metadata": {"annotations": {"a": "1"}}}}},
                gives(200, {"metadata.generation": 2}), type=MERGE_PATCH),
            # Its annotations are copied to ReplicaSets; labels concern nobody.
            Ask("PATCH", D, {"metadata": {"annotations": {"a": "1"}}},
                gives(200, {"metadata.generation": 3}), type=MERGE_PATCH),
            Ask("PATCH", D, {"metadata": {"labels": {"a": "1"}}},
                gives(200, {"metadata.generation": 3}), type=MERGE_PATCH),
        ),
    ),
    Row(
        "deployment-selector-stays",
        "a Deployment's selector may not change",
        (
            Ask("POST", DEPLOYMENTS, deployment("d"), gives(201)),
            Ask("PATCH", D, {"spec": {
                "selector": {"matchLabels": {"app": "e"}},
                "template": {"metadata": {"labels": {"app": "e"}}},
            }}, refused(
                422, "Invalid",
                Like('Deployment.apps "d" is invalid: spec.selector: Invalid value: .*: field is'
                     " immutable"),
                Has({"name": "d", "group": "apps", "kind": "Deployment"}),
            ), type=MERGE_PATCH),
        ),
    ),
    Row(
        "deployment-selector-fits",
        "a Deployment's selector has to select its template",
        (
            Ask("POST", DEPLOYMENTS, deployment("d", {"selector": {"matchLabels": {"app": "e"}}}),
                refused(
                    422, "Invalid",
                    'Deployment.apps "d" is invalid: spec.template.metadata.labels: Invalid value:'
                    ' {"app":"d"}: `selector` does not match template `labels`', Some(),
                )),
        ),
    ),
    Row(
        "deployment-scale",
        "the subresource scale of a Deployment",
        (
            Ask("POST", DEPLOYMENTS, deployment("d"), gives(201)),
            Ask("GET", f"{D}/scale", expects=gives(200, {
                "kind": "Scale", "apiVersion": "autoscaling/v1", "spec": Has({}),
                "status.replicas": 0, "status.selector": "app=d",
            })),
            Ask("PATCH", f"{D}/scale?dryRun=All", {"spec": {"replicas": 3}}, gives(
                200, {"spec.replicas": 3}
            ), type=MERGE_PATCH),
            Ask("PUT", f"{D}/scale?dryRun=All", made(
                "autoscaling/v1", "Scale", "d", spec={"replicas": -1}
            ), refused(422, "Invalid", Like(
                'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: must be'
                " greater than or equal to 0"
            ), Some())),
        ),
    ),
    Row(
        "deployment-status",
        "the subresource status of a Deployment leaves spec and generation",
        (
            Ask("POST", DEPLOYMENTS, deployment("d"), gives(201)),
            Ask("PATCH", f"{D}/status?dryRun=All", {
                "spec": {"replicas": 9}, "status": {"observedGeneration": 1},
            }, gives(200, {
                "spec.replicas": 0, "status.observedGeneration": 1, "metadata.generation": 1,
            }), type=MERGE_PATCH),
        ),
    ),
    Row(
        "service-defaults",
        "a Service's defaults: an address, families, the target port",
        (
            Ask("POST", SERVICES, service("s", {"selector": {"app": "s"}}), gives(201, {
                "spec.type": "ClusterIP", "spec.sessionAffinity": "None",
                "spec.clusterIP": Like(r"[0-9a-f.:]+"), "spec.clusterIPs": Some(),
                "spec.ipFamilies": Some(), "spec.ipFamilyPolicy": "SingleStack",
                "spec.internalTrafficPolicy": "Cluster",
                "spec.ports": [{"protocol": "TCP", "port": 80, "targetPort": 80}],
                "status": {"loadBalancer": {}},
            })),
        ),
    ),
    Row(
        "service-address-stays",
        "a Service's address may not change; a PUT without it keeps it",
        (
            Ask("POST", SERVICES, service("s"), gives(201), keep={"ip": "spec.clusterIP"}),
            Ask("PUT", S, service("s", {"ports": [{"port": 81}]}), gives(
                200, {"spec.clusterIP": "<ip>", "spec.ports[0].port": 81}
            )),
            Ask("PATCH", S, {"spec": {"clusterIP": "None", "clusterIPs": ["None"]}}, refused(
                422, "Invalid",
                Like('Service "s" is invalid: spec.clusterIPs\\[0\\]: Invalid value:'
                     ' \\["None"\\]: may not change once set'), Some(),
            ), type=MERGE_PATCH),
        ),
    ),
    Row(
        "service-address-taken",
        "an address that another Service has: 422",
        (
            Ask("POST", SERVICES, service("s"), gives(201), keep={"ip": "spec.clusterIP"}),
            Ask("POST", SERVICES, service("t", {"clusterIP": "<ip>"}), refused(
                422, "Invalid",
                Like('Service "t" is invalid: spec.clusterIPs: Invalid value: \\["<ip>"\\]: failed'
                     " to allocate IP <ip>: provided IP is already allocated"), Some(),
            )),
        ),
    ),
    Row(
        "service-headless",
        "clusterIP=None stays None",
        (
            Ask("POST", SERVICES, service("s", {"clusterIP": "None", "selector": {"app": "s"}}),
                gives(201, {"spec.clusterIP": "None", "spec.clusterIPs": ["None"]})),
        ),
    ),
    Row(
        "service-external-name",
        "an ExternalName has a name and no address",
        (
            Ask("POST", SERVICES, made("v1", "Service", "s", spec={
                "type": "ExternalName", "externalName": "a.example.com",
            }), gives(201, {"spec.clusterIP": Absent(), "spec.externalName": "a.example.com"})),
            Ask("POST", SERVICES, made("v1", "Service", "t", spec={"type": "ExternalName"}),
                refused(422, "Invalid", Like(
                    'Service "t" is invalid: spec.externalName: (Required value|Invalid value).*'
                ), Some())),
        ),
    ),
    Row(
        "service-ports",
        "several ports have names, and differ",
        (
            Ask("POST", SERVICES, service("s", {"ports": [{"port": 80}, {"port": 81}]}), refused(
                422, "Invalid",
                'Service "s" is invalid: [spec.ports[0].name: Required value, spec.ports[1].name:'
                " Required value]", Some(),
            )),
            Ask("POST", SERVICES, service("s", {"ports": [{"port": 0}]}), refused(
                422, "Invalid",
                Like('Service "s" is invalid: .*spec.ports\\[0\\].port: Invalid value: 0: must be'
                     " between 1 and 65535, inclusive.*"), Some(),
            )),
            Ask("POST", SERVICES, made("v1", "Service", "s", spec={}), refused(
                422, "Invalid", 'Service "s" is invalid: spec.ports: Required value', Some(),
            )),
        ),
    ),
    Row(
        "service-names",
        "a Service's name is a DNS label: no dots",
        (
            Ask("POST", SERVICES, service("s.t"), refused(
                422, "Invalid",
                # A DNS-1035 label until 1.33, an RFC 1123 label in newer ones.
                Like('Service "s.t" is invalid: metadata.name: Invalid value: "s.t": (must not'
                     " contain dots|a .* label must consist of .*)"), Some(),
            )),
        ),
    ),
    Row(
        "endpoint-slice",
        "an EndpointSlice keeps its address type; a port gets its protocol",
        (
            Ask("POST", SLICES, SLICE, gives(201, {
                "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
                "metadata.generation": 1,
            })),
            Ask("PUT", f"{SLICES}/s", {
                **SLICE, "addressType": "IPv6", "endpoints": [{"addresses": ["fd00::1"]}],
            }, refused(
                422, "Invalid",
                Like('EndpointSlice.discovery.k8s.io "s" is invalid: addressType: Invalid value:'
                     ' "IPv6": field is immutable'), Some(),
            )),
            Ask("POST", SLICES, {**SLICE, "endpoints": [{"addresses": ["no address"]}],
                                 "metadata": {"name": "t"}}, refused(
                422, "Invalid",
                Like('EndpointSlice.discovery.k8s.io "t" is invalid: endpoints\\[0\\].addresses'
                     '\\[0\\]: Invalid value: "no address": must be a valid (IPv4|IP) address.*'),
                Some(),
            )),
        ),
    ),
    Row(
        "lease",
        "a Lease is taken over by whoever names its version; the other gets 409",
        (
            Ask("POST", LEASES, lease("l"), gives(201), keep={"rv": "metadata.resourceVersion"}),
            Ask("PUT", f"{LEASES}/l", lease("l", {
                "holderIdentity": "b", "leaseTransitions": 1,
                "renewTime": "2026-01-02T03:04:05.678901Z",
            }, resourceVersion="<rv>"), gives(200, {
                "spec.holderIdentity": "b", "spec.renewTime": "2026-01-02T03:04:05.678901Z",
            })),
            Ask("PUT", f"{LEASES}/l", lease("l", {"holderIdentity": "c"}, resourceVersion="<rv>"),
                refused(
                    409, "Conflict",
                    'Operation cannot be fulfilled on leases.coordination.k8s.io "l": the object'
                    " has been modified; please apply your changes to the latest version and try"
                    " again",
                    {"name": "l", "group": "coordination.k8s.io", "kind": "leases"},
                )),
        ),
    ),
    Row(
        "lease-update-creates",
        "a PUT of a Lease that is not there creates it",
        (
            Ask("PUT", f"{LEASES}/l", lease("l"), gives(201, {"metadata.name": "l"})),
        ),
    ),
    Row(
        "lease-duration",
        "a Lease's duration is above zero",
        (
            Ask("POST", LEASES, lease("l", {"leaseDurationSeconds": 0}), refused(
                422, "Invalid",
                'Lease.coordination.k8s.io "l" is invalid: spec.leaseDurationSeconds: Invalid'
                " value: 0: must be greater than 0", Some(),
            )),
        ),
    ),
    Row(
        "event",
        "an Event is about an object of its own namespace",
        (
            Ask("POST", EVENTS, {
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"}, "reason": "Works",
                "type": "Normal", "message": "well",
                "involvedObject": {"kind": "Pod", "namespace": "<ns>", "name": "p"},
            }, gives(201, {"reason": "Works"})),
            Ask("GET", f"{EVENTS}?fieldSelector=involvedObject.name=p", expects=gives(
                200, {"items": Count(1)}
            )),
            Ask("POST", EVENTS, {
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": "f"},
                "involvedObject": {"kind": "Pod", "namespace": "other", "name": "p"},
            }, refused(
                422, "Invalid",
                'Event "f" is invalid: involvedObject.namespace: Invalid value: "other": does not'
                " match event.namespace", Some(),
            )),
        ),
    ),
    Row(
        "job-template-stays",
        "a Job gets a selector of its own, and its template may not change",
        (
            Ask("POST", f"{JOBS}", made("batch/v1", "Job", "j", spec={
                "suspend": True,
                "template": {"spec": {"restartPolicy": "Never", "containers": [CONTAINER]}},
            }), gives(201, {
                "spec.backoffLimit": 6, "spec.completions": 1, "spec.parallelism": 1,
                "spec.selector.matchLabels": Some(),
                'spec.template.metadata.labels["batch.kubernetes.io/job-name"]': "j",
            })),
            Ask("PATCH", f"{JOBS}/j", {
                "spec": {"template": {"spec": {"restartPolicy": "OnFailure"}}},
            }, refused(
                422, "Invalid",
                Like('Job.batch "j" is invalid: spec.template(.spec)?: Invalid value: .*field is'
                     " immutable"), Some(),
            ), type=MERGE_PATCH),
            Ask("POST", f"{JOBS}", made("batch/v1", "Job", "k", spec={
                "template": {"spec": {"containers": [CONTAINER]}},
            }), refused(
                422, "Invalid",
                'Job.batch "k" is invalid: spec.template.spec.restartPolicy: Required value: valid'
                ' values: "OnFailure", "Never"', Some(),
            )),
        ),
    ),
    Row(
        "apply-a-deployment",
        "an apply of a Deployment owns what it says, and none of the defaults",
        (
            Ask("PATCH", f"{D}?fieldManager=one", {
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
                "spec": {
                    "replicas": 0, "selector": {"matchLabels": {"app": "d"}},
                    "template": {
                        "metadata": {"labels": {"app": "d"}},
                        "spec": {"containers": [CONTAINER]},
                    },
                },
            }, gives(201, {"metadata.managedFields[manager=one].fieldsV1": {"f:spec": {
                "f:replicas": {}, "f:selector": {},
                "f:template": {
                    "f:metadata": {"f:labels": {"f:app": {}}},
                    "f:spec": {"f:containers": {
                        'k:{"name":"main"}': {".": {}, "f:image": {}, "f:name": {}},
                    }},
                },
            }}}), type=APPLY_PATCH),
        ),
    ),
)
