"""``/provider/packages/[id]``: one package, edited."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.dialogs import confirmation, opener
from ecosystem.pages.components.feedback import bone, empty_state, skeleton_fields
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.lists import day_row
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.surfaces import (
    badge,
    breadcrumbs,
    card,
    page_header,
    section_card,
)
from ecosystem.pages.components.tables import Column, data_table
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.provider.package_pictures import pictures_section
from ecosystem.state.provider.package import ProviderPackageState
from ecosystem.state.provider.packages import PATH

State = ProviderPackageState
FORM = "package"
ARCHIVE = "archive-package"


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        rx.cond(
            State.phase == "missing",
            _missing(),
            rx.fragment(
                page_header(
                    rx.cond(State.phase == "shown", State.view.title, "Package"),
                    rx.cond(State.phase == "shown", _actions()),
                    above=breadcrumbs(("Packages", PATH)),
                    below=rx.cond(
                        State.phase == "shown",
                        rx.el.span(
                            badge(State.view.status, State.view.tone),
                            State.view.facts,
                            class_name="flex flex-wrap items-center gap-2",
                        ),
                        "\u00a0",
                    ),
                ),
                loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _content()),
            ),
        ),
        area="provider",
        current=PATH,
    )


def _actions() -> rx.Component:
    on_sale = State.view.status == "published"
    return rx.fragment(
        rx.el.p(State.saved, class_name="text-sm text-soft", custom_attrs={"aria-live": "polite"}),
        rx.cond(
            on_sale,
            rx.fragment(
                link_button("What the public sees", href=State.view.public_href),
                opener("Archive", opens=ARCHIVE),
            ),
        ),
        rx.cond(
            on_sale,
            button("Save", kind="primary", type="submit", form=FORM),
            rx.fragment(
                button("Save", type="submit", form=FORM),
                button(
                    "Publish",
                    kind="primary",
                    on_click=State.publish,
                    disabled=~State.view.ready,
                ),
            ),
        ),
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.cond(State.conflict, _conflict()),
        rx.el.div(
            rx.el.div(
                _form(),
                _itinerary(),
                pictures_section(),
                _departures(),
                class_name="grid min-w-0 gap-6",
            ),
            rx.el.div(_map(), _checks(), class_name="grid min-w-0 gap-6"),
            class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_372px]",
        ),
        confirmation(
            "Archive this package",
            "It can't be found or booked any more. Bookings that were made stay as they are,"
            " and you can publish it again.",
            dialog_id=ARCHIVE,
            confirm="Archive package",
            on_confirm=State.archive,
        ),
        class_name="grid gap-6",
    )


def _conflict() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.p(
                "Somebody else has changed this package since you opened it",
                class_name="font-strong",
            ),
            rx.el.p(
                "Nothing was overwritten. Reload to see their version; what you typed is then"
                " gone, so copy it first if you need it.",
                class_name="mt-1 text-soft",
            ),
            class_name="min-w-0 flex-[1_1_20rem]",
        ),
        button("Reload", on_click=State.open),
        role="alert",
        class_name="flex flex-wrap items-center justify-between gap-4 rounded-lg border "
        "border-bad/40 bg-bad-soft px-5 py-4",
    )


def _form() -> rx.Component:
    return section_card(
        "Basics",
        rx.el.form(
            field(
                "Title",
                "title",
                default_value=State.view.title,
                key="title" + State.loads.to_string(),
                error=State.title_error,
                max_length=120,
                hint="4 to 120 characters. Say where it goes.",
            ),
            field(
                rx.fragment("Price per adult, ", State.view.currency),
                "price",
                default_value=State.view.price,
                key="price" + State.loads.to_string(),
                error=State.price_error,
                input_mode="decimal",
                auto_complete="off",
                max_length=20,
                hint="Departures with a price of their own keep it. Bookings made keep theirs.",
            ),
            id=FORM,
            on_submit=State.save,
            no_validate=True,
            class_name="grid gap-5 p-5",
        ),
    )


def _itinerary() -> rx.Component:
    return section_card(
        "Itinerary",
        rx.cond(
            State.view.stays.length() > 0,
            rx.el.ol(
                rx.foreach(
                    State.view.stays,
                    lambda stay: day_row(
                        stay.when,
                        rx.fragment(stay.city, " · ", stay.nights),
                        stay.detail,
                    ),
                ),
                class_name="-mt-px px-5",
            ),
            empty_state("No city yet", "A package needs at least one.", compact=True),
        ),
    )


def _departures() -> rx.Component:
    return section_card(
        "Departures",
        data_table(
            State.view.departures,
            (
                Column("Dates", lambda row: row.dates, phone="lead", whole=True),
                Column("Seats", lambda row: row.seats, phone="under"),
                Column("Price per adult", lambda row: row.price, align="end", phone="end"),
                Column(
                    "Status", lambda row: badge(row.status, row.tone), phone="under-end", whole=True
                ),
            ),
            caption="Departures to come",
            empty=empty_state(
                "No departure ahead",
                "A package needs one before it can be published.",
                compact=True,
            ),
        ),
        note=State.view.departures_note,
    )


def _map() -> rx.Component:
    return rx.cond(
        State.map_svg != "",
        rx.el.div(
            rx.html(State.map_svg),
            class_name="overflow-clip rounded-lg border border-line [&_svg]:block [&_svg]:h-auto "
            "[&_svg]:w-full",
        ),
    )


def _checks() -> rx.Component:
    def line(item: Any) -> rx.Component:
        return rx.el.li(
            rx.cond(
                item.done,
                mark("check", 16, "mt-1 text-good"),
                rx.el.span("•", class_name="w-4 text-center", custom_attrs={"aria-hidden": "true"}),
            ),
            rx.el.span(item.text),
            class_name=["flex items-start gap-2", rx.cond(item.done, "text-soft", "text-warn")],
        )

    return card(
        rx.el.h2(
            rx.cond(State.view.status == "published", "On sale", "Before you publish"),
            class_name="mb-2.5 font-strong",
        ),
        rx.el.ul(rx.foreach(State.view.checks, line), class_name="grid gap-1.5"),
        rx.cond(
            ~State.view.bookable,
            rx.el.p(
                "Nobody can book it until ",
                link("payouts are set up", href="/provider/payouts"),
                ".",
                class_name="mt-3 border-t border-line pt-3 text-warn",
            ),
        ),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        page_header("This package does not exist", above=breadcrumbs(("Packages", PATH))),
        card(
            empty_state(
                "Nothing is here",
                "It was removed, or it belongs to another operator.",
                link_button("Your packages", href=PATH),
            )
        ),
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        card(skeleton_fields(2), bone("mt-8 h-4 w-2/3"), bone("mt-4 h-4 w-1/2"), extra="h-80"),
        bone("h-72 w-full !rounded-lg"),
        class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_372px]",
    )
