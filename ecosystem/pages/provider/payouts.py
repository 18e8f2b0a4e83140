"""``/provider/payouts``: how the operator is paid."""

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.feedback import bone
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.provider.payouts import ProviderPayoutsState

State = ProviderPayoutsState


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header("Payouts", below="How your share of each booking reaches your bank."),
        rx.el.div(
            card(
                loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _account()),
                extra="!p-6",
            ),
            card(
                rx.el.h2("How it works", class_name="mb-3 font-strong"),
                rx.el.ol(
                    rx.el.li("Buyers pay Ecosystem by card when they book."),
                    rx.el.li("Your share is the price less the seller's commission and our fee."),
                    rx.el.li("Stripe keeps your bank details; we never see them."),
                    class_name="grid list-decimal gap-2 ps-5 text-soft",
                ),
                extra="!p-6",
            ),
            class_name="grid max-w-[1060px] items-start gap-6 "
            "lg:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)]",
        ),
        area="provider",
        current="/provider/payouts",
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
        rx.cond(
            State.needs.length() > 0,
            rx.el.div(
                rx.el.h3("Stripe asks for", class_name="mt-5 text-sm font-strong"),
                rx.el.ul(
                    rx.foreach(State.needs, lambda line: rx.el.li(line)),
                    class_name="mt-1.5 grid list-disc gap-1 ps-5 text-soft",
                ),
            ),
        ),
        rx.el.div(
            rx.cond(
                view.button != "",
                button(
                    view.button,
                    kind="primary",
                    on_click=State.set_up,
                ),
            ),
            rx.cond(view.asked, button("Ask Stripe again", on_click=State.open)),
            class_name="mt-6 flex flex-wrap gap-3",
        ),
        custom_attrs={"aria-live": "polite"},
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        bone("h-5 w-44"), bone("mt-5 h-4 w-full"), bone("mt-2.5 h-4 w-4/5"),
        bone("mt-7 h-10 w-40 !rounded-md"),
        class_name="min-h-[180px]",
    )  # fmt: skip
