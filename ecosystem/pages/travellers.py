"""Who travels on a booking and who shares a room: shown, and named while that is possible.

A part of the trip's page, of the agent's and of the operator's page of a booking.
"""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.forms import date_field, field, problem_summary
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.values import when
from ecosystem.state.travellers import TravellersState

S: Any = TravellersState  # whose fields are Vars when a page is drawn
FORM = "travellers-form"


def travellers() -> rx.Component:
    """Draw them; nothing for who may not see who travels.

    It loads itself, from the reference at the end of the page's address.
    """
    return rx.el.div(
        when(
            S.ready,
            rx.el.section(
                rx.el.div(
                    rx.el.h2(_("Who travels"), class_name="font-strong"),
                    when(S.missing != "", badge(S.missing, "warn")),
                    class_name="flex flex-wrap items-center justify-between gap-x-3 gap-y-1",
                ),
                rx.cond(S.editing, _form(), _shown()),
                id="travellers",
                class_name="min-w-0 rounded-lg border border-line bg-card p-5",
            ),
        ),
        on_mount=S.open,
        class_name="min-w-0 empty:hidden",
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.foreach(S.rooms, _room),
        rx.el.p(S.note, class_name="mt-3 text-sm text-soft"),
        when(
            S.can_name,
            rx.el.div(
                button(
                    rx.cond(S.missing != "", _("Name the travellers"), _("Change the travellers")),
                    on_click=S.edit,
                ),
                class_name="mt-3",
            ),
        ),
    )


def _room(room: Any) -> rx.Component:
    return rx.el.div(
        when(room.title != "", rx.el.h3(room.title, class_name="text-sm text-soft")),
        rx.el.ul(
            rx.foreach(
                room.people,
                lambda one: rx.el.li(
                    rx.el.span(
                        one.name,
                        class_name=[
                            "[overflow-wrap:anywhere]",
                            rx.cond(one.known, "", "text-soft"),
                        ],
                    ),
                    when(one.detail != "", rx.el.span(" · ", one.detail, class_name="text-soft")),
                ),
            ),
        ),
        class_name="mt-3",
    )


def _form() -> rx.Component:
    return rx.el.form(
        problem_summary(S.refused),
        rx.el.div(rx.foreach(S.places, _place), class_name="grid gap-4"),
        rx.el.p(
            rx.cond(
                S.birth_dates,
                _("As in the passports. The operator needs everybody's name and date of birth."),
                _("As in the passports. Leave a name empty if it is not settled yet."),
            ),
            class_name="text-sm text-soft",
        ),
        rx.el.div(
            button(_("Save the travellers"), kind="primary", type="submit"),
            button(_("Not now"), on_click=S.leave),
            class_name="flex flex-wrap gap-3",
        ),
        id=FORM,
        key=S.drawn,
        on_submit=S.save,
        no_validate=True,
        class_name="mt-4 grid gap-4",
    )


def _place(place: Any) -> rx.Component:
    return rx.el.div(
        field(
            place.label,
            "name_" + place.number,
            field_id="traveller-" + place.number,
            default_value=place.value,
            error=place.error,
            auto_complete="off",
            max_length=120,
            dir="auto",
        ),
        date_field(
            _("Date of birth of traveller {n}").format(n=place.number),
            "born_" + place.number,
            field_id="traveller-born-" + place.number,
            default_value=place.birth_date,
            error=place.birth_error,
            auto_complete="off",
        ),
        when(
            S.choices.length() > 0,
            field(
                _("Room of traveller {n}").format(n=place.number),
                "room_" + place.number,
                control="select",
                options=S.choices,
                field_id="traveller-room-" + place.number,
                default_value=place.room,
                error=place.room_error,
            ),
        ),
        class_name="grid gap-3 border-t border-line pt-4 first:border-0 first:pt-0 sm:grid-cols-2",
    )
