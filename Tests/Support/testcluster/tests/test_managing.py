# SPDX-License-Identifier: Apache-2.0
"""Field managers and server-side apply."""

import unittest

from testcluster.model import fieldsets, managing, schemas
from testcluster.model.failures import Failure, Object

CONFIG_MAP = schemas.named("io.k8s.api.core.v1.ConfigMap")
DEPLOYMENT = schemas.named("io.k8s.api.apps.v1.Deployment")
EMPTY = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}


def config(**data: str) -> Object:
    return EMPTY | {"metadata": {"name": "x"}, "data": data}


def change(manager: str, forces: bool = False) -> managing.Change:
    return managing.Change(manager, "v1", "2026-01-01T00:00:00Z", forces=forces)


def fields(managers: managing.Managers, manager: str) -> Object:
    return next(
        fieldsets.to_v1(entry.fields) for key, entry in managers.items() if key.manager == manager
    )


class Apply(unittest.TestCase):
    """What several appliers do to one object."""

    def setUp(self) -> None:
        self.live, self.managers = managing.apply(
            EMPTY, config(a="1", b="1"), {}, CONFIG_MAP, change("one")
        )

    def test_an_applier_owns_what_it_names(self) -> None:
        self.assertEqual(
            fields(self.managers, "one"), {"f:data": {"f:a": {}, "f:b": {}}}
        )

    def test_another_value_is_a_conflict(self) -> None:
        with self.assertRaises(Failure) as caught:
            managing.apply(self.live, config(a="2"), self.managers, CONFIG_MAP, change("two"))
        self.assertEqual(caught.exception.code, 409)
        self.assertEqual(
            str(caught.exception),
            'Apply failed with 1 conflict: conflict with "one": .data.a',
        )

    def test_the_same_value_is_shared(self) -> None:
        live, managers = managing.apply(
            self.live, config(a="1"), self.managers, CONFIG_MAP, change("two")
        )
        self.assertEqual(fields(managers, "two"), {"f:data": {"f:a": {}}})
        live, managers = managing.apply(live, config(b="1"), managers, CONFIG_MAP, change("one"))
        self.assertEqual(live["data"], {"a": "1", "b": "1"})

    def test_force_takes_the_field(self) -> None:
        live, managers = managing.apply(
            self.live, config(a="2"), self.managers, CONFIG_MAP, change("two", forces=True)
        )
        self.assertEqual(live["data"], {"a": "2", "b": "1"})
        self.assertEqual(fields(managers, "one"), {"f:data": {"f:b": {}}})

    def test_what_is_no_longer_applied_goes(self) -> None:
        live, _ = managing.apply(
            self.live, config(b="1"), self.managers, CONFIG_MAP, change("one")
        )
        self.assertEqual(live["data"], {"b": "1"})

    def test_an_update_takes_what_it_changes(self) -> None:
        new = self.live | {"data": {"a": "9", "b": "1", "c": "1"}}
        managers = managing.update(
            self.live, new, self.managers, CONFIG_MAP, change("editor")
        )
        self.assertEqual(fields(managers, "one"), {"f:data": {"f:b": {}}})
        self.assertEqual(fields(managers, "editor"), {"f:data": {"f:a": {}, "f:c": {}}})

    def test_an_update_that_removes_leaves_nobody_with_the_field(self) -> None:
        new = self.live | {"data": {"b": "1"}}
        managers = managing.update(
            self.live, new, self.managers, CONFIG_MAP, change("editor")
        )
        self.assertEqual(fields(managers, "one"), {"f:data": {"f:b": {}}})


class Items(unittest.TestCase):
    """Lists with keys."""

    def deployment(self, **image: str) -> Object:
        items = [{"name": name, "image": value} for name, value in image.items()]
        return {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"},
            "spec": {"template": {"spec": {"containers": items}}},
        }

    def test_appliers_own_their_containers(self) -> None:
        empty = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}}
        live, managers = managing.apply(
            empty, self.deployment(a="1"), {}, DEPLOYMENT, change("one")
        )
        live, managers = managing.apply(
            live, self.deployment(b="2"), managers, DEPLOYMENT, change("two")
        )
        names = [each["name"] for each in live["spec"]["template"]["spec"]["containers"]]
        self.assertEqual(names, ["a", "b"])
        without = self.deployment()
        live, _ = managing.apply(live, without, managers, DEPLOYMENT, change("two"))
        names = [each["name"] for each in live["spec"]["template"]["spec"]["containers"]]
        self.assertEqual(names, ["a"])

    def test_fields_v1_is_read_as_it_was_written(self) -> None:
        some = fieldsets.of_object(self.deployment(a="1"), DEPLOYMENT)
        tree = fieldsets.to_v1(some)
        self.assertEqual(fieldsets.from_v1(tree), some)
        self.assertEqual(
            tree["f:spec"]["f:template"]["f:spec"]["f:containers"],
            {'k:{"name":"a"}': {".": {}, "f:image": {}, "f:name": {}}},
        )

    def test_ports_are_told_apart_by_number_and_protocol(self) -> None:
        schema = schemas.field(schemas.named("io.k8s.api.core.v1.Container"), "ports")
        assert schema is not None
        self.assertEqual(
            fieldsets.element(schema, {"containerPort": 80}),
            'k:{"containerPort":80,"protocol":"TCP"}',
        )


if __name__ == "__main__":
    unittest.main()
