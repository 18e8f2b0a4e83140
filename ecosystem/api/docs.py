"""``/api/docs``: the OpenAPI description as one page without any outside request."""

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_WRITTEN = Path(__file__).resolve().parents[2] / "docs" / "api.md"
_ROW = re.compile(r"^\| (\d{3}) \| ([^|]+) \| (.+) \|$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")

_STYLE = """
:root{color-scheme:light dark;--ink:#1A2022;--soft:#5A6467;--line:#E4E0D6;--paper:#FBFAF7;
--card:#fff;--brand:#0F5B5A}
@media(prefers-color-scheme:dark){:root{--ink:#EDEBE4;--soft:#9CA8A8;--line:#2A3536;
--paper:#101617;--card:#172021;--brand:#5FB8AF}}
body{margin:0;font:15px/1.55 system-ui,sans-serif;background:var(--paper);color:var(--ink)}
main{max-width:860px;margin:0 auto;padding:32px 16px}h1{font:40px Georgia,serif;margin:0}
h2{font:26px Georgia,serif;margin:32px 0 8px}p{color:var(--soft);margin:4px 0}
details{border:1px solid var(--line);border-radius:10px;background:var(--card);margin:8px 0}
summary{padding:10px 14px;cursor:pointer}summary b{color:var(--brand);display:inline-block;
min-width:64px}code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
div{padding:0 14px 12px}table{border-collapse:collapse;width:100%;font-size:14px}
td{padding:4px 8px 4px 0;vertical-align:top;border-top:1px solid var(--line)}
"""


@router.get("/api/docs")
def docs(request: Request) -> HTMLResponse:
    """Every endpoint with its parameters, and what a caller has to know first."""
    schema = request.app.openapi()
    parts: dict[str, list[str]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            parts.setdefault(tag, []).append(_endpoint(method, path, operation, schema))
    body = "".join(f"<h2>{escape(tag.title())}</h2>{''.join(rows)}" for tag, rows in parts.items())
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><title>Ecosystem API</title>"
        f"<style>{_STYLE}</style><main><h1>Ecosystem API</h1>"
        "<p>JSON over HTTPS. Send <code>Authorization: Bearer</code> with a Cognito or Supabase"
        " token, or a key of your team (<code>eco_…</code>). Amounts are whole minor units. Errors are"
        " <code>application/problem+json</code> with a <code>code</code>.</p>"
        "<p>The same as a file: <a href=/api/openapi.json>openapi.json</a></p>"
        f"{body}{_errors()}</main></html>"
    )


@cache
def _errors() -> str:
    """What docs/api.md says of every code, each where the ``type`` of a problem leads to."""
    rows = _ROW.findall(_WRITTEN.read_text()) if _WRITTEN.exists() else []
    lines = "".join(
        f"<tr><td>{status}<td>{_CODE.sub(_anchor, codes)}<td>{_CODE.sub(_as_code, escape(meaning))}"
        for status, codes, meaning in rows
    )
    return f"<h2>Errors</h2><table>{lines}</table>" if rows else ""


def _anchor(code: re.Match[str]) -> str:
    return f'<code id="error-{code[1]}">{code[1]}</code>'


def _as_code(words: re.Match[str]) -> str:
    return f"<code>{words[1]}</code>"


def _endpoint(method: str, path: str, operation: dict[str, Any], schema: dict[str, Any]) -> str:
    rows = [
        (p["name"], p["in"], p.get("description") or _kind(p.get("schema", {})))
        for p in operation.get("parameters", [])
    ]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    wanted = content.get("schema", {})
    # A body that may be left out is one of two: the form, or nothing.
    wanted = (wanted.get("anyOf") or [wanted])[0]
    reference = wanted.get("$ref", "").rpartition("/")[2]
    model = schema["components"]["schemas"].get(reference, wanted)
    required = set(model.get("required", []))
    rows += [
        (name, "body" + ("" if name in required else ", optional"), _kind(kind))
        for name, kind in model.get("properties", {}).items()
    ]
    table = "".join(
        f"<tr><td><code>{escape(a)}</code><td>{escape(b)}<td>{escape(c)}" for a, b, c in rows
    )
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code></summary><div>"
        f"<p>{escape(operation.get('description', ''))}</p><table>{table}</table></div></details>"
    )


def _kind(schema: dict[str, Any]) -> str:
    for option in ("anyOf", "oneOf"):
        if option in schema:
            return " or ".join(_kind(part) for part in schema[option])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    kind = str(schema.get("format") or schema.get("type") or "")
    return f"list of {_kind(schema.get('items', {}))}" if kind == "array" else kind
