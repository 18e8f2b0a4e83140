"""Addresses of our own pages and pictures, and which given ones may be followed."""

from uuid import UUID

from ecosystem.domain.actor import Role

HOME: dict[Role, str] = {
    "guest": "/",
    "customer": "/trips",
    "agent": "/agent",
    "provider": "/provider",
    "ops": "/ops",
}
"""Where somebody starts who has just signed in."""

LONGEST = 500
DESKS = ("/agent", "/provider", "/ops", "/join", "/_gallery")
"""Where people work for a company, or begin to. These pages are written in English only."""


def at_a_desk(path: str) -> bool:
    """Whether an address is a work page's."""
    return any(path == desk or path.startswith(f"{desk}/") for desk in DESKS)


def own_path(path: object) -> str:
    """``path`` if it is an address of a page of ours, else empty.

    What a browser would read as another host (``//host``, ``/\\host``, a control character
    in between, which it drops) is none, nor is the API, nor what no address can hold (half a
    surrogate pair).
    """
    if (
        not isinstance(path, str)
        or len(path) > LONGEST
        or not path.startswith("/")
        or path.startswith(("//", "/api/"))
        or "\\" in path
        or " " in path
        or not path.isprintable()
    ):
        return ""
    return path


def cover_path(package_id: UUID, country: str, latitude: float | None) -> str:
    """The address of a package's drawn cover."""
    return f"/covers/{package_id}/{country or 'ZZ'}/{round(latitude or 0.0)}.svg"


def picture_path(picture_id: UUID, width: int) -> str:
    """The address of an operator's own picture: ``width`` is 480, 960 or 1600."""
    return f"/pictures/{picture_id}/{width}.webp"


def logo_path(logo: UUID | None) -> str:
    """The address of an agency's logo; empty for an agency without one."""
    return f"/logos/{logo}.png" if logo else ""
