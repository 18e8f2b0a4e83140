"""``/quotes/[token]``: a proposal as its client reads it, accepts it and asks about it."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.feedback import bone, error_state, skeleton_text
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.trips import (
    bullet_list,
    local_time,
    policy_rows,
    price_rows,
    stay_rows,
)
from ecosystem.pages.components.values import sentence, when
from ecosystem.pages.layout import public_page
from ecosystem.pages.proposal.deciding import accept_dialog, decline_dialog
from ecosystem.state.proposal import ProposalState

S: Any = ProposalState  # whose fields are Vars when a page is drawn
V = S.view
CARD = "min-w-0 rounded-lg border border-line bg-card"
REFRESH_SECONDS = 8
OURS = "#0F5B5A"
"""The colour of agencies that have chosen none."""


def page() -> rx.Component:
    """Draw the page."""
    return public_page(
        rx.match(
            S.phase,
            ("missing", _missing()),
            ("failed", _failed()),
            ("shown", _shown()),
            _coming(),
        ),
        width="form",
    )


def _missing() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("There is no proposal here"), class_name="font-serif text-h2 md:text-h1"),
        rx.el.p(
            _("The link may be cut off. Open it from the e-mail, or ask your agent for it anew."),
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        rx.el.div(link_button(_("Find a trip"), href="/search"), class_name="mt-6"),
    )


def _failed() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Proposal"), class_name="sr-only"),
        error_state(
            _("This proposal could not be loaded"),
            S.problem,
            button(_("Try again"), on_click=S.open),
        ),
    )


def _coming() -> rx.Component:
    return rx.el.div(
        bone("h-4 w-40"),
        bone("mt-3 h-11 w-4/5 max-w-[520px]"),
        rx.el.div(skeleton_text(4), class_name="mt-6"),
        bone("mt-8 h-[420px] w-full !rounded-lg"),
        custom_attrs={"aria-busy": "true"},
    )


def _shown() -> rx.Component:
    return rx.fragment(
        _letterhead(),
        rx.el.h1(
            V.title,
            class_name="mt-1 font-serif text-h2 tracking-[-0.01em] break-words md:text-h1",
        ),
        rx.el.p(
            _("For {client}, from {agent}. Valid until {day}.").format(
                client=V.client, agent=V.agent, day=V.valid
            ),
            class_name="mt-2 text-soft",
        ),
        rx.el.p(link(_("Proposal as PDF"), href=V.pdf), class_name="mt-1 text-md text-soft"),
        when(V.status != "", _status()),
        when(
            V.letter.length() > 0,
            rx.el.div(
                rx.foreach(V.letter, lambda text: rx.el.p(text, class_name="whitespace-pre-line")),
                class_name="mt-6 grid max-w-[64ch] gap-3 text-lg [overflow-wrap:anywhere]",
                dir="auto",
            ),
        ),
        when(V.bookings.length() > 0, _bookings()),
        rx.el.div(rx.foreach(V.options, _option), class_name="mt-8 grid gap-6"),
        when(
            V.can_accept,
            rx.el.p(
                rx.el.button(
                    _("Decline this proposal"),
                    type="button",
                    on_click=S.ask_decline,
                    class_name="cursor-pointer text-soft underline underline-offset-2",
                ),
                class_name="mt-6",
            ),
        ),
        _conversation(),
        accept_dialog(),
        decline_dialog(),
        refreshed(S.again, REFRESH_SECONDS),
    )


def _letterhead() -> rx.Component:
    """Whose proposal it is, in the agency's own colour: white can be read on it, in both themes."""
    return rx.el.div(
        rx.cond(
            V.logo != "",
            rx.el.div(
                rx.el.img(
                    src=V.logo, alt=V.agency, class_name="max-h-12 max-w-[200px] object-contain"
                ),
                style={"background": "#fff"},
                class_name="rounded-sm px-3 py-2",
            ),
            rx.el.p(V.agency, style={"color": "#fff"}, class_name="font-serif text-h3 break-words"),
        ),
        rx.el.p(V.number, style={"color": "#fff"}, class_name="tabular-nums"),
        style={"background": rx.cond(V.accent != "", V.accent, OURS)},
        class_name="mb-6 flex min-h-20 flex-wrap items-center justify-between gap-x-6 gap-y-2 "
        "rounded-lg px-5 py-4",
    )


def _status() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("Status"), class_name="sr-only"),
        badge(V.status, V.tone),
        rx.el.p(V.sentence, class_name="mt-1.5 max-w-[64ch]"),
        role="status",
        class_name=f"mt-6 {CARD} p-5",
    )


def _bookings() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("Your trips"), class_name="font-serif text-h3"),
        rx.el.ul(rx.foreach(V.bookings, _booking), class_name="mt-3 grid gap-3"),
        class_name="mt-8",
    )


def _booking(item: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            badge(item.status, item.tone),
            rx.el.span(item.reference, class_name="text-soft tabular-nums"),
            class_name="flex flex-wrap items-center gap-x-3 gap-y-1",
        ),
        rx.el.p(item.title, class_name="mt-1.5 font-strong break-words"),
        rx.el.p(item.when, " · ", item.total, class_name="text-soft tabular-nums"),
        when(
            item.held != "",
            rx.el.p(
                sentence(
                    _("The seats are kept until {time}."),
                    time=local_time(item.held, item.held_utc),
                ),
                class_name="mt-1 text-soft",
            ),
        ),
        rx.el.div(
            when(
                item.pay_url != "",
                link_button(
                    _("Pay {amount}").format(amount=item.to_pay), href=item.pay_url, kind="primary"
                ),
            ),
            link_button(_("See your trip"), href=item.url),
            class_name="mt-4 flex flex-wrap gap-3",
        ),
        class_name=f"{CARD} p-5",
    )


def _option(option: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(option.title, class_name="font-serif text-h3 break-words"),
            when(option.taken, badge(_("Accepted"), "good")),
            class_name="flex flex-wrap items-center justify-between gap-3",
        ),
        rx.el.p(
            option.note,
            class_name="mt-2 max-w-[64ch] whitespace-pre-line text-soft empty:hidden",
            dir="auto",
        ),
        # In the order in which the agent has put them.
        rx.el.div(
            rx.foreach(option["items"], lambda item: rx.cond(item.own, _own(item), _trip(item))),
            class_name="mt-5 grid gap-6 empty:hidden",
        ),
        rx.el.dl(
            when(option.total != "", _sum(_("To pay here"), option.total, strong=True)),
            when(option.now != "", _sum(_("On accepting"), option.now)),
            when(
                option.to_agency != "",
                _sum(_("Paid to {agency}").format(agency=V.agency), option.to_agency),
            ),
            class_name="mt-5 border-t border-line pt-3",
        ),
        when(
            V.can_accept & option.bookable,
            button(
                rx.cond(V.many, _("Accept this option"), _("Accept this proposal")),
                kind="primary",
                on_click=S.choose(option.key),
                style={
                    "background": rx.cond(V.accent != "", V.accent, OURS),
                    "color": "#fff",
                    "border_color": "transparent",
                    "&:hover": {"background": rx.cond(V.accent != "", V.accent, OURS)},
                },
                extra="mt-5 w-full sm:w-auto",
            ),
        ),
        class_name=[CARD, "p-5 md:p-6"],
        custom_attrs={"aria-label": option.title},
    )


def _sum(label: Any, amount: Any, *, strong: bool = False) -> rx.Component:
    tone = "font-semibold" if strong else "text-soft"
    return rx.el.div(
        rx.el.dt(label),
        rx.el.dd(amount, class_name="shrink-0 tabular-nums"),
        class_name=f"flex items-baseline justify-between gap-4 py-1 {tone}",
    )


def _trip(trip: Any) -> rx.Component:
    return rx.el.article(
        rx.el.img(
            src=trip.cover,
            alt="",
            width="960",
            height="320",
            loading="lazy",
            class_name="aspect-[3/1] w-full rounded-md object-cover",
        ),
        rx.el.h3(
            link(trip.title, href=trip.href), class_name="mt-4 text-lg font-strong break-words"
        ),
        rx.el.p(trip.when, " · ", trip.party, class_name="mt-0.5 text-soft tabular-nums"),
        rx.el.p(trip.operator, class_name="text-soft"),
        rx.el.p(
            trip.note,
            class_name="mt-3 max-w-[64ch] whitespace-pre-line empty:hidden",
            dir="auto",
        ),
        rx.el.p(trip.summary, class_name="mt-3 max-w-[64ch] empty:hidden"),
        rx.el.div(stay_rows(trip.stays), class_name="mt-4"),
        rx.el.details(
            rx.el.summary(
                _("Price and what is in it"),
                class_name="cursor-pointer py-2 font-strong",
            ),
            price_rows(trip.lines, trip.total),
            when(
                trip.excluded.length() > 0,
                rx.el.div(
                    rx.el.h4(_("Not included"), class_name="mt-4 mb-2 font-strong"),
                    bullet_list(trip.excluded, "–", "text-soft"),
                ),
            ),
            class_name="mt-2",
        ),
        rx.el.details(
            rx.el.summary(_("If plans change"), class_name="cursor-pointer py-2 font-strong"),
            policy_rows(trip.policy),
        ),
        class_name="min-w-0 border-t border-line pt-5 first:border-0 first:pt-0",
    )


def _own(item: Any) -> rx.Component:
    """Something that the agency arranges itself."""
    return rx.el.div(
        rx.el.div(
            rx.el.h3(item.title, class_name="font-strong break-words"),
            rx.el.p(
                _("Arranged by {agency}").format(agency=V.agency), class_name="text-sm text-soft"
            ),
            rx.el.p(
                item.note,
                class_name="mt-1 text-soft whitespace-pre-line empty:hidden",
                dir="auto",
            ),
            class_name="min-w-0",
        ),
        rx.el.p(item.total, class_name="shrink-0 tabular-nums"),
        class_name="flex items-baseline justify-between gap-4 border-t border-line pt-5 "
        "first:border-0 first:pt-0",
    )


def _conversation() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("Questions"), class_name="font-serif text-h3"),
        rx.el.ol(
            rx.foreach(
                V.comments,
                lambda item: rx.el.li(
                    rx.el.p(
                        rx.el.span(item.name, class_name="font-strong"),
                        " · ",
                        item.at,
                        class_name="text-sm text-soft",
                    ),
                    rx.el.p(
                        item.text,
                        class_name=[
                            (
                                "mt-1 w-fit max-w-full rounded-md px-3 py-2 whitespace-pre-line "
                                "[overflow-wrap:anywhere]"
                            ),
                            rx.cond(item.mine, "bg-brand-soft", "bg-sunk"),
                        ],
                        dir="auto",
                    ),
                ),
            ),
            class_name="mt-3 grid gap-3 empty:hidden",
            custom_attrs={"aria-live": "polite"},
        ),
        rx.el.form(
            field(
                _("Write to {name}").format(name=V.agent),
                "body",
                control="textarea",
                error=S.errors["body"],
                field_id="proposal-body",
                rows="3",
                max_length=2000,
                key=S.written,
                dir="auto",
            ),
            rx.el.div(button(_("Send message"), type="submit"), class_name="mt-3"),
            on_submit=S.write,
            class_name="mt-4",
        ),
        class_name="mt-10 border-t border-line pt-6",
    )
