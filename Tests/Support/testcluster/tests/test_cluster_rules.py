# SPDX-License-Identifier: Apache-2.0
"""Rollouts, nodes, endpoints, names and addresses."""

import unittest
from typing import Any

from testcluster.model import dnat, dnswire, protobuf, rollout, scheduling, slicing, zone
from testcluster.model.failures import Object
from testcluster.model.rollout import Generation


def pod(name: str, ip: str, ready: bool = True, leaving: bool = False, **spec: object) -> Object:
    metadata = {"name": name, "namespace": "default", "uid": name}
    if leaving:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    return {
        "metadata": metadata, "spec": {"containers": [], "nodeName": "n"} | spec,
        "status": {"podIPs": [{"ip": ip}], "phase": "Running", "conditions": [condition]},
    }


class Rollout(unittest.TestCase):
    """Sizes in the middle of a rollout."""

    def test_a_rollout_is_never_below_its_bound(self) -> None:
        for replicas, surge, missing in ((2, 1, 0), (4, 1, 1), (10, 3, 2), (3, 0, 1)):
            with self.subTest((replicas, surge, missing)):
                new, old = 0, replicas
                ready = 0
                for _ in range(100):
                    sizes = rollout.next_sizes(
                        replicas, surge, missing, Generation("new", new, ready),
                        [Generation("old", old, old)],
                    )
                    new, old = sizes.get("new", new), sizes.get("old", old)
                    self.assertGreaterEqual(old + ready, replicas - missing)
                    self.assertLessEqual(old + new, replicas + surge)
                    if not sizes:
                        # One more has become ready.
                        ready = min(new, ready + 1)
                self.assertEqual((new, old), (replicas, 0))

    def test_pods_that_never_were_ready_go_first(self) -> None:
        sizes = rollout.next_sizes(
            2, 1, 0, Generation("new", 1, 1),
            [Generation("broken", 1, 0), Generation("good", 2, 2)],
        )
        self.assertEqual(sizes, {"broken": 0, "good": 1})

    def test_shares(self) -> None:
        self.assertEqual(rollout.bounds({"maxSurge": "25%", "maxUnavailable": "25%"}, 2), (1, 0))
        self.assertEqual(rollout.bounds({"maxSurge": 0, "maxUnavailable": "10%"}, 2), (0, 1))

    def test_templates(self) -> None:
        one = {"metadata": {"labels": {"a": "b"}}, "spec": {"x": 1}}
        other = {"metadata": {"labels": {"a": "b", rollout.HASH: "c"}}, "spec": {"x": 1}}
        self.assertTrue(rollout.same_template(one, other))
        self.assertFalse(rollout.same_template(one, one | {"spec": {"x": 2}}))

    def test_the_least_useful_pods_go(self) -> None:
        ready, unready = pod("r", "1.1.1.1"), pod("u", "1.1.1.2", ready=False)
        waiting = pod("w", "1.1.1.3", nodeName="")
        self.assertEqual(rollout.doomed([ready, unready, waiting], 2), [waiting, unready])


class Scheduling(unittest.TestCase):
    """Where a pod goes."""

    node = {"metadata": {"name": "n", "labels": {"disk": "ssd"}}, "spec": {},
            "status": {"allocatable": {"cpu": "1", "pods": "2"}}}

    def choose(
        self, spec: Object, placed: list[Any], taints: list[Any] | None = None
    ) -> tuple[str | None, str]:
        node = self.node | {"spec": {"taints": taints or []}}
        return scheduling.choose({"spec": {"containers": []} | spec}, [node], placed)

    def test_choice(self) -> None:
        self.assertEqual(self.choose({}, [])[0], "n")
        self.assertEqual(self.choose({"nodeSelector": {"disk": "ssd"}}, [])[0], "n")
        self.assertIn("selector", self.choose({"nodeSelector": {"disk": "tape"}}, [])[1])
        big = {"containers": [{"resources": {"requests": {"cpu": "1500m"}}}]}
        self.assertEqual(
            self.choose(big, []), (None, "0/1 nodes are available: 1 Insufficient cpu.")
        )
        full = [{"spec": {"nodeName": "n", "containers": []}}] * 2
        self.assertIn("Too many pods", self.choose({}, full)[1])
        taints = [{"key": "k", "effect": "NoSchedule"}]
        self.assertIsNone(self.choose({}, [], taints)[0])
        tolerant = {"tolerations": [{"key": "k", "operator": "Exists"}]}
        self.assertEqual(self.choose(tolerant, [], taints)[0], "n")


class Endpoints(unittest.TestCase):
    """Slices of a service."""

    service = {"metadata": {"name": "s"}, "spec": {"ports": [
        {"name": "http", "port": 80, "targetPort": "web"}
    ]}}

    def test_slices(self) -> None:
        container = {"name": "c", "ports": [{"name": "web", "containerPort": 8080}]}
        pods = [
            pod("a", "10.0.0.1", containers=[container]),
            pod("b", "10.0.0.2", ready=False, containers=[container]),
            pod("c", "10.0.0.3", leaving=True, containers=[container]),
        ]
        [(ports, endpoints)] = slicing.slices(self.service, pods, "IPv4")
        self.assertEqual(ports, [{"name": "http", "port": 8080, "protocol": "TCP"}])
        states = {
            each["targetRef"]["name"]: tuple(each["conditions"].values()) for each in endpoints
        }
        self.assertEqual(states, {
            "a": (True, True, False), "b": (False, False, False), "c": (False, True, True)
        })
        self.assertEqual(slicing.slices(self.service, pods, "IPv6"), [])


class Names(unittest.TestCase):
    """The DNS specification."""

    services: dict[tuple[str, str], Object] = {
        ("default", "web"): {"metadata": {"name": "web"}, "spec": {
            "clusterIP": "10.96.1.1", "clusterIPs": ["10.96.1.1", "fd00::1"],
            "ports": [{"name": "http", "port": 80}],
        }},
        ("default", "head"): {"metadata": {"name": "head"}, "spec": {"clusterIP": "None"}},
        ("default", "out"): {"metadata": {"name": "out"}, "spec": {
            "type": "ExternalName", "externalName": "example.com"
        }},
    }
    slices: list[Object] = [{"addressType": "IPv4", "ports": [
        {"name": "db", "port": 5432, "protocol": "TCP"}
    ], "endpoints": [
        {"addresses": ["10.244.0.5"], "conditions": {"ready": True}, "hostname": "zero"},
        {"addresses": ["10.244.0.6"], "conditions": {"ready": True}},
        {"addresses": ["10.244.0.7"], "conditions": {"ready": False}},
    ]}]

    def ask(self, name: str, kind: int = zone.A) -> list[Any] | None:
        found = zone.lookup(
            f"{name}.svc.cluster.local", kind, lambda ns, one: self.services.get((ns, one)),
            lambda ns, one: self.slices if one == "head" else [], lambda _: None,
        )
        if found.records is None:
            return None
        return [(each.value, each.port) if each.port else each.value for each in found.records]

    def test_answers(self) -> None:
        self.assertEqual(self.ask("web.default"), ["10.96.1.1"])
        self.assertEqual(self.ask("web.default", zone.AAAA), ["fd00::1"])
        self.assertEqual(self.ask("head.default"), ["10.244.0.5", "10.244.0.6"])
        self.assertEqual(self.ask("head.default", zone.AAAA), [])
        self.assertEqual(self.ask("zero.head.default"), ["10.244.0.5"])
        self.assertEqual(self.ask("10-244-0-6.head.default"), ["10.244.0.6"])
        self.assertEqual(self.ask("out.default"), ["example.com"])
        self.assertIsNone(self.ask("nobody.default"))
        self.assertIsNone(self.ask("x.web.default"))

    def test_services_records(self) -> None:
        self.assertEqual(
            self.ask("_http._tcp.web.default", zone.SRV), [("web.default.svc.cluster.local", 80)]
        )
        self.assertEqual(self.ask("_db._tcp.head.default", zone.SRV), [
            ("zero.head.default.svc.cluster.local", 5432),
            ("10-244-0-6.head.default.svc.cluster.local", 5432),
        ])
        self.assertIsNone(self.ask("_db._udp.head.default", zone.SRV))

    def test_messages(self) -> None:
        query = b"\x12\x34\x01\x00\0\1\0\0\0\0\0\0" + dnswire.encoded("a.b") + b"\0\1\0\1"
        question = dnswire.read(query)
        self.assertEqual((question.name, question.kind), ("a.b", zone.A))
        answer = zone.Answer([zone.Record("a.b", zone.A, "1.2.3.4")] * 40)
        self.assertTrue(dnswire.write(question, answer, 512)[2] & 2, "it is cut")
        self.assertIn(b"\1\2\3\4", dnswire.write(question, answer, 65535))
        self.assertEqual(dnswire.write(question, zone.Answer(None), 512)[3] & 15, 3)
        for bad in (b"", query[:13], query[:2] + b"\x81" + query[3:]):
            with self.subTest(bad), self.assertRaises(dnswire.Malformed):
                dnswire.read(bad)


class Rules(unittest.TestCase):
    """nftables."""

    def test_each_connection_has_its_choice(self) -> None:
        service = {"spec": {"clusterIPs": ["10.96.0.9"], "ports": [{"name": "a", "port": 80}]}}
        one = {"addressType": "IPv4", "ports": [{"name": "a", "port": 8080, "protocol": "TCP"}],
               "endpoints": [{"addresses": ["10.1.1.1"]}, {"addresses": ["10.1.1.2"]}]}
        text = dnat.rules(dnat.targets(service, [one]))
        self.assertIn(
            "ip daddr 10.96.0.9 tcp dport 80 dnat ip addr . port to numgen random mod 2 map"
            " { 0 : 10.1.1.1 . 8080, 1 : 10.1.1.2 . 8080 }", text
        )
        self.assertIn("reject with tcp reset", dnat.rules(dnat.targets(service, [])))


class Protobuf(unittest.TestCase):
    """What kubectl sends by itself."""

    def test_a_namespace(self) -> None:
        meta = b"\x0a\x03foo\x5a\x06\x0a\x01a\x12\x01b"
        raw = b"\x0a" + bytes([len(meta)]) + meta + b"\x12\x00\x1a\x00"
        kind = b"\x0a\x02v1\x12\x09Namespace"
        body = protobuf.MAGIC + b"\x0a" + bytes([len(kind)]) + kind + b"\x12" + bytes(
            [len(raw)]
        ) + raw
        self.assertEqual(protobuf.decode(body), {
            "apiVersion": "v1", "kind": "Namespace", "spec": {}, "status": {},
            "metadata": {"name": "foo", "labels": {"a": "b"}},
        })
        for bad in (b"", b"k8s\0", body[:-3], protobuf.MAGIC + b"\xff" * 20):
            with self.subTest(bad), self.assertRaises(protobuf.Unreadable):
                protobuf.decode(bad)


if __name__ == "__main__":
    unittest.main()
