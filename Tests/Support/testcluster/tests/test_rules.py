# SPDX-License-Identifier: Apache-2.0
"""Selectors, roles, paths, quantities, and what is refused."""

import unittest

from testcluster.model import (
    decoding, defaults, paths, quantity, rbac, schemas, selectors, structural, validating,
)
from testcluster.model.failures import Failure, Object
from testcluster.model.rbac import User


class Selectors(unittest.TestCase):
    """Texts and objects."""

    def test_texts(self) -> None:
        labels = {"app": "web", "tier": "front"}
        for text, holds in {
            "app=web": True, "app==web": True, "app!=web": False, "app": True, "!app": False,
            "tier in (front, back)": True, "tier notin (front)": False, "other!=x": True,
            "app=web,tier=back": False, "other notin (x)": True, "": True,
        }.items():
            with self.subTest(text):
                self.assertEqual(selectors.parse_labels(text)(labels), holds)

    def test_what_is_no_selector(self) -> None:
        for text in ("app in web", "a=b=c", "=x", "app=-"):
            with self.subTest(text), self.assertRaises(Failure):
                selectors.parse_labels(text)

    def test_objects(self) -> None:
        some = {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["x"]}]}
        self.assertTrue(selectors.of_object(some)({}))
        self.assertFalse(selectors.of_object(some)({"a": "x"}))
        self.assertTrue(selectors.of_object({})({"a": "x"}))
        self.assertFalse(selectors.of_object(None)({}))
        self.assertFalse(selectors.of_map({})({"a": "x"}))


class Roles(unittest.TestCase):
    """Who may do what."""

    def setUp(self) -> None:
        rules = [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods", "pods/log"],
                  "resourceNames": ["a"]}]
        metadata = {"namespace": "ns", "name": "r"}
        self.policy = rbac.Policy(
            {"reader": {"rules": [{"verbs": ["get"], "nonResourceURLs": ["/metrics/*"]}]}},
            {("ns", "r"): {"metadata": metadata, "rules": rules}},
            [{"metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "reader"},
              "subjects": [{"kind": "Group", "name": "staff"}]}],
            [{"metadata": metadata, "roleRef": {"kind": "Role", "name": "r"},
              "subjects": [{"kind": "ServiceAccount", "name": "sa"}]}],
        )
        self.account = rbac.service_account("ns", "sa")

    def allows(self, user: User, method: str, path: str) -> bool:
        return self.policy.allows(user, paths.parse(method, path, {}))

    def test_rules(self) -> None:
        pod = "/api/v1/namespaces/ns/pods"
        for path, holds in {
            f"{pod}/a": True, f"{pod}/a/log": True, f"{pod}/b": False, pod: False,
            f"{pod}/a/status": False, "/api/v1/namespaces/other/pods/a": False,
        }.items():
            with self.subTest(path):
                self.assertEqual(self.allows(self.account, "GET", path), holds)
        self.assertFalse(self.allows(self.account, "DELETE", f"{pod}/a"))

    def test_paths(self) -> None:
        staff = User("x", ("staff",))
        self.assertTrue(self.allows(staff, "GET", "/metrics/cadvisor"))
        self.assertFalse(self.allows(staff, "GET", "/metrics"))
        self.assertTrue(self.allows(User("root", (rbac.MASTERS,)), "DELETE", "/anything"))

    def test_nobody_grants_more_than_he_has(self) -> None:
        wanted = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
        self.assertEqual(self.policy.grants_all(self.account, "ns", [wanted]), [wanted])
        own = wanted | {"resourceNames": ["a"]}
        self.assertEqual(self.policy.grants_all(self.account, "ns", [own]), [])


class Paths(unittest.TestCase):
    """What a request is about."""

    def test_parts(self) -> None:
        cases = {
            ("GET", "/api/v1/pods"): ("list", "", "", "pods", "", ""),
            ("GET", "/apis/apps/v1/namespaces/n/deployments/d/scale"):
                ("get", "apps", "n", "deployments", "d", "scale"),
            ("DELETE", "/api/v1/namespaces/n/pods"): ("deletecollection", "", "n", "pods", "", ""),
            ("PUT", "/api/v1/namespaces/n/status"):
                ("update", "", "n", "namespaces", "n", "status"),
            ("GET", "/api/v1/namespaces/n"): ("get", "", "n", "namespaces", "n", ""),
            ("GET", "/apis/apps/v1"): ("get", "", "", "", "", ""),
        }
        for (method, path), wanted in cases.items():
            with self.subTest(path):
                info = paths.parse(method, path, {})
                found = (info.verb, info.group, info.namespace, info.plural, info.name,
                         info.subresource)
                self.assertEqual(found, wanted)
        self.assertEqual(paths.parse("GET", "/api/v1/pods", {"watch": "true"}).verb, "watch")


class Quantities(unittest.TestCase):
    """One way to write each amount."""

    def test_canonical(self) -> None:
        for text, wanted in {
            "1000m": "1", "0.5": "500m", "1024Ki": "1Mi", "1.5Gi": "1536Mi", "1": "1", "0": "0",
            "2000": "2k", "100000000": "100M", "1e3": "1e3", "0.1": "100m", "1500": "1500",
        }.items():
            with self.subTest(text):
                self.assertEqual(quantity.canonical(text), wanted)

    def test_what_is_none(self) -> None:
        for text in ("", "x", "1 Gi", "1gi", "--1"):
            with self.subTest(text), self.assertRaises(ValueError):
                quantity.parse(text)


class Objects(unittest.TestCase):
    """Decoding, defaults and rules of Kubernetes' own kinds."""

    schema = schemas.named("io.k8s.api.apps.v1.Deployment")

    def decode(self, body: Object) -> decoding.Decoded:
        return decoding.decode(body, self.schema, "Deployment", "v1")

    def test_unknown_fields_are_dropped_and_told(self) -> None:
        found = self.decode({"spec": {"replica": 1, "template": {"spec": {"containers": [
            {"name": "a", "imagee": "x"}
        ]}}}})
        self.assertEqual(
            found.unknown, ["spec.replica", "spec.template.spec.containers[0].imagee"]
        )

    def test_wrong_types_are_refused_in_gos_words(self) -> None:
        with self.assertRaises(Failure) as caught:
            self.decode({"spec": {"replicas": "two"}})
        self.assertEqual(str(caught.exception), (
            'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal'
            " string into Go struct field DeploymentSpec.spec.replicas of type int32"
        ))

    def test_defaults_make_a_valid_deployment(self) -> None:
        labels = {"app": "x"}
        thing = self.decode({"metadata": {"name": "x"}, "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels},
                         "spec": {"containers": [{"name": "a", "image": "b"}]}},
        }}).value
        defaults.fill(("apps", "deployments"), thing)
        self.assertEqual(validating.faults(("apps", "deployments"), thing, None), [])
        self.assertEqual(thing["spec"]["strategy"]["rollingUpdate"]["maxSurge"], "25%")
        container = thing["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["imagePullPolicy"], "Always")

    def test_a_selector_has_to_match(self) -> None:
        thing = self.decode({"metadata": {"name": "x"}, "spec": {
            "selector": {"matchLabels": {"app": "y"}},
            "template": {"metadata": {"labels": {"app": "x"}},
                         "spec": {"containers": [{"name": "a", "image": "b"}]}},
        }}).value
        defaults.fill(("apps", "deployments"), thing)
        texts = [each.text for each in validating.faults(("apps", "deployments"), thing, None)]
        self.assertEqual(texts, [
            'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match'
            " template `labels`"
        ])


class CustomKinds(unittest.TestCase):
    """Structural schemas."""

    schema = {"type": "object", "properties": {"spec": {
        "type": "object", "required": ["size"], "properties": {
            "size": {"type": "integer", "minimum": 1, "maximum": 9},
            "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
            "port": {"x-kubernetes-int-or-string": True},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            "names": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}},
        },
    }}}

    def test_prune_and_defaults(self) -> None:
        thing, unknown = structural.prune(
            {"spec": {"size": 1, "what": 2, "free": {"x": 1}}, "more": 1}, self.schema
        )
        self.assertEqual(thing, {"spec": {"size": 1, "free": {"x": 1}}})
        self.assertEqual(unknown, ["spec.what", "more"])
        self.assertEqual(structural.fill(thing, self.schema)["spec"]["color"], "red")

    def test_faults(self) -> None:
        for spec, wanted in (
            ({"size": 1, "port": "http"}, []),
            ({}, ["spec.size: Required value"]),
            ({"size": 10}, ["spec.size: Invalid value: 10: spec.size in body should be less than"
                            " or equal to 9"]),
            ({"size": 1, "color": "green"}, ['spec.color: Unsupported value: "green": supported'
                                             ' values: "red", "blue"']),
            ({"size": 1, "names": ["A"]}, ['spec.names[0]: Invalid value: "A": spec.names[0] in'
                                           " body should match '^[a-z]+$'"]),
        ):
            with self.subTest(spec):
                texts = [each.text for each in structural.faults({"spec": spec}, self.schema)]
                self.assertEqual(texts, wanted)

    def test_what_is_no_structural_schema(self) -> None:
        for schema in (
            {}, {"type": "object", "properties": {"a": {}}},
            {"type": "object", "properties": {"a": {"type": "array"}}},
            {"type": "object", "properties": {"a": {"type": "wish"}}},
        ):
            with self.subTest(schema):
                self.assertTrue(structural.schema_faults(schema, "s"))
        self.assertEqual(structural.schema_faults(self.schema, "s"), [])


if __name__ == "__main__":
    unittest.main()
