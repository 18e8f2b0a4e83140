"""Addresses of our own pages, and which given ones may be followed."""

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
