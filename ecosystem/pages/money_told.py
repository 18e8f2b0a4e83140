"""Why the amounts of a booking are what they are: a button and the dialog behind it."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import closer, dialog
from ecosystem.pages.components.feedback import skeleton_text
from ecosystem.pages.components.values import when
from ecosystem.state.money_told import MoneyToldState

S: Any = MoneyToldState  # whose fields are Vars when a page is drawn


def money_told(extra: str = "") -> rx.Component:
    """Draw them, for the booking whose reference ends the page's address."""
    return rx.el.div(
        button(_("Why these amounts"), kind="quiet", size="sm", on_click=S.open, extra="-ms-3"),
        dialog(
            _("Why these amounts"),
            rx.el.div(
                rx.match(
                    S.phase,
                    ("shown", _told()),
                    ("failed", rx.el.p(S.problem, role="alert")),
                    skeleton_text(6),
                ),
                class_name="min-h-40",
                custom_attrs={
                    "aria-busy": rx.cond(S.shown & (S.phase == "loading"), "true", "false")
                },
            ),
            dialog_id="money-told",
            actions=(closer(_("Close")),),
            shown=S.shown,
            on_close=S.close,
        ),
        class_name=extra,
    )


def _told() -> rx.Component:
    row = "flex items-baseline justify-between gap-4"
    return rx.fragment(
        when(
            S.lines.length() == 0,
            rx.el.p(_("No money has moved for this booking yet."), class_name="text-soft"),
        ),
        rx.el.ol(
            rx.foreach(
                S.lines,
                lambda line: rx.el.li(
                    rx.el.span(
                        rx.el.span(line.text, class_name="block break-words"),
                        rx.el.span(line.when, class_name="block text-sm text-soft"),
                        class_name="min-w-0",
                    ),
                    rx.el.span(line.amount, class_name="shrink-0 tabular-nums"),
                    key=line.key,
                    class_name=f"{row} border-t border-line py-2.5 first:border-0",
                ),
            )
        ),
        when(
            S.sums.length() > 0,
            rx.el.dl(
                rx.foreach(
                    S.sums,
                    lambda line: rx.el.div(
                        rx.el.dt(line.label, class_name="min-w-0 break-words"),
                        rx.el.dd(line.amount, class_name="shrink-0 tabular-nums"),
                        class_name=f"{row} py-1.5",
                    ),
                ),
                class_name="mt-3 rounded-md bg-sunk px-4 py-2 font-strong",
            ),
        ),
    )
