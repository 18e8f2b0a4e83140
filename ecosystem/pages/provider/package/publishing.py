"""The end of the editor: when it departs, and what is missing before it is on sale."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import link, link_button
from ecosystem.pages.components.feedback import empty_state
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.tables import Column, data_table
from ecosystem.pages.provider.package.frame import S, section


def departures() -> rx.Component:
    """Draw the next departures and the way to all of them."""
    href = "/provider/departures?package=" + S.package_id
    return section(
        "departures",
        data_table(
            S.departures,
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
                "A package needs one with free seats before it can be published.",
                compact=True,
            ),
        ),
        rx.el.div(
            link_button("Departures of this package", href=href, size="sm"),
        ),
        note=S.departures_note,
        typed=False,
    )


def publishing() -> rx.Component:
    """Draw what is missing, each with the way to it."""

    def line(item: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(class_name="mt-2 size-2 shrink-0 rounded-full bg-warn"),
            rx.el.span(item.text, " ", rx.el.a("Go there", href=item.href, class_name=LINK)),
            class_name="flex items-start gap-2.5",
        )

    return section(
        "publish",
        rx.cond(
            S.checks.length() > 0,
            rx.el.div(
                rx.el.p("Missing before it can be on sale:", class_name="mb-2"),
                rx.el.ul(rx.foreach(S.checks, line), class_name="grid gap-1.5"),
            ),
            rx.el.p(
                mark("check", 18, "mt-0.5 text-good"),
                rx.match(
                    S.head.status,
                    ("published", "It is on sale. What you save is public at once."),
                    ("archived", "Nothing is missing. It is archived: publish it to sell it."),
                    "Nothing is missing. Publish it when you are ready.",
                ),
                class_name="flex items-start gap-2.5",
            ),
        ),
        rx.cond(
            ~S.bookable,
            rx.el.p(
                "Nobody can book it until ",
                link("payouts are set up", href="/provider/payouts"),
                ".",
                class_name="text-warn",
            ),
        ),
        rx.el.p("Last changed ", S.head.changed, " UTC.", class_name="text-sm text-soft"),
        typed=False,
    )


LINK = "underline decoration-edge underline-offset-3 hover:decoration-current"
