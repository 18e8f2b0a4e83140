"""A reader's language and the currency prices are shown to her in."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from ecosystem.api.auth import Caller, check_origin, own_origins
from ecosystem.domain.language import COOKIE as LANGUAGE
from ecosystem.domain.paths import own_path
from ecosystem.services.readers import Choices
from ecosystem.wiring import services

router = APIRouter(prefix="/api", tags=["reader"])

CURRENCY = "currency"
YEAR_SECONDS = 365 * 24 * 3600
FORM = "application/x-www-form-urlencoded"


@router.post(
    "/reader",
    status_code=303,
    response_class=RedirectResponse,
    openapi_extra={
        "requestBody": {
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            name: {"type": "string"} for name in (LANGUAGE, CURRENCY, "next")
                        },
                    }
                }
            }
        }
    },
)
async def choose(request: Request, caller: Caller) -> Response:
    """Choose ``language`` and ``currency`` for this browser and, signed in, one's other ones.

    What is not sent stays; an empty ``currency`` shows amounts as they are charged. Leads to
    ``next``, else back to the page the form was on.
    """
    check_origin(request)
    sent = await request.form(max_files=0, max_fields=10)
    language, currency = _text(sent.get(LANGUAGE)), _text(sent.get(CURRENCY))
    await run_in_threadpool(services().readers.choose, caller, language=language, currency=currency)
    answer = RedirectResponse(own_path(sent.get("next")) or _page_of(request), 303)
    if language is not None:
        _keep(answer, LANGUAGE, language)
    if currency is not None:
        _keep(answer, CURRENCY, currency)
    return answer


def remember(answer: Response, choices: Choices) -> None:
    """Let a browser keep what its reader has chosen."""
    if choices.language:
        _keep(answer, LANGUAGE, choices.language)
    if choices.currency:
        _keep(answer, CURRENCY, choices.currency)


def _keep(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=YEAR_SECONDS if value else 0,
        path="/",
        secure=not services().settings.local,
        httponly=True,
        samesite="lax",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _page_of(request: Request) -> str:
    """The page a form was sent from, as browsers say to their own origin; else the first one."""
    try:
        parts = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        # An address that is none, such as "http://[": what follows the slashes can't be read.
        return "/"
    if f"{parts.scheme}://{parts.netloc}" not in own_origins(services().settings):
        return "/"
    return own_path(parts.path + (f"?{parts.query}" if parts.query else "")) or "/"
