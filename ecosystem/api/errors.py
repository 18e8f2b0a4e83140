"""Errors as RFC 9457 ``application/problem+json``, mapped here once."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ecosystem.api import shapes
from ecosystem.domain.errors import EcosystemError, FieldError
from ecosystem.domain.language import N_, _
from ecosystem.domain.price import Price
from ecosystem.services.forms import sentence

log = logging.getLogger(__name__)

STATUS = {
    "invalid": 422,
    "sign_in_required": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "too_many_requests": 429,
    "unavailable": 503,
}

STATUS_OF = {
    "bad_signature": 400,
    "invalid_body": 400,
    "too_large": 413,
    "unsupported_content": 415,
}
"""Codes of the category ``invalid`` for which HTTP has a status of its own."""

TITLES = {
    400: N_("The request can't be read"),
    401: N_("Sign in first"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    409: N_("Not possible any more"),
    410: N_("Ended"),
    413: N_("Too large"),
    415: N_("Wrong kind of content"),
    422: N_("Something is not right"),
    429: N_("Too many requests"),
    500: N_("Our mistake"),
    503: N_("Not available at the moment"),
}


def problem(
    status: int,
    detail: str,
    code: str,
    *,
    fields: tuple[FieldError, ...] = (),
    headers: dict[str, str] | None = None,
    **data: Any,
) -> JSONResponse:
    """One problem document. ``data`` carries facts such as ``seats_left``."""
    body: dict[str, Any] = {
        "type": f"/api/docs#error-{code}",
        "title": _(TITLES[status]) if status in TITLES else "Error",
        "status": status,
        "detail": detail,
        "code": code,
        **data,
    }
    if fields:
        body["errors"] = [{"field": f.field, "message": f.message} for f in fields]
    return JSONResponse(
        body, status_code=status, headers=headers, media_type="application/problem+json"
    )


def install(api: FastAPI) -> None:
    """Answer every error of the product as a problem document."""

    @api.exception_handler(EcosystemError)
    def ours(_request: Request, error: EcosystemError) -> JSONResponse:
        status = STATUS_OF.get(error.code, STATUS[error.category])
        headers: dict[str, str] = {}
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if status in (429, 503):
            headers["Retry-After"] = str(error.data.get("retry_after", 2))
        facts = {
            name: shapes.price(fact) if isinstance(fact, Price) else fact
            for name, fact in error.data.items()
        }
        return problem(
            status, error.detail, error.code, fields=error.fields, headers=headers, **facts
        )

    @api.exception_handler(RequestValidationError)
    def unreadable(_request: Request, error: RequestValidationError) -> JSONResponse:
        items = error.errors()
        if any(item["type"] == "json_invalid" for item in items):
            return problem(400, _("The body is not valid JSON."), "invalid_json")
        fields = tuple(
            FieldError(
                ".".join(str(p) for p in item["loc"][1:]) or str(item["loc"][0]), sentence(item)
            )
            for item in items
        )
        return problem(422, _("Some of what was sent is not right."), "invalid", fields=fields)

    @api.exception_handler(HTTPException)
    def http(_request: Request, error: HTTPException) -> JSONResponse:
        known = {400: "invalid_body", 404: "not_found", 405: "method_not_allowed"}
        code = known.get(error.status_code, "http_error")
        return problem(
            error.status_code,
            str(error.detail),
            code,
            headers=dict(error.headers) if error.headers else None,
        )

    @api.exception_handler(Exception)
    def bug(request: Request, error: Exception) -> JSONResponse:
        log.exception("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(
            500,
            _("Something went wrong on our side. Nothing you entered is at fault; try again."),
            "internal_error",
        )
