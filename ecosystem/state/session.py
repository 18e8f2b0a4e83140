"""Who is signed in, for pages: read from the cookies of the socket's handshake.

A sign-in ends in a full page load, which opens a new socket with the new cookie.
"""

from dataclasses import replace
from typing import Any

import reflex as rx

from ecosystem.domain import cookies
from ecosystem.domain.actor import Actor
from ecosystem.domain.currencies import shown
from ecosystem.domain.language import COOKIE, ENGLISH, Language, _, language_for
from ecosystem.domain.paths import HOME, at_a_desk
from ecosystem.services.sessions import Sessions
from ecosystem.state.calling import call
from ecosystem.wiring import services


def role_words(role: str) -> str:
    """What somebody with this role is, for herself to read; empty for a guest."""
    return {
        "customer": _("Traveller"),
        "agent": _("Travel agent"),
        "provider": _("Tour operator"),
        "ops": _("Operations"),
    }.get(role, "")


def _cookie(state: Any, name: str) -> str:
    secure = not services().settings.local
    header = state.router.headers.cookie
    return cookies.read_cookie(header, cookies.cookie_name(name, secure=secure))


def session_cookie(state: Any) -> str:
    """The session's cookie that came with the socket; empty without one."""
    return _cookie(state, cookies.SESSION)


def guest_cookie(state: Any) -> str:
    """The guest's cookie that came with the socket; empty without one."""
    return _cookie(state, cookies.GUEST)


def reader_language(state: Any) -> Language:
    """The language of who has this page open: chosen before, else what the browser asks for.

    Work pages are in English, and so is what their handlers say.
    """
    if at_a_desk(state.router.url.path):
        return ENGLISH
    headers = state.router.headers
    return language_for(_plain_cookie(state, COOKIE), headers.accept_language)


def _plain_cookie(state: Any, name: str) -> str:
    return cookies.read_cookie(state.router.headers.cookie, name)


async def who_is(state: Any) -> Actor:
    """The actor behind a State, asked of the session store: at most a query in two seconds.

    Raises:
        Unavailable: the database does not answer.
    """
    sessions: Sessions = services().sessions
    cookie = session_cookie(state)
    guest_key = cookies.guest_key(guest_cookie(state))
    known, actor = sessions.peek(cookie)
    if not known:
        actor = await call(sessions.find, cookie)
    if actor is None:
        return Actor(role="guest", source="guest", guest_key=guest_key)
    return replace(actor, guest_key=guest_key)


async def current_actor(state: rx.State) -> Actor:
    """The actor for a service call. The guard has checked role and binding before.

    Raises:
        Unavailable: the database does not answer.
    """
    return await who_is(state)


class SessionState(rx.State):
    """What every page may show of who is signed in. Set by the guard, never by a client."""

    signed_in: bool = False
    role: str = "guest"
    role_words: str = ""
    name: str = ""
    email: str = ""
    home: str = "/"
    sees_commission: bool = False
    currency: str = ""
    person: str = ""
    """Whose drafts a browser may show (``assets/drafts.js``); empty until that is known."""

    _owner: str = ""

    def _is_bound(self) -> bool:
        """Whether this State belongs to anybody yet."""
        return bool(self._owner)

    def _is_bound_to(self, actor: Actor, cookie: str) -> bool:
        """Whether this State was made for this actor in this browser."""
        return self._owner == _owner(actor, cookie)

    def _note_currency(self) -> None:
        """Take over the currency that this browser asked for when its socket was opened."""
        asked = shown(_plain_cookie(self, "currency"))
        if asked != self.currency:
            self.currency = asked

    def _say_role(self) -> None:
        """Name the role in the language of now: the reader may have chosen another."""
        words = role_words(self.role)
        if words != self.role_words:
            self.role_words = words

    def _bind(self, actor: Actor, cookie: str) -> None:
        """Make it this actor's, after everything in it was reset."""
        self._owner = _owner(actor, cookie)
        self.signed_in = actor.signed_in
        self.role = actor.role
        self.role_words = role_words(actor.role)
        self.name = actor.name
        self.email = actor.email
        self.person = _person(actor)
        self.home = HOME[actor.role]
        self.sees_commission = actor.sees_commission


def _owner(actor: Actor, cookie: str) -> str:
    """A fingerprint of who: another session of the same person is another owner."""
    if actor.signed_in:
        return cookies.guest_key(f"session:{cookie}")
    return cookies.guest_key(f"guest:{actor.guest_key}")


def _person(actor: Actor) -> str:
    """A name for somebody that says nothing of her, the same at each of her sign-ins."""
    if not actor.signed_in:
        return "guest"
    return cookies.guest_key(f"person:{actor.role}:{actor.user_id}")[:16]
