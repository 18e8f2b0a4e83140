"""Who may call a handler: every public method of a State is an endpoint of the websocket.

    @rx.event
    @allow("agent")
    async def add(self, form: dict[str, Any]) -> None: ...

A handler without a tag never runs. The tag says which roles may call it; whether a thing
is theirs is decided in services. Each event also checks that the session is still good
and that the State belongs to it.
"""

import logging
from collections.abc import Callable
from typing import Any, Final, Literal, TypeVar, get_args
from urllib.parse import quote

import reflex as rx
from reflex.state import StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from ecosystem.domain.actor import Actor, Role
from ecosystem.domain.errors import TooManyRequests, Unavailable
from ecosystem.domain.language import _, speak
from ecosystem.domain.paths import HOME, at_a_desk, own_path
from ecosystem.services.rate_limits import PROCESS, RULES
from ecosystem.state.calling import failed
from ecosystem.state.session import (
    SessionState,
    guest_cookie,
    reader_language,
    session_cookie,
    who_is,
)
from ecosystem.state.toast import load_page, toast
from ecosystem.wiring import services

log = logging.getLogger(__name__)

TAG: Final = "_ecosystem_allowed"
LIMIT: Final = "_ecosystem_limit"
UNASKED: Final = "_ecosystem_unasked"

Allowed = Literal["*", "signed_in", "guest", "customer", "agent", "provider", "ops"]
Handler = TypeVar("Handler", bound=Callable[..., Any])

_EVERYONE: frozenset[Role] = frozenset(get_args(Role))
_ROOT = "reflex___state____state"
HYDRATE = frozenset({f"{_ROOT}.hydrate", f"{_ROOT}.hydrate_and_load"})
REFLEX_OWN = HYDRATE | {
    f"{_ROOT}.set_is_hydrated",
    f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal",
    f"{_ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
    f"{_ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
}
"""Reflex's own events that its pages need, by their full names. ``setvar``, which Reflex adds
to every State, is not among them."""
PAGE_FAILED = f"{_ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception"
"""What a page sends that fails in a browser. Reflex' own handler looks through the text, however
long, by patterns that take the square of its length, and logs all of it: here it is noted."""


def allow(*roles: Allowed, limit: str = "", unasked: bool = False) -> Callable[[Handler], Handler]:
    """Let people with one of these roles call a handler. Stands below ``@rx.event``.

    Args:
        roles: ``"*"`` is everyone, ``"signed_in"`` everyone but guests.
        limit: a kind of ``services.rate_limits.RULES`` that a call counts for.
        unasked: the page sends it by itself, again and again. While nobody can say who this is
            the handler runs, instead of a message each time: it asks ``current_actor`` before
            anything else, and leaves on the page what it can't look at now.

    Raises:
        ValueError: at import, for a role or kind that does not exist.
    """
    if not roles or any(role not in get_args(Allowed) for role in roles):
        raise ValueError(f"not roles: {roles!r}")
    if limit and limit not in RULES:
        raise ValueError(f"no rate limit is called {limit!r}")
    allowed: set[str] = {role for role in roles if role in _EVERYONE}
    if "*" in roles:
        allowed |= _EVERYONE
    if "signed_in" in roles:
        allowed |= _EVERYONE - {"guest"}

    def tag(handler: Handler) -> Handler:
        setattr(handler, TAG, frozenset(allowed))
        setattr(handler, LIMIT, limit)
        setattr(handler, UNASKED, unasked)
        return handler

    return tag


def allowed_roles(name: str) -> frozenset[str] | None:
    """The roles that may send the event ``name``; ``None`` if it has no tag or isn't there."""
    registered = RegistrationContext.get().event_handlers.get(name)
    if registered is None:
        return None
    tag = getattr(registered.handler.fn, TAG, None)
    return tag if isinstance(tag, frozenset) else None


def _unasked(name: str) -> bool:
    registered = RegistrationContext.get().event_handlers.get(name)
    return registered is not None and getattr(registered.handler.fn, UNASKED, False) is True


class Guard(rx.Middleware):
    """Runs before every event, of whatever kind: default deny."""

    async def preprocess(self, app: rx.App, state: Any, event: Event) -> StateUpdate | None:
        """Let the event through (``None``) or answer it here."""
        hydrating = event.name in HYDRATE
        page = await state.get_state(SessionState)
        # The handler runs in this same task, and what it starts inherits the language.
        speak(reader_language(page).code)
        try:
            actor = await who_is(page)
        except Unavailable as error:
            if _unasked(event.name):
                return None
            if not hydrating:
                return _answer(failed(error))
            # Who this is can't be said now: show what everyone may see.
            actor = Actor(role="guest", source="guest")
        if not page._is_bound_to(actor, session_cookie(page)):
            strange = page._is_bound()
            if strange:
                await _reset_all(state)
            page._bind(actor, session_cookie(page))
            if strange and not hydrating:
                # Signed out, or somebody else's browser: what is on screen is not theirs.
                return _answer(load_page(own_path(page.router.url.path) or "/"))
        page._note_currency()
        page._say_role()
        if event.name in REFLEX_OWN:
            return None
        if event.name == PAGE_FAILED:
            return self._note_failure(page, event)
        if actor.enrol_first and at_a_desk(page.router.url.path):
            # Her agency asks for a second factor: that is set up before anything else.
            return _answer(load_page("/account"))
        return self._check(page, actor, event)

    def _check(self, page: SessionState, actor: Actor, event: Event) -> StateUpdate | None:
        roles = allowed_roles(event.name)
        if roles is None:
            log.warning("an event without a tag was refused: %.200r", event.name)
            return _answer(toast(_("This can't be done here."), "problem"))
        if actor.role not in roles:
            out = _way_out(page, actor)
            return _answer(*(out if isinstance(out, list) else [out]))
        fn = RegistrationContext.get().event_handlers[event.name].handler.fn
        try:
            self._limit(page, getattr(fn, LIMIT, ""))
        except TooManyRequests as error:
            return _answer(toast(error.detail, "problem"))
        return None

    def _note_failure(self, page: SessionState, event: Event) -> StateUpdate:
        """Log that a page failed in a browser: in one line, as anybody may say so."""
        try:
            self._limit(page, "report")
        except TooManyRequests:
            return _answer()
        log.error("a page failed in a browser: %.2000r", str(event.payload.get("info"))[:2000])
        return _answer()

    def _limit(self, page: SessionState, kind: str) -> None:
        if kind and services().settings.rate_limits == "on":
            PROCESS.spend(
                kind,
                browser=session_cookie(page) or guest_cookie(page),
                address=str(page.router.session.client_ip),
            )


def _way_out(page: SessionState, actor: Actor) -> Any:
    """Where somebody goes who may not do this: to sign in, or to her own pages."""
    path = own_path(page.router.url.path) or "/"
    if not actor.signed_in:
        return load_page(f"/sign-in?next={quote(path)}")
    home = HOME[actor.role]
    if path.rstrip("/") == home:
        return toast(_("This is not yours to do."), "problem")
    # Without a page load, which would take the message away again.
    return [
        toast(_("That page is not for your account. This is where you work."), "problem"),
        rx.redirect(home, replace=True),
    ]


async def _reset_all(state: Any) -> None:
    """Forget everything our own states hold; Reflex's own keep theirs.

    Each one is fetched: with Redis only those that this event needs are loaded.
    """
    for kind in RegistrationContext.get().base_states.values():
        if kind.__module__.partition(".")[0] != "reflex":
            (await state.get_state(kind)).reset()


def _answer(*specs: Any) -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(list(specs)))
