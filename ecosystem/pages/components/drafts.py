"""Forms that keep what is typed over a reload (``assets/drafts.js``)."""

import reflex as rx

from ecosystem.pages.components.buttons import button


def draft_note() -> rx.Component:
    """Draw, as the first thing in a form with ``data-draft``, that what was typed is back."""
    return rx.el.div(
        rx.el.p("What you typed before is back; it is not saved yet.", role="status"),
        button("Start anew", size="sm", kind="quiet", custom_attrs={"data-draft-drop": ""}),
        hidden=True,
        class_name="flex flex-wrap items-center justify-between gap-2 rounded-md bg-sunk px-4 py-2 "
        "text-soft",
        custom_attrs={"data-draft-note": ""},
    )
