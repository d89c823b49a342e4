# SPDX-License-Identifier: Apache-2.0
"""Patches of three kinds."""

import unittest
from typing import Any

from testcluster.model import merging, schemas, strategic
from testcluster.model.failures import Object

DEPLOYMENT = schemas.named("io.k8s.api.apps.v1.Deployment")


def containers(*items: Object) -> Object:
    return {"spec": {"template": {"spec": {"containers": list[Any](items)}}}}


class MergePatch(unittest.TestCase):
    """The examples of RFC 7386, in the main."""

    def test_null_removes_and_lists_are_replaced(self) -> None:
        self.assertEqual(
            merging.merge({"a": {"b": 1, "c": 2}, "l": [1]}, {"a": {"b": None}, "l": [2]}),
            {"a": {"c": 2}, "l": [2]},
        )

    def test_nulls_in_new_parts_are_dropped(self) -> None:
        self.assertEqual(merging.merge({}, {"a": {"bb": {"ccc": None}}}), {"a": {"bb": {}}})

    def test_the_input_is_not_changed(self) -> None:
        old = {"a": {"b": 1}}
        merging.merge(old, {"a": {"b": 2}})
        self.assertEqual(old, {"a": {"b": 1}})


class JsonPatch(unittest.TestCase):
    """Operations of RFC 6902."""

    def test_operations(self) -> None:
        cases = [
            ({"l": [1, 3]}, {"op": "add", "path": "/l/1", "value": 2}, {"l": [1, 2, 3]}),
            ({"l": [1]}, {"op": "add", "path": "/l/-", "value": 2}, {"l": [1, 2]}),
            ({"a/b": 1}, {"op": "remove", "path": "/a~1b"}, {}),
            ({"a": 1}, {"op": "move", "from": "/a", "path": "/b"}, {"b": 1}),
            ({"a": [1]}, {"op": "copy", "from": "/a", "path": "/b"}, {"a": [1], "b": [1]}),
            ({"a": 1}, {"op": "replace", "path": "", "value": 2}, 2),
            ({"a": 1}, {"op": "test", "path": "/a", "value": 1}, {"a": 1}),
        ]
        for old, operation, new in cases:
            with self.subTest(operation):
                self.assertEqual(merging.apply(old, [operation]), new)

    def test_what_does_not_fit_is_refused(self) -> None:
        for operation in (
            {"op": "remove", "path": "/a"}, {"op": "replace", "path": "/a", "value": 1},
            {"op": "add", "path": "/l/5", "value": 1}, {"op": "test", "path": "/t", "value": 1},
            {"op": "add", "path": "/x/y", "value": 1}, {"op": "wish", "path": "/t"},
            {"op": "add", "path": "t"}, {"op": "add", "path": "/t"},
        ):
            with self.subTest(operation), self.assertRaises(merging.PatchError):
                merging.apply({"l": [], "t": True}, [operation])


class StrategicMergePatch(unittest.TestCase):
    """Lists by the keys that Kubernetes' schemas name."""

    def merge(self, old: Object, patch: Object) -> Object:
        return strategic.merge(old, patch, DEPLOYMENT)

    def test_containers_are_merged_by_name(self) -> None:
        old = containers({"name": "a", "image": "1"}, {"name": "b", "image": "2"})
        new = self.merge(old, containers({"name": "b", "image": "3"}))
        self.assertEqual(new, containers({"name": "a", "image": "1"}, {"name": "b", "image": "3"}))

    def test_patch_delete_removes_an_item(self) -> None:
        old = containers({"name": "a"}, {"name": "b"})
        new = self.merge(old, containers({"$patch": "delete", "name": "a"}))
        self.assertEqual(new, containers({"name": "b"}))

    def test_set_element_order_orders(self) -> None:
        old = containers({"name": "server"}, {"name": "a"}, {"name": "b"})
        patch = containers({"name": "new"})
        patch["spec"]["template"]["spec"]["$setElementOrder/containers"] = [
            {"name": "new"}, {"name": "b"}, {"name": "a"}
        ]
        made = self.merge(old, patch)["spec"]["template"]["spec"]["containers"]
        names = [each["name"] for each in made]
        self.assertEqual([each for each in names if each != "server"], ["new", "b", "a"])
        self.assertIn("server", names)

    def test_atomic_lists_are_replaced(self) -> None:
        old = containers({"name": "a", "command": ["x", "y"]})
        new = self.merge(old, containers({"name": "a", "command": ["z"]}))
        self.assertEqual(new, containers({"name": "a", "command": ["z"]}))

    def test_primitive_lists_with_a_strategy_are_joined_and_reduced(self) -> None:
        old = {"metadata": {"finalizers": ["a/x", "b/x"]}}
        joined = self.merge(old, {"metadata": {"finalizers": ["c/x"]}})
        self.assertEqual(joined["metadata"]["finalizers"], ["a/x", "b/x", "c/x"])
        less = self.merge(old, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/x"]}})
        self.assertEqual(less["metadata"]["finalizers"], ["b/x"])

    def test_retain_keys_drops_the_rest(self) -> None:
        old = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
        patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
        self.assertEqual(self.merge(old, patch), {"spec": {"strategy": {"type": "Recreate"}}})

    def test_an_item_without_its_key_is_refused(self) -> None:
        with self.assertRaises(merging.PatchError):
            self.merge(containers({"name": "a"}), containers({"image": "x"}))


if __name__ == "__main__":
    unittest.main()
