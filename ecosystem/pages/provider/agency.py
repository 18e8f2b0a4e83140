"""``/provider/agencies/[id]``: one agency, the contract with it, and offering another one."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.feedback import empty_state, skeleton_fields
from ecosystem.pages.components.forms import date_field, field, problem_summary
from ecosystem.pages.components.numbers import fact
from ecosystem.pages.components.surfaces import breadcrumbs, card, page_header, section_card
from ecosystem.pages.contract_parts import contract_entry, end_dialog, example
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.contract_lines import MODEL_CHOICES
from ecosystem.state.provider.agencies import PATH
from ecosystem.state.provider.agency import ProviderAgencyState

State = ProviderAgencyState


def page() -> rx.Component:
    """Draw the page."""
    one: Any = State.agency
    return desk_page(
        page_header(
            rx.cond(one.name != "", one.name, "Agency"),
            above=breadcrumbs(("Agencies", PATH)),
        ),
        rx.cond(
            State.phase == "missing",
            card(
                empty_state(
                    "There is no such agency",
                    "It may have left, or the link may be incomplete.",
                    link_button("All agencies", href=PATH),
                )
            ),
            loading_or_failed(
                State.phase, State.problem, State.open, skeleton_fields(6), _content()
            ),
        ),
        end_dialog(State),
        area="provider",
        current=PATH,
    )


def _content() -> rx.Component:
    one: Any = State.agency
    return rx.el.div(
        section_card(
            "What it has sold of yours",
            rx.el.dl(
                fact("Sold", rx.el.span(one.sold, class_name="tabular-nums")),
                fact("Bookings", rx.el.span(one.bookings, class_name="tabular-nums")),
                fact("Last one", rx.cond(one.last != "", one.last, "none yet")),
                fact("Country", one.country),
                class_name="grid grid-cols-2 gap-x-6 gap-y-3 p-5 sm:grid-cols-4",
            ),
        ),
        section_card(
            "Contracts",
            rx.cond(
                State.contracts.length() > 0,
                rx.el.ul(rx.foreach(State.contracts, _contract), class_name="divide-y divide-line"),
                empty_state(
                    "No contract",
                    "It sells by the commission that each of your packages says.",
                    compact=True,
                ),
            ),
        ),
        rx.cond(State.may_change, _offer()),
        class_name="grid max-w-[1060px] gap-6",
    )


def _contract(row: rx.Var) -> rx.Component:
    one: Any = row
    return contract_entry(
        row,
        rx.cond(
            State.may_change,
            rx.fragment(
                rx.cond(one.open, button("Withdraw", on_click=State.withdraw(one.id))),
                rx.cond(one.current, button("End…", on_click=State.ask_to_end(one.id))),
            ),
        ),
        heading=one.model,
    )


def _offer() -> rx.Component:
    return section_card(
        "Offer a contract",
        rx.el.div(
            rx.el.form(
                problem_summary(State.refused),
                field(
                    "How the agency earns",
                    "model",
                    control="select",
                    options=MODEL_CHOICES,
                    default_value=State.model,
                    on_change=lambda value: State.try_out("model", value),
                    error=State.errors["model"],
                ),
                rx.el.p(State.means, class_name="text-md text-soft"),
                rx.cond(
                    State.agency.unverified
                    & ((State.model == "net") | (State.model == "agency_collects")),
                    rx.el.p(
                        "Ecosystem has not verified this agency yet. It can accept once it is.",
                        class_name="text-md",
                    ),
                ),
                rx.el.div(
                    field(
                        "Percent of the public price",
                        "percent",
                        input_mode="decimal",
                        default_value=State.percent,
                        on_change=lambda value: State.try_out("percent", value),
                        error=State.errors["percent"],
                    ),
                    rx.cond(
                        State.with_days,
                        field(
                            "Days",
                            "days",
                            input_mode="numeric",
                            default_value=State.days,
                            key=State.model,
                            hint=rx.cond(
                                State.model == "agency_collects",
                                "After booking; never later than departure.",
                                "After the end of the trip.",
                            ),
                            error=State.errors["days"],
                        ),
                    ),
                    rx.cond(
                        State.model == "agency_collects",
                        field(
                            "Credit limit in " + State.currency.to(str),
                            "credit",
                            input_mode="decimal",
                            hint="What it may owe you at a time, and then in this currency only. Empty:"
                            " no limit.",
                            error=State.errors["credit"],
                        ),
                    ),
                    date_field(
                        "From",
                        "starts_on",
                        default_value=State.today,
                        min=State.today,
                        error=State.errors["starts_on"],
                    ),
                    date_field(
                        "Until",
                        "ends_on",
                        min=State.today,
                        hint="Empty: no end.",
                        error=State.errors["ends_on"],
                    ),
                    class_name="grid items-start gap-4 sm:grid-cols-2",
                ),
                button("Send the offer", kind="primary", type="submit", extra="justify-self-start"),
                on_submit=State.offer,
                key=f"offer-{State.drawn}",
                no_validate=True,
                class_name="grid min-w-0 content-start gap-4 [&>[role=alert]:empty]:hidden",
            ),
            rx.el.div(
                rx.el.h3("What it comes to", class_name="font-strong"),
                rx.cond(
                    State.example.length() > 0,
                    example(State.example, State.example_of),
                    rx.el.p("Type a percentage from 0 to 97.", class_name="text-soft"),
                ),
                class_name="min-w-0 content-start",
            ),
            class_name="grid gap-x-8 gap-y-6 p-5 lg:grid-cols-2",
        ),
        note="It holds once an owner of the agency accepts it, and then takes the place of the"
        " contract before it. An offer that waits is withdrawn by a new one.",
    )
