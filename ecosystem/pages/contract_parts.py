"""What contracts look like on both desks."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.earnings import EARNINGS
from ecosystem.pages.components.forms import date_field
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.values import Child

END_FORM = "end-contract"


def contract_entry(row: rx.Var, *actions: Child, heading: Child) -> rx.Component:
    """A contract in a list: what was agreed on, for when, how it stands, and what to do."""
    one: Any = row
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.h3(heading, class_name="font-strong break-words"),
                badge(one.standing, one.tone),
                class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
            ),
            rx.el.ul(
                rx.foreach(one.facts, lambda said: rx.el.li(said)),
                class_name="mt-1",
                custom_attrs=EARNINGS,
            ),
            rx.el.p(one.period, " · ", one.said, class_name="mt-1 text-sm text-soft"),
            class_name="min-w-0 flex-[1_1_18rem]",
        ),
        rx.el.div(*actions, class_name="flex flex-wrap items-center gap-2"),
        rx.cond(
            one.example.length() > 0,
            rx.el.div(
                rx.el.p(one.means, class_name="max-w-[64ch] text-soft"),
                example(one.example, one.example_of),
                class_name="grid w-full gap-x-8 gap-y-3 lg:grid-cols-2",
                custom_attrs=EARNINGS,
            ),
        ),
        class_name="flex flex-wrap items-start justify-between gap-x-6 gap-y-4 px-5 py-4",
        key=one.id,
    )


def example(lines: rx.Var, caption: rx.Var) -> rx.Component:
    """Who pays and who gets what of one sale; read out when it changes."""
    return rx.el.div(
        rx.el.p(caption, class_name="text-sm text-soft break-words"),
        rx.el.dl(
            rx.foreach(
                lines,
                lambda line: rx.el.div(
                    rx.el.dt(line.label, class_name="min-w-0"),
                    rx.el.dd(line.amount, class_name="shrink-0 tabular-nums"),
                    class_name="flex justify-between gap-4 border-b border-line py-1.5"
                    " last:border-0",
                ),
            ),
            class_name="mt-1",
        ),
        class_name="min-w-0",
        custom_attrs={"aria-live": "polite"},
    )


def end_dialog(state: Any) -> rx.Component:
    """Ask for the last day of a contract. ``state`` is made of ``EndingContracts`` and has
    ``keep`` and ``end``."""
    one: Any = state.ending
    return dialog(
        "End the contract",
        rx.el.p(
            "With ",
            one.other,
            ". Both sides get an e-mail. What was sold by it stays sold by it; afterwards the"
            " commission of each package counts.",
            class_name="text-soft",
        ),
        rx.el.form(
            date_field(
                "Last day it holds",
                "last_day",
                default_value=state.first_end,
                min=state.first_end,
                error=state.end_error,
            ),
            on_submit=state.end,
            id=END_FORM,
            key=one.id,
            no_validate=True,
            class_name="mt-5 max-w-[16rem]",
        ),
        dialog_id="end-contract-dialog",
        shown=one.id != "",
        on_close=state.keep,
        actions=(
            button("Keep it", on_click=state.keep),
            button("End it", kind="danger", type="submit", form=END_FORM),
        ),
    )
