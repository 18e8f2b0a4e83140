"""What an agency earns: off the screen with the key H while a client looks on."""

import reflex as rx

from ecosystem.pages.components.values import Child

EARNINGS = {"data-earnings": ""}
"""``custom_attrs`` of whatever says what an agency earns or sells in all (``assets/keys.js``)."""


def earnings(*children: Child, extra: str = "") -> rx.Component:
    """Draw words that go off the screen with ``H``; their room is kept."""
    return rx.el.span(*children, class_name=extra, custom_attrs=EARNINGS)
