"""Gallery sections: what shows something."""

from typing import Any

import reflex as rx

from ecosystem.pages.components import feedback
from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.choices import chip, chips
from ecosystem.pages.components.lists import needs_you
from ecosystem.pages.components.numbers import bars, figure, number_strip, progress
from ecosystem.pages.components.surfaces import badge, breadcrumbs, card, section_card
from ecosystem.pages.components.tables import Column, data_table, paging

BOOKINGS: list[dict[str, str]] = [
    {
        "reference": "TRV-7K3Q9XHM",
        "client": "Lindqvist, Maja",
        "trip": "Rome, Florence & Venice",
        "departs": "14 May",
        "total": "€2,776",
        "status": "confirmed",
        "tone": "good",
    },
    {
        "reference": "TRV-2M8FD4QA",
        "client": "Okafor family",
        "trip": "Kyoto in the maple weeks",
        "departs": "6 Nov",
        "total": "€9,920",
        "status": "pending payment",
        "tone": "warn",
    },
    {
        "reference": "TRV-9PX3T6RC",
        "client": "Wolfeschlegelsteinhausenbergerdorff-Hohenlohe, Maximiliane",
        "trip": "Zwölftägige Donaukreuzfahrt mit Besichtigungsmöglichkeiten",
        "departs": "2 June",
        "total": "€1,760",
        "status": "confirmed",
        "tone": "good",
    },
    {
        "reference": "TRV-5HJ7W2KE",
        "client": "عبد الرحمن الهاشمي",
        "trip": "Two coasts of Sri Lanka",
        "departs": "20 Mar",
        "total": "€2,300",
        "status": "completed",
        "tone": "plain",
    },
]
WAITING: list[dict[str, str]] = [
    {
        "badge": "Hold ends in 12 min",
        "tone": "warn",
        "text": "Kyoto in the maple weeks · 4 seats for the Okafor family",
        "action": "Send payment link",
        "href": "/agent",
    },
    {
        "badge": "Proposal accepted",
        "tone": "good",
        "text": "M. Lindqvist chose option B, seats are held until 15:40",
        "action": "Open",
        "href": "/agent",
    },
    {
        "badge": "Passport expires before return",
        "tone": "bad",
        "text": "Ines Moreau · 2 June 2027, travels until 9 June",
        "action": "Ask for new one",
        "href": "/agent",
    },
]
MONTHS: list[dict[str, Any]] = [
    {"label": m, "percent": p, "text": f"{m}: €{p * 480:,}", "now": m == "Nov"}
    for m, p in zip(
        ("Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"),
        (37, 43, 40, 55, 70, 64, 82, 68, 56, 75, 88, 100),
        strict=True,
    )
]


def surfaces() -> rx.Component:
    """Draw buttons, badges and chips."""
    return rx.el.div(
        rx.el.div(
            button("Pay €694", kind="primary"),
            button("Preview"),
            button("All 1,284", kind="quiet"),
            button("Delete draft", kind="danger"),
            button("Paying", kind="primary", busy=True),
            button("Prepare…", disabled=True),
            button("Verify deep", size="sm"),
            link_button("Open", href="/", size="sm"),
            link("Keep them 10 minutes longer", href="/"),
            class_name="flex flex-wrap items-center gap-3",
        ),
        rx.el.div(
            badge("planned"),
            badge("copying", "brand"),
            badge("confirmed", "good"),
            badge("3 left", "warn"),
            badge("sold out", "bad"),
            class_name="flex flex-wrap gap-2",
        ),
        chips(
            chip("Free seats for 2", on=True, href="/_gallery"),
            chip("Nights · any", href="/_gallery"),
            chip("4★ and up"),
            chip("Departures", badge("add one", "warn")),
            label="Filters",
        ),
        breadcrumbs(("Packages", "/provider/packages"), ("Rome, Florence & Venice", "/provider")),
        class_name="grid gap-5",
    )


def numbers() -> rx.Component:
    """Draw figures, progress, waiting lists and a chart."""
    waiting: Any = rx.Var.create(WAITING)
    months: Any = rx.Var.create(MONTHS)
    return rx.el.div(
        number_strip(
            figure("Sold this month", "€48,210", "+12 % on October"),
            figure("Commission earned", "€3,857", "€1,120 arrives Tuesday"),
            figure("Proposals out", "14", "5 opened, 2 accepted"),
            figure("Travelling now", "9", "3 depart this week", live=True),
        ),
        rx.el.div(
            needs_you(waiting, empty="Nothing waits for you"),
            section_card(
                "Sales by month",
                rx.el.div(bars(months, label="Sales by month"), class_name="p-5"),
                note="Best November so far, €12,000 ahead of plan",
            ),
            class_name="grid items-start gap-6 lg:grid-cols-[1.35fr_1fr]",
        ),
        card(
            progress("Copying packages", 64, "18,400 rows/s · about 40 s left"),
            rx.el.div(class_name="h-5"),
            progress("Connecting", None, "looking for changes"),
        ),
        class_name="grid gap-6",
    )


def tables() -> rx.Component:
    """Draw a full and an empty table."""
    rows: Any = rx.Var.create(BOOKINGS)
    columns = (
        Column("Reference", lambda r: r["reference"], phone="under", sort="/_gallery", whole=True),
        Column("Client", lambda r: rx.el.b(r["client"], class_name="font-strong"), phone="lead"),
        Column("Trip", lambda r: r["trip"]),
        Column("Departs", lambda r: r["departs"], sort="/_gallery", sorted="descending"),
        Column("Total", lambda r: r["total"], align="end", phone="end"),
        Column("Status", lambda r: badge(r["status"], r["tone"].to(str)), phone="under-end"),
    )
    return rx.el.div(
        section_card(
            "Latest bookings",
            data_table(rows, columns, caption="Latest bookings", row_href=lambda _: "/agent"),
            paging(
                "1–4 of 1,284",
                previous="/_gallery",
                following="/_gallery",
                has_previous=False,
                has_following=True,
            ),
            aside=link_button("All 1,284", href="/agent/bookings", kind="quiet", size="sm"),
        ),
        section_card(
            "Commissions",
            data_table(
                rx.Var.create([]).to(list[dict[str, str]]),
                columns,
                caption="Commissions",
                empty=feedback.empty_state(
                    "No commission yet",
                    "The first one appears here when a client you booked for has travelled.",
                    link_button("Search trips", href="/agent/search", kind="primary"),
                ),
            ),
        ),
        class_name="grid gap-6",
    )


def states() -> rx.Component:
    """Draw what stands in for content."""
    return rx.el.div(
        card(feedback.error_state(), padded=False),
        feedback.skeleton_figures(),
        card(feedback.skeleton_rows(3), padded=False),
        card(feedback.skeleton_fields(2)),
        feedback.skeleton_cards(3),
        class_name="grid gap-6",
    )
