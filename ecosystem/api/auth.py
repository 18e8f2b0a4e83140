"""Who calls the API: a bearer token, or else the browser's cookies."""

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from ecosystem.api.limits import spend
from ecosystem.domain import cookies
from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.errors import Forbidden, SignInRequired
from ecosystem.domain.language import _
from ecosystem.services.api_keys import PREFIX
from ecosystem.settings import Settings
from ecosystem.wiring import services

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def caller(request: Request) -> Actor:
    """The actor behind a request: a guest if nobody is signed in.

    A token that is given has to be good. Cookies are only believed on a changing request
    if our own pages sent it. Only what has to be asked elsewhere takes a thread.

    Raises:
        SignInRequired: a bad token.
        Forbidden: ``cross_origin``.
    """
    settings, sign_in = services().settings, services().sign_in
    guest = request.cookies.get(cookie_name(cookies.GUEST, settings), "")
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise SignInRequired(
                _("Send the token as “Authorization: Bearer …”."), code="bad_token"
            )
        if token.strip().startswith(PREFIX):
            spend("api_key", request)
        try:
            return await run_in_threadpool(sign_in.actor_for_token, token.strip())
        except SignInRequired:
            spend("token", request)
            raise
    session = session_cookie(request)
    if request.method not in SAFE_METHODS and (session or guest):
        check_origin(request)
    known, actor = services().sessions.peek(session)
    if not known:
        actor = await run_in_threadpool(sign_in.actor_for_session, session)
    return replace(actor or GUEST, guest_key=cookies.guest_key(guest))


Caller = Annotated[Actor, Depends(caller)]


async def signed_in(actor: Caller) -> Actor:
    """The same, but nobody unknown. Raises ``SignInRequired``."""
    if not actor.signed_in:
        raise SignInRequired(_("Sign in first."))
    return actor


SignedInCaller = Annotated[Actor, Depends(signed_in)]


def cookie_name(name: str, settings: Settings) -> str:
    """The name of one of our cookies in this environment."""
    return cookies.cookie_name(name, secure=not settings.local)


def session_cookie(request: Request) -> str:
    """The session this browser claims to have; empty without one."""
    return request.cookies.get(cookie_name(cookies.SESSION, services().settings), "")


def check_origin(request: Request) -> None:
    """Refuse what another site made a browser send with our cookies.

    Browsers say where a request comes from (``Origin``, ``Sec-Fetch-Site``) and pages
    can't change it. A program that says neither carries no one else's cookies.

    Raises:
        Forbidden: ``cross_origin``.
    """
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if (origin is not None and origin not in own_origins(services().settings)) or (
        site is not None and site not in ("same-origin", "none")
    ):
        raise Forbidden(
            _("This request came from another site and was not carried out."), code="cross_origin"
        )


def own_origins(settings: Settings) -> frozenset[str]:
    """Where our pages are opened from: one origin; locally by either name of this machine."""
    if not settings.local:
        return frozenset({settings.origin})
    return frozenset(
        {
            settings.origin,
            f"http://127.0.0.1:{settings.port}",
            f"http://localhost:{settings.port}",
        }
    )
