"""The questions of the console: a step with all that belongs to it, and rows that differ."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import Kind, button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.forms import checkbox, field
from ecosystem.pages.ops.migration.group import condition
from ecosystem.state.ops.migration import OpsMigrationState

State = OpsMigrationState
FORM = "migration-step"


def step_dialog() -> rx.Component:
    """Draw what a step does, what it needs, and how to come back from it."""
    one: Any = State.asked
    return dialog(
        one.title,
        _part("What happens", rx.el.ol(rx.foreach(one.does, _line), class_name="grid gap-1.5")),
        rx.cond(
            one.conditions.length() > 0,
            _part(
                "What it needs",
                rx.el.ul(
                    rx.foreach(one.conditions, condition),
                    class_name="grid gap-1.5",
                    custom_attrs={"aria-live": "polite"},
                ),
            ),
        ),
        _part("Way back", rx.el.p(one.back)),
        rx.el.form(
            rx.cond(
                one.deep,
                checkbox(
                    "Deep",
                    "deep",
                    hint="The text of every value instead of its hash: slower, and the last "
                    "word when the versions of both databases differ.",
                ),
            ),
            rx.cond(
                one.reason,
                field(
                    "Why",
                    "why",
                    max_length=200,
                    hint="Your colleagues read it here. It may stay empty.",
                ),
            ),
            rx.cond(
                one.typed,
                field(
                    rx.fragment(
                        "Type ", rx.el.span(one.group, class_name="font-mono"), " to confirm"
                    ),
                    "typed",
                    field_id="typed-group",
                    auto_complete="off",
                    spell_check=False,
                    max_length=60,
                    error=State.typed_error,
                    custom_attrs={"autoCapitalize": "none"},
                ),
            ),
            on_submit=State.ask,
            id=FORM,
            key=f"{one.group}-{one.action}-{State.drawn}",
            no_validate=True,
            class_name="mt-5 grid gap-4 empty:hidden",
        ),
        rx.el.p(
            State.refused,
            class_name="mt-4 rounded-md bg-bad-soft px-3 py-2 text-bad empty:hidden",
            role="alert",
        ),
        dialog_id="migration-step-dialog",
        shown=one.open,
        on_close=State.close,
        strict=True,
        actions=(
            # Above the button that is off, wherever one has scrolled to.
            rx.el.p(
                one.not_yet,
                id="migration-not-yet",
                class_name="basis-full text-sm text-bad empty:hidden",
            ),
            button("Leave it as it is", on_click=State.close),
            rx.cond(one.danger, _confirm(one, "danger"), _confirm(one, "primary")),
        ),
    )


def _confirm(one: Any, kind: Kind) -> rx.Component:
    return button(
        one.confirm,
        kind=kind,
        type="submit",
        form=FORM,
        disabled=~one.allowed,
        custom_attrs={"aria-describedby": "migration-not-yet"},
    )


def _part(title: str, content: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h3(title, class_name="mb-1.5 text-sm font-strong text-soft"),
        content,
        class_name="mt-4 first:mt-1",
    )


def _line(words: Any) -> rx.Component:
    return rx.el.li(words, class_name="ms-5 list-decimal ps-1")


def differences_dialog() -> rx.Component:
    """Draw the rows of a table that differ, one by one."""
    found: Any = State.found

    def row(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(one.id, class_name="font-mono text-sm break-all"),
            rx.el.span(one.what, class_name="text-sm text-bad"),
            class_name="flex flex-wrap justify-between gap-x-4 border-b border-line py-1.5 "
            "last:border-0",
        )

    return dialog(
        found.title,
        rx.el.p(found.note, class_name="text-soft"),
        rx.el.ul(
            rx.foreach(found.rows, row),
            tab_index=0,
            class_name="mt-3 max-h-[50vh] overflow-auto rounded-md bg-sunk px-3 py-1",
            custom_attrs={"aria-label": "Rows that differ"},
        ),
        rx.cond(
            found.more != "",
            rx.el.p(found.more, class_name="mt-2 text-sm text-soft"),
        ),
        dialog_id="migration-differences",
        shown=found.open,
        on_close=State.close_found,
        actions=(button("Close", on_click=State.close_found),),
    )
