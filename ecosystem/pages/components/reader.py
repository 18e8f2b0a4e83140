"""Choosing the language one reads in and the currency prices are shown in.

Plain forms: the choice is a cookie, and the pages of another language are other files.
"""

from typing import Any

import reflex as rx

from ecosystem.domain.currencies import SHOWN
from ecosystem.domain.language import LANGUAGES, _, language
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.forms import field, native_form
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.values import Text
from ecosystem.state import formats
from ecosystem.state.session import SessionState


def reader_form(name: str, extra: str = "") -> rx.Component:
    """Draw the form with both choices.

    Args:
        name: tells it from another one on the same page.
        extra: more class names, for its place.
    """
    session: Any = SessionState
    return native_form(
        field(
            _("Language"),
            "language",
            control="select",
            options=[(item.code, item.name) for item in LANGUAGES.values()],
            default_value=language().code,
            field_id=f"{name}-language",
        ),
        rx.el.div(
            field(
                _("Prices in"),
                "currency",
                control="select",
                options=_currencies(),
                default_value=session.currency,
                field_id=f"{name}-currency",
            ),
            # Drawn anew when it becomes known what this browser has chosen.
            key=session.currency,
        ),
        button(_("Apply"), type="submit"),
        action="/api/reader",
        class_name=f"grid gap-3 {extra}",
    )


def reader_switch(name: Text) -> rx.Component:
    """Draw the button above public pages that drops the form."""
    return rx.el.details(
        rx.el.summary(
            mark("globe"),
            rx.el.span(language().code.upper(), custom_attrs={"aria-hidden": "true"}),
            class_name="flex h-10 items-center gap-1.5 rounded-md px-2 text-sm text-soft "
            "hover:bg-sunk hover:text-ink",
            title=name,
            custom_attrs={"aria-label": name},
        ),
        rx.el.div(
            reader_form("top"),
            class_name="absolute end-0 top-full z-40 mt-1 w-64 rounded-md border border-line "
            "bg-card p-4 shadow-float",
        ),
        class_name="relative hidden md:block",
        custom_attrs={"data-menu": ""},
    )


def _currencies() -> list[tuple[str, str]]:
    names = [(code, f"{code} · {formats.currency(code)}") for code in SHOWN]
    return [("", _("As charged")), *names]
