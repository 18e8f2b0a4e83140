"""Sending a person to a page outside this site: the payment page, nowhere else."""

import inspect
from urllib.parse import urlsplit

import reflex as rx
from reflex.event import EventSpec
from reflex_base.event import server_side

from ecosystem.settings import load


def leave_for(url: str, *, come_back_here: bool = True) -> EventSpec:
    """Open ``url``, which one of our services made, in place of this page.

    ``come_back_here``: whether the browser's back button leads to this page. False for a page
    that only leads on: coming back to it would send the person away again.

    Otherwise the client loads an address of another host in full; one of our own host stays
    inside.

    Raises:
        ValueError: it is not an address of the web, or not an encrypted one in production.
    """
    parts = urlsplit(url)
    allowed = ("https", "http") if load().local else ("https",)
    if parts.scheme not in allowed or not parts.hostname or parts.username:
        raise ValueError(f"not an address to send people to: {url!r}")
    if not come_back_here:
        return take_place(url)
    return rx.redirect(url)


def take_place(url: str) -> EventSpec:
    """Open ``url`` so that it takes this page's place in the browser's history, too."""
    return server_side("_take_place", inspect.signature(take_place), url=url)
