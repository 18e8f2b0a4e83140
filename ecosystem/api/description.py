"""What the OpenAPI description says beside the endpoints: who calls, and how errors look."""

from typing import Any

from fastapi import FastAPI

from ecosystem.domain.cookies import SESSION, cookie_name

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. Some have facts beside these, such as `seats_left`.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "code": {"type": "string", "description": "What happened; never translated."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

OTHERWISE: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Refused or failed: `code` says why.",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
}
"""Every answer but the good one."""

_CALLERS: dict[str, Any] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A Cognito or Supabase token, or a key of a team (`eco_…`).",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(SESSION, secure=True)},
}


def describe(api: FastAPI) -> None:
    """Let ``api.openapi`` name its callers and what ``OTHERWISE`` refers to."""
    of_endpoints = api.openapi

    def whole() -> dict[str, Any]:
        schema = of_endpoints()
        parts = schema.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = _PROBLEM
        parts["securitySchemes"] = _CALLERS
        # The last: a guest, who needs neither.
        schema["security"] = [{name: []} for name in _CALLERS] + [{}]
        return schema

    api.openapi = whole  # type: ignore[method-assign]


def form(required: tuple[str, ...], *more: str) -> dict[str, Any]:
    """The body of an endpoint that reads it itself, as ``openapi_extra``: a form or JSON."""
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in (*required, *more)},
        "required": list(required),
    }
    kinds = ("application/json", "application/x-www-form-urlencoded")
    return {"requestBody": {"content": {kind: {"schema": schema} for kind in kinds}}}
