"""What a step of signing in comes to."""

from dataclasses import dataclass, field

from ecosystem.domain.actor import Actor


@dataclass(frozen=True)
class Entered:
    """Signed in. ``cookie`` is the new session's value."""

    actor: Actor
    cookie: str = field(repr=False)


@dataclass(frozen=True)
class CodeWanted:
    """The password was right; a code of the authenticator app is next.

    ``challenge`` goes into a cookie; what the provider wants back stays here.
    """

    challenge: str = field(repr=False)


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs: the base32 secret, and the same as a link."""

    secret: str = field(repr=False)
    link: str = field(repr=False)
