"""What a trip is: pictures and map, city by city, what is in it, who runs it, trips like it."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.agent.adding_to_quote import add_to_quote, adding_to_quote
from ecosystem.pages.components.buttons import button, link, link_button, look
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import bone, error_state, skeleton_text
from ecosystem.pages.components.markdown import rich_text
from ecosystem.pages.components.reviews import reviews
from ecosystem.pages.components.saving import keep_tools
from ecosystem.pages.components.surfaces import badge, card, heading
from ecosystem.pages.components.theme import there
from ecosystem.pages.components.trips import (
    bullet_list,
    drawn,
    policy_rows,
    stay_rows,
    trip_grid,
)
from ecosystem.pages.components.values import sentence, when
from ecosystem.pages.layout import public_page, two_columns
from ecosystem.pages.packages.reserving import price_bar, reserving
from ecosystem.state.packages import PackageState
from ecosystem.state.session import SessionState

S: Any = PackageState  # whose fields are Vars when a page is drawn
V = S.view
COVER = "h-[220px] w-full bg-sunk object-cover md:h-[380px]"


def page() -> rx.Component:
    """Draw the trip's page."""
    return public_page(
        rx.el.div(
            rx.match(
                S.phase,
                ("missing", there(_missing())),
                ("failed", there(_failed())),
                ("shown", rx.cond(S.is_hydrated, there(_shown()), _coming())),
                _coming(),
            ),
            custom_attrs={"aria-busy": rx.cond(S.phase == "loading", "true", "false")},
        ),
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("This trip is not offered any more"), class_name="font-serif text-h1"),
        rx.el.p(
            _(
                "It may have ended, or the link may be incomplete. What you have booked is not "
                "affected by that."
            ),
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        rx.el.div(
            link_button(_("Find another trip"), href="/search", kind="primary"),
            link_button(_("My bookings"), href="/trips"),
            class_name="mt-6 flex flex-wrap gap-3",
        ),
    )


def _failed() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Trip"), class_name="sr-only"),
        error_state(
            _("This trip could not be loaded"),
            S.problem,
            button(_("Try again"), on_click=S.open),
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
        rx.el.span(hidden=True, custom_attrs={"data-address": S.here}),
        rx.el.p(
            V.above,
            " · ",
            link(V.operator_name, href=V.operator_href, extra="text-soft"),
            # A space and no margin: on a phone the badge may begin a line.
            when(V.verified, rx.fragment(" ", badge(_("Verified operator"), "good"))),
            when(V.rating != "", rx.el.span(" · ", V.rating, class_name="whitespace-nowrap")),
            class_name="text-md text-soft",
        ),
        rx.el.h1(
            V.title,
            class_name="mt-1.5 font-serif text-h2 tracking-[-0.01em] break-words md:text-h1",
        ),
        _pictures(),
        rx.el.div(
            keep_tools(V.key, V.slug),
            _share(),
            when(SessionState.role == "agent", add_to_quote(V.slug, size="md")),
            rx.el.a(
                sentence(_("Dates and prices, from {price}"), price=S.price_from),
                href="#dates",
                class_name=look("plain", "md", "w-full lg:hidden"),
            ),
            class_name="mt-4 flex flex-wrap gap-2",
        ),
        rx.el.div(two_columns(_about(), reserving()), class_name="mt-8 md:mt-9"),
        when(SessionState.role == "agent", adding_to_quote()),
        when(
            S.similar.length() > 0,
            rx.el.section(
                heading(_("Trips like this one"), "mb-4"),
                trip_grid(S.similar),
                class_name="mt-14",
            ),
        ),
    )


def _share() -> rx.Component:
    return button(
        _("Share"),
        custom_attrs={
            "data-share": V.address,
            "data-share-title": V.title,
            "data-said": _("The link is copied"),
        },
    )


def _pictures() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.cond(V.pictures.length() > 0, _own_cover(), _drawn_cover()),
            when(
                S.map_svg != "",
                drawn(S.map_svg, "aspect-[6/5] bg-sea md:aspect-auto md:h-[380px]"),
            ),
            class_name="mt-6 grid gap-3 overflow-hidden rounded-lg md:grid-cols-[1.6fr_1fr]",
        ),
        when(V.pictures.length() > 0, _all_pictures()),
    )


def _drawn_cover() -> rx.Component:
    return rx.el.img(src=V.cover, alt="", width="800", height="500", class_name=COVER)


def _own_cover() -> rx.Component:
    first = V.pictures[0]
    return rx.el.div(
        rx.el.img(
            src=first.middle,
            src_set=f"{first.small} 480w, {first.middle} 960w, {first.wide} 1600w",
            sizes="(min-width: 768px) 62vw, 100vw",
            alt=first.alt,
            width=first.width,
            height=first.height,
            class_name=COVER,
        ),
        when(
            V.pictures.length() > 1,
            rx.el.button(
                _("All {count} pictures").format(count=V.pictures.length().to_string()),
                type="button",
                class_name=look("plain", "sm", "!absolute end-3 bottom-3"),
                custom_attrs={"data-open": "pictures", "aria-haspopup": "dialog"},
            ),
        ),
        class_name="relative min-w-0",
    )


def _all_pictures() -> rx.Component:
    return dialog(
        _("Pictures"),
        rx.el.ul(
            rx.foreach(
                V.pictures,
                lambda picture: rx.el.li(
                    rx.el.img(
                        src=picture.middle,
                        src_set=f"{picture.small} 480w, {picture.middle} 960w",
                        sizes="520px",
                        alt=picture.alt,
                        width=picture.width,
                        height=picture.height,
                        loading="lazy",
                        class_name="h-auto w-full rounded-md bg-sunk",
                    ),
                    rx.el.p(picture.alt, class_name="mt-1 text-sm text-soft empty:hidden"),
                ),
            ),
            class_name="grid gap-4",
        ),
        dialog_id="pictures",
    )


def _about() -> rx.Component:
    return rx.el.div(
        rx.el.p(V.summary, class_name="max-w-[64ch] text-lg break-words empty:hidden"),
        when(V.description != "", rich_text(V.description, "mt-4 max-w-[64ch] text-soft")),
        when(
            V.highlights.length() > 0,
            rx.el.div(bullet_list(V.highlights, "–", "text-brand"), class_name="mt-5 max-w-[64ch]"),
        ),
        _section(_("City by city"), stay_rows(V.stays)),
        _section(_("In the price, and not"), _inclusions()),
        when(
            S.policy.length() > 0,
            _section(
                _("If plans change"),
                rx.fragment(
                    policy_rows(S.policy),
                    rx.el.p(
                        _("For the chosen departure, counted in days at the destination."),
                        class_name="mt-2 text-sm text-soft",
                    ),
                ),
            ),
        ),
        _section(_("Your operator"), _operator()),
        reviews(),
        price_bar(),
    )


def _section(title: str, content: rx.Component) -> rx.Component:
    return rx.el.section(heading(title, "mb-4"), content, class_name="mt-10")


def _inclusions() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.h3(_("Included"), class_name="mb-2 font-strong"),
            bullet_list(V.included, "✓", "text-good"),
        ),
        when(
            V.excluded.length() > 0,
            rx.el.div(
                rx.el.h3(_("Not included"), class_name="mb-2 font-strong"),
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
