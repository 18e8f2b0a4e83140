"""Every request is held against Stripe's own request schema before anything happens.

``data/requests.json`` holds, per path and method, the JSON schema of the parameters (facts of
Stripe's OpenAPI description, MIT licence; nested objects closed). Form values are strings:
``coerce`` gives them the type that the schema asks for, then ``jsonschema`` checks the rest.
"""

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ecosystem.local.stripe import forms
from ecosystem.local.stripe.errors import StripeRefusal, invalid, required
from ecosystem.local.stripe.money import CURRENCIES

Schema = dict[str, Any]

_EXPAND: Schema = {"type": "array", "items": {"type": "string", "maxLength": 5000}}
_ONLY_EXPAND: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"expand": _EXPAND},
}
_PAGE: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "expand": _EXPAND,
        "limit": {"type": "integer"},
        "starting_after": {"type": "string"},
        "ending_before": {"type": "string"},
    },
}
_METADATA: Schema = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "string", "enum": [""]},
    ]
}
_MORE: dict[tuple[str, str], Schema] = {
    ("GET", "/v1/checkout/sessions/{session}/line_items"): _PAGE,
    ("POST", "/v1/disputes/{dispute}/close"): _ONLY_EXPAND,
    ("GET", "/v1/files/{file}"): _ONLY_EXPAND,
    ("POST", "/v1/files"): {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "expand": _EXPAND,
            "file": {"type": "string"},
            "purpose": {"type": "string", "enum": ["dispute_evidence"]},
        },
    },
    ("GET", "/v1/transfers/{transfer}/reversals/{id}"): _ONLY_EXPAND,
    ("GET", "/v1/accounts/{account}/capabilities"): _ONLY_EXPAND,
    ("GET", "/v1/accounts/{account}/capabilities/{capability}"): _ONLY_EXPAND,
    ("POST", "/v1/accounts/{account}/capabilities/{capability}"): {
        "type": "object",
        "additionalProperties": False,
        "properties": {"expand": _EXPAND, "requested": {"type": "boolean"}},
    },
    ("POST", "/v1/transfers/{transfer}/reversals/{id}"): {
        "type": "object",
        "additionalProperties": False,
        "properties": {"expand": _EXPAND, "metadata": _METADATA},
    },
}
"""Operations of the SDK that the data file lacks."""

_INTEGER = re.compile(r"^-?\d{1,15}$")
_UNSET: Schema = {"type": "string", "enum": [""]}


@lru_cache(maxsize=1)
def _data() -> Schema:
    text = files("ecosystem.local.stripe").joinpath("data", "requests.json").read_text("utf-8")
    return json.loads(text)


def api_version() -> str:
    """The API version whose shapes are served."""
    return str(_data()["api_version"])


def schema_of(method: str, path: str) -> Schema:
    """The schema of one operation; ``path`` is the template, like ``/v1/charges/{charge}``."""
    known = _MORE.get((method, path))
    return known if known is not None else _data()["paths"][path][method.lower()]


@lru_cache(maxsize=128)
def _validator(method: str, path: str) -> Draft202012Validator:
    return Draft202012Validator(schema_of(method, path))


def read(method: str, path: str, text: str) -> dict[str, Any]:
    """Decode and check the parameters of one request.

    Args:
        path: the operation's template.
        text: the form body, or the query string of a GET.

    Raises:
        StripeRefusal: 400 with ``param`` and, where Stripe has one, ``code``.
    """
    params = _coerce(forms.nest(forms.pairs(text)), schema_of(method, path), [])
    problem = _first_problem(list(_validator(method, path).iter_errors(params)))
    if problem is not None:
        raise problem
    return params


def _coerce(value: Any, schema: Schema, path: list[str | int]) -> Any:
    if "anyOf" in schema:
        return _coerce(value, _alternative(value, schema["anyOf"]), path)
    kind = schema.get("type")
    param = forms.name(path)
    if kind == "object":
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {param}", param)
        known = schema.get("properties", {})
        other = schema.get("additionalProperties")
        result: dict[str, Any] = {}
        for key, item in value.items():
            inner = known.get(key) or (other if isinstance(other, dict) else None)
            result[key] = item if inner is None else _coerce(item, inner, [*path, key])
        return result
    if kind == "array":
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise invalid(f"Invalid array: {param}", param)
        ordered = sorted(value.items(), key=lambda pair: int(pair[0]))
        return [_coerce(item, schema["items"], [*path, at]) for at, (_, item) in enumerate(ordered)]
    if isinstance(value, dict):
        raise invalid(f"Invalid string: {param}", param)
    return _scalar(value, schema, param, is_map_value=len(path) > 1 and path[-2] == "metadata")


def _alternative(value: Any, alternatives: list[Schema]) -> Schema:
    def fits(schema: Schema) -> bool:
        kind = schema.get("type")
        if isinstance(value, dict):
            numbered = all(key.isdigit() for key in value)
            return kind == "array" if numbered else kind == "object"
        if value == "":
            return schema.get("enum") == [""]
        if kind == "integer":
            return bool(_INTEGER.match(value))
        return kind in ("string", "boolean", "number") and schema.get("enum") != [""]

    return next((item for item in alternatives if fits(item)), alternatives[0])


def _scalar(value: str, schema: Schema, param: str, *, is_map_value: bool) -> Any:
    kind = schema.get("type")
    if kind == "integer":
        if not _INTEGER.match(value):
            raise invalid(f"Invalid integer: {value}", param, "parameter_invalid_integer")
        return int(value)
    if kind == "number":
        try:
            return float(value)
        except ValueError:
            raise invalid(f"Invalid number: {value}", param) from None
    if kind == "boolean":
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", param)
        return value == "true"
    if value == "" and not is_map_value and "" not in schema.get("enum", ()):
        message = (
            f"You passed an empty string for '{param}'. We assume empty values are an attempt "
            f"to unset a parameter; however '{param}' cannot be unset. You should remove "
            f"'{param}' from your request or supply a non-empty value."
        )
        raise invalid(message, param, "parameter_invalid_empty")
    if schema.get("format") == "currency":
        value = value.lower()
        if value not in CURRENCIES:
            raise invalid(f"Invalid currency: {value}", param)
    return value


def _first_problem(errors: list[ValidationError]) -> StripeRefusal | None:
    leaves = [leaf for error in errors for leaf in _leaves(error)]
    order = ("additionalProperties", "required", "type", "enum", "maxLength")
    leaves.sort(key=lambda e: order.index(e.validator) if e.validator in order else len(order))
    return _as_refusal(leaves[0]) if leaves else None


def _leaves(error: ValidationError) -> list[ValidationError]:
    """Of an ``anyOf`` that failed, the complaint of the alternative that came closest."""
    if error.validator != "anyOf" or not error.context:
        return [error]
    deepest = max(error.context, key=lambda inner: (len(inner.path), inner.schema != _UNSET))
    return _leaves(deepest)


def _as_refusal(error: ValidationError) -> StripeRefusal:
    path = list(error.absolute_path)
    param = forms.name(path)
    schema: Any = error.schema
    instance: Any = error.instance
    if error.validator == "additionalProperties":
        unknown = [
            forms.name([*path, key]) for key in instance if key not in schema.get("properties", {})
        ]
        plural = "s" if len(unknown) > 1 else ""
        message = f"Received unknown parameter{plural}: {', '.join(unknown)}"
        return invalid(message, unknown[0], "parameter_unknown")
    if error.validator == "required":
        absent = next(key for key in schema["required"] if key not in instance)
        return required(forms.name([*path, absent]))
    if error.validator == "enum":
        choices = [choice for choice in schema["enum"] if choice]
        listed = f"{', '.join(choices[:-1])}, or {choices[-1]}" if len(choices) > 1 else choices[0]
        return invalid(f"Invalid {param}: must be one of {listed}", param)
    if error.validator == "maxLength":
        message = (
            f"Invalid string: the value of '{param}' is longer than the maximum "
            f"{schema['maxLength']} characters."
        )
        return invalid(message, param, "parameter_invalid_string")
    return invalid(f"Invalid {schema.get('type', 'value')}: {param}", param)
