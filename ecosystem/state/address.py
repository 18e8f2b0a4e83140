"""The address of the page an event came from: its parts and its query.

All of it is what a browser sent: anybody may write anything there.
"""

from urllib.parse import parse_qsl, unquote, urlsplit

import reflex as rx

LONGEST = 2000
"""Characters of an address that are read; more is nobody's honest link."""


def last_part(state: rx.State) -> str:
    """The last part of the path: ``slow-trains`` of ``/packages/slow-trains/``, at most 200.

    Empty if it holds what no link of ours does (a control character): that names nothing.
    """
    path = urlsplit(str(state.router.url)[:LONGEST]).path
    part = unquote(path.rstrip("/").rpartition("/")[2])[:200]
    return part if part.isprintable() else ""


def query(state: rx.State) -> dict[str, str]:
    """The query by name, the first of each; values are stripped, empty ones left out."""
    found: dict[str, str] = {}
    text = urlsplit(str(state.router.url)[:LONGEST]).query
    for name, value in parse_qsl(text, errors="replace", max_num_fields=None):
        if value.strip():
            found.setdefault(name, value.strip())
    return found
