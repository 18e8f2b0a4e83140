"""Where a payout account stands, on the pages of operators and of agencies."""

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.feedback import bone
from ecosystem.pages.components.surfaces import badge, card
from ecosystem.pages.desk_page import loading_or_failed
from ecosystem.state.payouts import PayoutsState

State = PayoutsState


def payout_card(*steps: str) -> rx.Component:
    """Draw the account with what Stripe asks for, and how money flows in ``steps`` beside it.

    The page opens with ``PayoutsState.open``.
    """
    return rx.el.div(
        card(
            loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _account()),
            extra="!p-6",
        ),
        card(
            rx.el.h2("How it works", class_name="mb-3 font-strong"),
            rx.el.ol(
                *(rx.el.li(step) for step in steps),
                class_name="grid list-decimal gap-2 ps-5 text-soft",
            ),
            extra="!p-6",
        ),
        class_name="grid items-start gap-6 lg:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)]",
    )


def _account() -> rx.Component:
    view = State.view
    return rx.el.div(
        rx.el.div(
            rx.el.h2("Your payout account", class_name="font-strong"),
            badge(view.title, view.tone),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        rx.el.p(view.text, class_name="mt-3 max-w-[64ch] text-soft"),
        rx.cond(view.note != "", rx.el.p(view.note, class_name="mt-2 max-w-[64ch]")),
        _list("Stripe asks for", State.needs),
        _list("Stripe is looking at", State.pending),
        rx.cond(
            State.owner,
            rx.el.div(
                rx.cond(
                    view.button != "", button(view.button, kind="primary", on_click=State.set_up)
                ),
                rx.cond(
                    view.dashboard, button("Open your pages at Stripe", on_click=State.dashboard)
                ),
                rx.cond(view.asked, button("Ask Stripe again", on_click=State.open)),
                class_name="mt-6 flex flex-wrap gap-3",
            ),
            rx.el.p("Only an owner can change this.", class_name="mt-6 text-sm text-soft"),
        ),
        custom_attrs={"aria-live": "polite"},
    )


def _list(title: str, lines: rx.Var[list[str]]) -> rx.Component:
    return rx.cond(
        lines.length() > 0,
        rx.el.div(
            rx.el.h3(title, class_name="mt-5 text-sm font-strong"),
            rx.el.ul(
                rx.foreach(lines, lambda line: rx.el.li(line)),
                class_name="mt-1.5 grid list-disc gap-1 ps-5 text-soft",
            ),
        ),
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        bone("h-5 w-44"), bone("mt-5 h-4 w-full"), bone("mt-2.5 h-4 w-4/5"),
        bone("mt-7 h-10 w-40 !rounded-md"),
        class_name="min-h-[180px]",
    )  # fmt: skip
