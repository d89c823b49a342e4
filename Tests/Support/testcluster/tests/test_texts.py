# SPDX-License-Identifier: Apache-2.0
"""JSON and YAML with Go's complaints, and configurations that do not fit."""

import unittest

from testcluster.model import gojson, goyaml, schemas, typing, validating
from testcluster.model.failures import Failure


class Json(unittest.TestCase):
    """What Go says of JSON."""

    def test_complaints(self) -> None:
        for text, wanted in {
            "": "unexpected end of JSON input",
            "{": "unexpected end of JSON input",
            "{x": "invalid character 'x' looking for beginning of object key string",
            "[1 2]": "invalid character '2' after object key:value pair",
            "nope": "invalid character 'n' looking for beginning of value",
        }.items():
            with self.subTest(text), self.assertRaises(ValueError) as caught:
                gojson.loads(text)
            self.assertEqual(str(caught.exception), wanted)

    def test_repeated_fields_are_told_by_their_paths(self) -> None:
        value = gojson.loads('{"a":{"b":1,"b":2},"c":[{"d":1,"d":2}],"a":3}')
        self.assertEqual(value, {"a": 3, "c": [{"d": 2}]})
        self.assertEqual(gojson.complaints(value), [
            'duplicate field "a.b"', 'duplicate field "c[0].d"', 'duplicate field "a"'
        ])
        self.assertEqual(gojson.complaints(gojson.loads('{"a":{"b":1},"b":2}')), [])

    def test_values_as_go_prints_them(self) -> None:
        value = {"b": [1, "x"], "a": None, "c": True}
        self.assertEqual(gojson.printed(value), "map[a:<nil> b:[1 x] c:true]")


class Yaml(unittest.TestCase):
    """What Go says of YAML."""

    def test_complaints(self) -> None:
        value = goyaml.loads("a: 1\nb: {c: 1,\n  c: 2}\n")
        self.assertEqual(value, {"a": 1, "b": {"c": 2}})
        self.assertEqual(gojson.complaints(value), ['line 3: key "c" already set in map'])
        with self.assertRaises(ValueError) as caught:
            goyaml.loads("a: [\n")
        self.assertEqual(str(caught.exception), "yaml: line 1: did not find expected node content")
        with self.assertRaises(ValueError):
            goyaml.loads("!!python/object:os.system {}")


class Base64(unittest.TestCase):
    """Where a text stops being base64."""

    def test_places(self) -> None:
        for text, wanted in {
            "": None, "YWJj": None, "YQ==": None, "YWI=": None, "YW\nJj": None, "abc": 0, "a": 0,
            "ab=c": 2, "YQ=": 3, "YWJj!": 4, "!": 0, "YW=j": 2, "YQ===": 4, "====": 0, "YWJjZ": 4,
        }.items():
            with self.subTest(text):
                self.assertEqual(validating.base64_fault(text), wanted)


class Typing(unittest.TestCase):
    """Applied configurations that do not fit their schema."""

    def test_refusals(self) -> None:
        schema = schemas.named("io.k8s.api.core.v1.ConfigMap")
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
        typing.check(config | {"data": {"a": "b"}}, schema)
        for more, wanted in (
            ({"dta": {}}, ".dta: field not declared in schema"),
            ({"data": {"a": 1}}, ".data.a: expected string, got"
                                 " &value.valueUnstructured{Value:1}"),
        ):
            with self.subTest(more), self.assertRaises(Failure) as caught:
                typing.check(config | more, schema)
            self.assertEqual(str(caught.exception), (
                f"failed to create typed patch object (/x; /v1, Kind=ConfigMap): {wanted}"
            ))


if __name__ == "__main__":
    unittest.main()
