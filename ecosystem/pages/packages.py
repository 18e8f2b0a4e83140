"""A trip's page: pictures, city by city, what is in it, and the card one reserves with."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link, link_button, look
from ecosystem.pages.components.choices import stepper
from ecosystem.pages.components.feedback import bone, empty_state, error_state, skeleton_text
from ecosystem.pages.components.forms import checkbox
from ecosystem.pages.components.lists import departure_picker
from ecosystem.pages.components.surfaces import badge, card, heading
from ecosystem.pages.components.trips import (
    bullet_list,
    drawn,
    policy_rows,
    price_note,
    price_rows,
    stay_rows,
)
from ecosystem.pages.components.values import when
from ecosystem.pages.layout import public_page, two_columns
from ecosystem.state.packages import PackageState

S: Any = PackageState  # whose fields are Vars when a page is drawn
V = S.view
POLITE = {"aria-live": "polite"}


def page() -> rx.Component:
    """Draw the trip's page."""
    return public_page(
        rx.el.div(
            rx.match(
                S.phase,
                ("missing", _missing()),
                ("failed", _failed()),
                ("shown", rx.cond(S.is_hydrated, _shown(), _coming())),
                _coming(),
            ),
            custom_attrs={"aria-busy": rx.cond(S.phase == "loading", "true", "false")},
        ),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.h1("This trip is not offered any more", class_name="font-serif text-h1"),
        rx.el.p(
            "It may have ended, or the link may be incomplete. What you have booked is not "
            "affected by that.",
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        rx.el.div(
            link_button("Find another trip", href="/search", kind="primary"),
            link_button("My bookings", href="/trips"),
            class_name="mt-6 flex flex-wrap gap-3",
        ),
    )


def _failed() -> rx.Component:
    return rx.fragment(
        rx.el.h1("Trip", class_name="sr-only"),
        error_state(
            "This trip could not be loaded", S.problem, button("Try again", on_click=S.open)
        ),
    )


def _coming() -> rx.Component:
    return rx.el.div(
        bone("h-4 w-64"),
        bone("mt-3 h-11 w-4/5 max-w-[560px]"),
        bone("mt-6 h-[250px] w-full !rounded-lg md:h-[380px]"),
        two_columns(
            rx.el.div(skeleton_text(3), bone("mt-8 h-8 w-48"), class_name="mt-9"),
            bone("mt-9 h-[480px] w-full !rounded-lg"),
            sticky=False,
        ),
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            V.above,
            " · ",
            link(V.operator_name, href=V.operator_href, extra="text-soft"),
            when(V.verified, badge("Verified operator", "good", "ms-2")),
            when(V.rating != "", rx.el.span(" · ", V.rating, class_name="whitespace-nowrap")),
            class_name="text-md text-soft",
        ),
        rx.el.h1(
            V.title,
            class_name="mt-1.5 font-serif text-h2 tracking-[-0.01em] break-words md:text-h1",
        ),
        _pictures(),
        rx.el.a(
            "Dates and prices, from ",
            S.price_from,
            href="#dates",
            class_name=look("plain", "md", "mt-5 w-full lg:hidden"),
        ),
        rx.el.div(two_columns(_about(), _reserve()), class_name="mt-8 md:mt-9"),
    )


def _pictures() -> rx.Component:
    return rx.el.div(
        rx.el.img(
            src=V.cover,
            alt="",
            width="800",
            height="500",
            class_name="h-[220px] w-full bg-sunk object-cover md:h-[380px]",
        ),
        when(S.map_svg != "", drawn(S.map_svg, "aspect-[6/5] bg-sea md:aspect-auto md:h-[380px]")),
        class_name="mt-6 grid gap-3 overflow-hidden rounded-lg md:grid-cols-[1.6fr_1fr]",
    )


def _about() -> rx.Component:
    return rx.el.div(
        rx.el.p(V.summary, class_name="max-w-[64ch] text-lg break-words"),
        rx.foreach(
            V.paragraphs,
            lambda text: rx.el.p(text, class_name="mt-4 max-w-[64ch] break-words text-soft"),
        ),
        when(
            V.highlights.length() > 0,
            rx.el.div(bullet_list(V.highlights, "–", "text-brand"), class_name="mt-5 max-w-[64ch]"),
        ),
        _section("City by city", stay_rows(V.stays)),
        _section("In the price, and not", _inclusions()),
        when(
            S.policy.length() > 0,
            _section(
                "If plans change",
                rx.fragment(
                    policy_rows(S.policy),
                    rx.el.p(
                        "For the chosen departure, counted in days at the destination.",
                        class_name="mt-2 text-sm text-soft",
                    ),
                ),
            ),
        ),
        _section("Your operator", _operator()),
    )


def _section(title: str, content: rx.Component) -> rx.Component:
    return rx.el.section(heading(title, "mb-4"), content, class_name="mt-10")


def _inclusions() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h3("Included", class_name="mb-2 font-strong"),
            bullet_list(V.included, "✓", "text-good"),
        ),
        when(
            V.excluded.length() > 0,
            rx.el.div(
                rx.el.h3("Not included", class_name="mb-2 font-strong"),
                bullet_list(V.excluded, "–", "text-soft"),
            ),
        ),
        class_name="grid gap-6 border-t border-line pt-5 sm:grid-cols-2",
    )


def _operator() -> rx.Component:
    return card(
        rx.el.div(
            rx.el.h3(link(V.operator_name, href=V.operator_href), class_name="font-strong"),
            when(V.operator_rating != "", rx.el.span("★ ", V.operator_rating)),
            class_name="flex items-baseline justify-between gap-4",
        ),
        rx.el.p(V.operator_place, class_name="text-soft"),
        rx.el.p(
            V.operator_text,
            class_name="mt-3 line-clamp-4 max-w-[64ch] break-words text-soft empty:hidden",
        ),
    )


def _reserve() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Reserve", class_name="sr-only"),
        rx.cond(
            S.departures.length() > 0,
            _form(),
            empty_state(
                "No departures at the moment",
                "The operator has not opened new dates yet.",
                link_button("Find another trip", href="/search"),
                compact=True,
            ),
        ),
        id="dates",
        class_name="scroll-mt-4 rounded-lg border border-line bg-card p-5 shadow-float",
    )


def _form() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.span(S.price, class_name="font-serif text-[34px] leading-none"),
            " per adult",
            class_name="mb-4 text-soft [&>span]:text-ink",
        ),
        _not_bookable(),
        rx.el.div(
            _count("Adults", "adults", S.adults, 1),
            _count("Children", "children", S.children, 0),
            class_name="grid grid-cols-2 gap-3",
        ),
        rx.el.p(V.party_hint, class_name="mt-1.5 text-sm text-soft empty:hidden"),
        rx.el.div(
            departure_picker(S.departures, S.chosen, S.choose),
            class_name="-mx-1 mt-4 max-h-[236px] overflow-y-auto p-1",
        ),
        rx.el.p(S.dates, class_name="mt-2 text-md text-soft empty:hidden", custom_attrs=POLITE),
        when(V.extras.length() > 0, _extras()),
        rx.el.p(
            S.party_problem,
            class_name="mt-3 text-sm text-bad empty:hidden",
            custom_attrs=POLITE,
        ),
        when(
            S.total != "",
            rx.el.div(
                price_rows(S.lines, S.total, price_note("Or a deposit now", S.deposit)),
                class_name="mt-4",
            ),
        ),
        rx.el.p(
            S.notice,
            class_name="mt-3 rounded-md bg-warn-soft px-3 py-2 text-md text-warn empty:hidden",
            custom_attrs={"aria-live": "assertive"},
        ),
        button(
            "Reserve",
            kind="primary",
            on_click=S.reserve,
            busy=S.busy,
            disabled=~V.bookable | (S.chosen == "") | (S.notice != "") | (S.party_problem != ""),
            extra="mt-4 w-full !h-11",
        ),
        rx.el.p(
            "Nothing is charged yet. Your seats are held while you pay.",
            class_name="mt-2 text-center text-sm text-soft",
        ),
    )


def _not_bookable() -> rx.Component:
    return rx.cond(
        V.bookable,
        rx.fragment(),
        rx.el.p(
            rx.el.span("Not bookable yet. ", class_name="font-strong"),
            "The operator has not finished setting up how it is paid. Dates and prices are "
            "already right.",
            class_name="mb-4 rounded-md bg-warn-soft px-3 py-2 text-md text-warn",
            role="status",
        ),
    )


def _count(label: str, name: str, value: Any, low: int) -> rx.Component:
    return stepper(
        label,
        name,
        low=low,
        high=99,
        value=value.to_string(),
        on_change=lambda count: S.set_party(name, count),
    )


def _extras() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Extras", class_name="mb-2 text-sm font-strong"),
        rx.el.div(
            rx.foreach(
                V.extras,
                lambda extra: checkbox(
                    rx.fragment(
                        extra.name,
                        rx.cond(
                            extra.required,
                            rx.el.span(" · always included", class_name="text-soft"),
                            rx.fragment(),
                        ),
                    ),
                    "extras",
                    hint=extra.price,
                    field_id=f"extra-{extra.key}",
                    checked=extra.required | S.extras.contains(extra.key),
                    disabled=extra.required,
                    on_change=lambda _: S.toggle(extra.key),
                ),
            ),
            class_name="grid gap-2.5",
        ),
        class_name="mt-5 min-w-0",
    )
