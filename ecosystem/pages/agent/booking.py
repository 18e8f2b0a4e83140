"""``/agent/bookings/[reference]``: one booking of the agency: travellers, money, papers."""

from typing import Any

import reflex as rx

from ecosystem.pages.agent.document_parts import documents_section
from ecosystem.pages.changing import changing
from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.earnings import EARNINGS, earnings
from ecosystem.pages.components.feedback import bone, empty_state, skeleton_text
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.numbers import fact
from ecosystem.pages.components.surfaces import (
    badge,
    breadcrumbs,
    card,
    page_header,
    section_card,
)
from ecosystem.pages.components.trips import (
    local_time,
    payment_rows,
    policy_rows,
    price_note,
    price_rows,
    stay_rows,
)
from ecosystem.pages.components.values import sentence, when
from ecosystem.pages.conversation import conversation
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.money_told import money_told
from ecosystem.pages.travellers import travellers
from ecosystem.state.agent.booking import PATH, AgentBookingState

S: Any = AgentBookingState  # whose fields are Vars when a page is drawn
V = S.view
REFRESH_SECONDS = 8
EARNED: Any = earnings(S.commission)


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        rx.cond(
            S.phase == "missing",
            _missing(),
            rx.fragment(
                page_header(
                    rx.cond(S.phase == "shown", V.lead, "Booking"),
                    when(V.voucher != "", link_button("Voucher", href=V.voucher)),
                    when(S.pay_link != "", button("Send payment link", on_click=S.send_pay_link)),
                    above=breadcrumbs(("Bookings", PATH)),
                    below=rx.cond(
                        S.phase == "shown",
                        rx.el.span(
                            badge(V.status, V.tone),
                            rx.el.span(V.reference, class_name="tabular-nums"),
                            class_name="flex flex-wrap items-center gap-2",
                        ),
                        "\u00a0",
                    ),
                ),
                loading_or_failed(
                    S.phase,
                    S.problem,
                    S.open,
                    _two_columns(
                        card(skeleton_text(8), extra="h-80"), bone("h-96 w-full !rounded-lg")
                    ),
                    _two_columns(_main(), _aside()),
                ),
            ),
        ),
        area="agent",
        current=PATH,
    )


def _main() -> rx.Component:
    return rx.el.div(
        card(
            rx.el.p(V.sentence),
            when(
                V.held != "",
                rx.el.p(
                    sentence(
                        "The seats are kept until {time}.", time=local_time(V.held, V.held_utc)
                    ),
                    class_name="text-soft",
                ),
            ),
            role="status",
        ),
        travellers(),
        documents_section(),
        conversation(),
        section_card(
            "City by city",
            rx.el.div(stay_rows(V.stays), class_name="-mt-px px-5 pb-1 [&>*]:border-b-0"),
        ),
        when(
            V.policy.length() > 0,
            rx.el.section(
                rx.el.h2("If plans change", class_name="mb-3 font-strong"), policy_rows(V.policy)
            ),
        ),
        refreshed(S.again, REFRESH_SECONDS),
        class_name="grid min-w-0 content-start gap-6",
    )


def _aside() -> rx.Component:
    return rx.el.div(
        card(
            rx.el.dl(
                fact("Trip", link(V.title, href=V.package_href), V.when + " · " + V.party),
                fact("Operator", link(V.operator, href=V.operator_href)),
                fact("Booked for", V.lead, V.reach),
                fact("Booked on", S.booked),
                class_name="grid gap-3 break-words",
            ),
        ),
        card(
            rx.el.h2("Price", class_name="mb-2 font-strong"),
            price_rows(
                V.lines,
                V.total,
                price_note("Paid", rx.cond(V.billed == "", V.paid, "")),
                price_note("Kept", V.kept),
                price_note("Still due", V.due),
                when(S.commission != "", price_note("Your agency earns", EARNED)),
            ),
            when(V.billed == "", rx.el.div(money_told("mt-2"), custom_attrs=EARNINGS)),
        ),
        when(V.billed == "", _payments()),
        when(V.calendar != "", card(rx.el.h2("Papers", class_name="mb-1 font-strong"), _papers())),
        changing(),
        class_name="grid content-start gap-6",
    )


def _payments() -> rx.Component:
    return card(
        rx.el.h2("Payments", class_name="mb-1 font-strong"),
        payment_rows(V.payments),
        when(
            S.pay_link != "",
            rx.el.div(
                button("Copy the payment link", size="sm", custom_attrs={"data-copy": S.pay_link}),
                class_name="mt-3",
            ),
        ),
    )


def _papers() -> rx.Component:
    def paper(label: str, href: Any) -> rx.Component:
        return when(href != "", rx.el.li(link(label, href=href)))

    return rx.el.ul(
        paper("Voucher (PDF)", V.voucher),
        paper("Invoice (PDF)", V.invoice),
        paper("Calendar file", V.calendar),
        class_name="grid gap-1.5",
    )


def _missing() -> rx.Component:
    return rx.fragment(
        page_header("There is no such booking", above=breadcrumbs(("Bookings", PATH))),
        card(
            empty_state(
                "Nothing is here",
                "The reference may be mistyped, or the booking is another agency's.",
                link_button("Your bookings", href=PATH),
            )
        ),
    )


def _two_columns(main: rx.Component, facts: rx.Component) -> rx.Component:
    return rx.el.div(
        main,
        facts,
        class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_372px]",
    )
