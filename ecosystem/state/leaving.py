"""Sending a person to a page outside this site: the payment page, nowhere else."""

from urllib.parse import urlsplit

import reflex as rx
from reflex.event import EventSpec

from ecosystem.settings import load


def leave_for(url: str) -> EventSpec:
    """Open ``url``, which one of our services made, in place of this page.

    The client loads an address of another host in full; one of our own host stays inside.

    Raises:
        ValueError: it is not an address of the web, or not an encrypted one in production.
    """
    parts = urlsplit(url)
    allowed = ("https", "http") if load().local else ("https",)
    if parts.scheme not in allowed or not parts.hostname or parts.username:
        raise ValueError(f"not an address to send people to: {url!r}")
    return rx.redirect(url)
