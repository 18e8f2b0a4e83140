"""A rival agency with every id of another one: no endpoint tells or changes anything of it.

The control is the agency itself: the same sweep finds its things, and changes them.
"""

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from ecosystem.api import create_api
from tests.api.rivals import MARK, World, make
from tests.product import Product

QUIET = ("/api/openapi.json", "/api/docs", "/metrics", "/api/health", "/api/ready", "/api/auth/")
TOKENS = ("/api/quotes/", "/api/shared/", "/api/calendars/")
"""Whoever has the link may open these: their tokens are guessed here, not known."""


@pytest.fixture
def world(product: Product) -> World:
    return make(product)


def address(path: str, ids: dict[str, str]) -> str:
    names = re.findall(r"\{(\w+)\}", path)
    known = {} if path.startswith(TOKENS) else ids
    return path.format(**{name: known.get(name, str(uuid4())) for name in names})


def example(schema: dict[str, Any], parts: dict[str, Any], ids: dict[str, str], name: str) -> Any:
    """Something that a schema of the API's own description takes."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(schema[choice][0], parts, ids, name)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        wanted = schema.get("required", [])
        given = schema.get("properties", {})
        return {key: example(given[key], parts, ids, key) for key in wanted}
    if kind == "array":
        least = schema.get("minItems", 0)
        return [example(schema.get("items", {}), parts, ids, name) for _ in range(least)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if schema.get("format") == "uuid":
        return ids.get(name, str(uuid4()))
    if schema.get("format") == "date":
        return "2030-05-01"
    return "a@rival.example" if "mail" in name else "Other words"


def bodies(verbs: dict[str, Any], parts: dict[str, Any], ids: dict[str, str]) -> Any:
    content = verbs.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else example(content["schema"], parts, ids, "")


def sweep(world: World, http: httpx.Client, key: str, verbs: tuple[str, ...]) -> str:
    """Every endpoint with these verbs, with the victim's ids; all that was answered."""
    described = create_api().openapi()
    parts = described["components"]["schemas"]
    said = ""
    for path, known in described["paths"].items():
        for verb in (verb for verb in verbs if verb in known and not path.startswith(QUIET)):
            answer = http.request(
                verb,
                address(path, world.ids),
                headers={"Authorization": f"Bearer {key}"},
                json=bodies(known[verb], parts, world.ids),
            )
            assert answer.status_code < 500, (verb, path, answer.text)
            said += f"\n{verb} {path} {answer.status_code}"
            # What was asked may be repeated in a refusal.
            if answer.is_success and "application/pdf" not in answer.headers.get(
                "content-type", ""
            ):
                said += f"\n{answer.text}"
    return said


@pytest.mark.parametrize("whose", ["rival", "control"])
def test_nothing_is_told(world: World, http: httpx.Client, whose: str) -> None:
    actor = world.rival if whose == "rival" else world.actor
    said = sweep(world, http, world.key_of(actor), ("get",)).lower()
    told = {name for name, key in world.ids.items() if key.lower() in said}
    if whose == "rival":
        assert MARK not in said
        assert not told, "the rival was told these ids"
    else:
        assert said.count(MARK) >= 5
        assert told >= {"client_id", "quote_id", "document_id", "reference", "contract_id"}


@pytest.mark.parametrize("whose", ["rival", "control"])
def test_nothing_is_changed(world: World, http: httpx.Client, whose: str) -> None:
    actor = world.rival if whose == "rival" else world.actor
    key = world.key_of(actor)
    before, files = world.kept(), dict(world.product.files.objects)
    said = sweep(world, http, key, ("put", "patch", "post", "delete"))
    if whose == "rival":
        assert world.kept() == before
        assert {k: v for k, v in world.product.files.objects.items() if k in files} == files
        assert MARK not in said.lower()
    else:
        assert world.kept() != before
        assert said.count(" 20") >= 10, "the sweep has to get somewhere"
