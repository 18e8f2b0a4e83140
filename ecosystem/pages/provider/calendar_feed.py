"""The card with the address at which calendar programs find the departures."""

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.dialogs import confirmation, opener
from ecosystem.pages.components.surfaces import card
from ecosystem.state.provider.calendar_feed import CalendarFeedState

State = CalendarFeedState
RENEW = "renew-calendar-address"


def calendar_feed() -> rx.Component:
    """Draw the card; nothing while its State is not filled."""
    return rx.cond(
        State.ready,
        card(
            rx.el.h2("In your own calendar", class_name="font-strong"),
            rx.el.p(
                "Subscribe to this address in any calendar program: it shows departures and seats"
                " sold, and no traveller. Whoever has the address can read it.",
                class_name="mt-1 max-w-[64ch] text-soft",
            ),
            rx.el.div(
                rx.cond(
                    State.address != "",
                    rx.fragment(
                        rx.el.input(
                            value=State.address,
                            read_only=True,
                            class_name="h-10 min-w-0 flex-[1_1_16rem] rounded-md border "
                            "border-line bg-sunk px-3 text-md",
                            custom_attrs={"aria-label": "Calendar address"},
                        ),
                        button("Copy address", custom_attrs={"data-copy": State.address}),
                        rx.cond(State.editable, opener("New address", opens=RENEW, kind="quiet")),
                    ),
                    rx.cond(
                        State.editable,
                        button("Make an address", on_click=State.renew),
                        rx.el.p("An editor of your team can make one.", class_name="text-soft"),
                    ),
                ),
                class_name="mt-4 flex flex-wrap items-center gap-3",
            ),
            confirmation(
                "Make a new address",
                "The old address ends at once: calendars that use it show nothing new until they"
                " are given the new one.",
                dialog_id=RENEW,
                confirm="Make new address",
                on_confirm=State.renew,
            ),
        ),
    )
