"""What is shown when somebody else saved first."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog, opener
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.values import when
from ecosystem.pages.provider.package.frame import S

THEIRS = "their-changes"
BOX = "flex flex-wrap items-center justify-between gap-4 rounded-lg border px-5 py-4"


def clash_notice() -> rx.Component:
    """Draw who was first and what both changed, and the ways out."""
    clash = S.clash
    return rx.fragment(
        rx.cond(
            clash.shown,
            rx.el.div(
                rx.el.div(
                    rx.el.p(
                        rx.cond(
                            clash.own,
                            "You have changed this package elsewhere since you opened it here",
                            "Somebody else has changed this package since you opened it",
                        ),
                        class_name="font-strong",
                    ),
                    rx.el.p(clash.who, class_name="text-soft"),
                    _names("Changed there", clash.theirs),
                    _names("Changed here", clash.mine),
                    when(
                        clash.overlap != "",
                        rx.el.p(
                            "Changed in both: ",
                            rx.el.span(clash.overlap, class_name="font-strong"),
                            ". Keeping what is here replaces that, and nothing else.",
                            class_name="mt-1",
                        ),
                    ),
                    rx.el.p(
                        "Nothing was overwritten, and nothing is saved until you decide.",
                        class_name="mt-1 text-soft",
                    ),
                    class_name="min-w-0 flex-[1_1_24rem]",
                ),
                rx.el.div(
                    opener("See both", opens=THEIRS),
                    button("Keep what is here", on_click=S.keep_mine),
                    button("Discard what is here", kind="danger", on_click=S.take_theirs),
                    class_name="flex flex-wrap gap-2",
                ),
                role="alert",
                class_name=f"{BOX} border-bad/40 bg-bad-soft",
            ),
        ),
        dialog(
            "What was changed",
            _changes("There", clash.theirs),
            _changes("Here", clash.mine),
            dialog_id=THEIRS,
        ),
    )


def _names(words: str, changes: Any) -> rx.Component:
    return when(
        changes.length() > 0,
        rx.el.p(
            f"{words}: ",
            rx.foreach(
                changes,
                lambda change, number: rx.fragment(rx.cond(number > 0, ", ", ""), change.label),
            ),
            ".",
            class_name="mt-1",
        ),
    )


def _changes(title: str, changes: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h3(title, class_name="mt-4 mb-1 font-strong"),
        rx.cond(
            changes.length() > 0,
            rx.el.dl(rx.foreach(changes, change_row), class_name="border-b border-line"),
            rx.el.p("Nothing that differs.", class_name="text-soft"),
        ),
    )


def change_row(change: Any) -> rx.Component:
    """Draw a field with what it was and what it is."""
    words = "min-w-0 whitespace-pre-line break-words"
    return rx.el.div(
        rx.el.dt(
            change.label,
            when(change.both, badge("both", "warn")),
            class_name="flex items-center gap-2 text-sm font-strong",
        ),
        rx.el.dd(
            rx.el.del_(
                rx.el.span("was ", class_name="sr-only"),
                rx.cond(change.was != "", change.was, "nothing"),
                class_name=f"{words} text-soft line-through decoration-edge",
            ),
            class_name="min-w-0",
        ),
        rx.el.dd(
            rx.el.ins(
                rx.el.span("is ", class_name="sr-only"),
                rx.cond(change.now != "", change.now, "nothing"),
                class_name=f"{words} no-underline",
            ),
            class_name="min-w-0",
        ),
        class_name="grid gap-0.5 border-t border-line py-2.5 text-md",
    )
