"""The schema that is served says what the generic source takes."""

from copy import deepcopy
from typing import Any

import pytest
from survey_samples import NAMES, NOW, sample

from bot.surveys import generic
from bot.surveys.generic_schema import schema
from bot.surveys.request import Unreadable
from workflows.answers import Answer
from workflows.policy import Policy

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


def faults(value: Any, wanted: dict[str, Any], path: str = "body") -> list[str]:
    """List what of the schema's required, type, const, enum and anyOf this value breaks."""
    found = []
    names = wanted.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and (isinstance(value, bool) or not any(isinstance(value, TYPES[name]) for name in names)):
        found.append(f"{path} is no {names}")
    if "const" in wanted and value != wanted["const"]:
        found.append(f"{path} is not {wanted['const']}")
    if "enum" in wanted and value not in wanted["enum"]:
        found.append(f"{path} is not one of {wanted['enum']}")
    if "anyOf" in wanted and all(faults(value, each, path) for each in wanted["anyOf"]):
        found.append(f"{path} fits no choice")
    if isinstance(value, dict):
        found += [f"{path}.{name} is missing" for name in wanted.get("required", []) if name not in value]
        for name, inner in wanted.get("properties", {}).items():
            if name in value:
                found += faults(value[name], inner, f"{path}.{name}")
    return found


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("generic")])
def test_the_samples_satisfy_the_schema(name: str) -> None:
    assert faults(sample(name)["body"], schema()) == []


@pytest.mark.parametrize("missing", [("type",), ("data",), ("data", "id"), ("data", "score")], ids=".".join)
def test_what_the_schema_requires_the_adapter_requires(missing: tuple[str, ...], policy: Policy) -> None:
    body = deepcopy(sample("generic_nps")["body"])
    target = body
    for key in missing[:-1]:
        target = target[key]
    del target[missing[-1]]

    assert faults(body, schema())
    with pytest.raises(Unreadable):
        generic.parse(body, policy, NOW)


def test_the_least_that_the_schema_asks_for_is_enough_for_the_adapter(policy: Policy) -> None:
    least = {"type": "feedback.received", "timestamp": 1803997201, "data": {"id": "1", "score": 3, "metric": "ces"}}

    assert faults(least, schema()) == []
    assert isinstance(generic.parse(least, policy, NOW), Answer)


def test_the_fields_of_the_schema_are_those_that_the_adapter_reads(policy: Policy) -> None:
    wanted = schema()["properties"]["data"]["properties"]
    asked: set[str] = set()

    class Watched(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.add(key)
            return super().get(key, default)

    body = deepcopy(sample("generic_full")["body"])
    generic.parse({**body, "data": Watched(body["data"])}, policy, NOW)

    assert asked == set(wanted)


def test_the_schema_names_its_own_address() -> None:
    assert schema("https://care.example/")["$id"] == "https://care.example/webhooks/generic/schema"
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
