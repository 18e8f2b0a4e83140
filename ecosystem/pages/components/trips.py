"""What pages about trips share: cards, drawn pictures, the cities, the policy, prices and times."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import anchor, link
from ecosystem.pages.components.saving import card_tools
from ecosystem.pages.components.values import Text, filled, sentence, when

GRID = "grid gap-x-6 gap-y-7 sm:grid-cols-2 lg:grid-cols-3"
LABEL = (
    "absolute bottom-3 start-3 inline-flex h-[26px] items-center rounded-full bg-label px-2.5 "
    "text-xs font-strong text-label-ink"
)


def trip_grid(trips: rx.Var[Any], extra: str = "") -> rx.Component:
    """Draw trips side by side; ``trips`` is a Var of ``TripCard``."""
    return rx.el.ul(rx.foreach(trips, trip_card), class_name=f"{GRID} {extra}".rstrip())


def rate_note(note: Text, extra: str = "mt-5") -> rx.Component:
    """Draw under prices in the reader's currency by which rate they are; nothing for none."""
    return rx.el.p(note, class_name=f"text-sm text-soft empty:hidden {extra}")


def trip_card(trip: Any) -> rx.Component:
    """Draw one trip: its cover, its cities, three facts, the price per person."""
    return rx.el.li(
        anchor(
            rx.el.div(
                rx.el.img(
                    src=trip.cover,
                    alt="",
                    width="800",
                    height="500",
                    loading="lazy",
                    class_name="aspect-8/5 w-full rounded-lg bg-sunk object-cover",
                ),
                when(trip.note != "", rx.el.span(trip.note, class_name=LABEL)),
                class_name="relative",
            ),
            rx.el.h3(
                trip.title,
                class_name="mt-3 text-[16px] leading-[1.35] font-strong break-words "
                "group-hover:underline decoration-edge underline-offset-3",
            ),
            _pair(
                trip.cities,
                when(
                    trip.rating != "",
                    rx.fragment(
                        rx.el.span(_("Rated"), " ", class_name="sr-only"),
                        rx.el.span("★ ", custom_attrs={"aria-hidden": "true"}),
                        trip.rating,
                    ),
                ),
            ),
            _pair(
                trip.detail,
                rx.fragment(
                    sentence(
                        _("from {price}"),
                        price=rx.el.span(trip.price, class_name="font-semibold text-ink"),
                    ),
                ),
            ),
            href=trip.href,
            class_name="group block rounded-lg",
        ),
        card_tools(trip),
        key=trip.key,
        class_name="relative min-w-0",
    )


def _pair(start: Any, end: Any) -> rx.Component:
    return rx.el.p(
        rx.el.span(start, class_name="min-w-0 break-words"),
        rx.el.span(end, class_name="shrink-0 tabular-nums"),
        class_name="mt-0.5 flex items-baseline justify-between gap-3 text-soft",
    )


def drawn(svg: rx.Var[Any], extra: str) -> rx.Component:
    """Put a picture that the product drew itself into the page, so that it follows the theme."""
    return rx.el.div(rx.html(svg, class_name="size-full"), class_name=f"overflow-hidden {extra}")


def stay_rows(stays: rx.Var[Any]) -> rx.Component:
    """Draw the cities of a trip in order; ``stays`` is a Var of ``StayLine``."""
    return rx.el.ol(
        rx.foreach(
            stays,
            lambda stay: rx.el.li(
                rx.el.p(stay.when, class_name="text-soft tabular-nums"),
                rx.el.div(
                    rx.el.p(rx.el.span(stay.city, class_name="font-semibold"), " · ", stay.nights),
                    rx.el.p(stay.detail, class_name="text-soft empty:hidden"),
                    rx.el.p(stay.notes, class_name="mt-1 text-soft empty:hidden"),
                    class_name="min-w-0 break-words",
                ),
                class_name="grid grid-cols-[64px_1fr] gap-4 border-t border-line py-4",
            ),
        ),
        class_name="border-b border-line",
    )


def policy_rows(lines: rx.Var[Any]) -> rx.Component:
    """Draw until when how much comes back; ``lines`` is a Var of ``PolicyLine``."""
    return rx.el.dl(
        rx.foreach(
            lines,
            lambda line: rx.el.div(
                rx.el.dt(line.when, class_name="min-w-0"),
                rx.el.dd(
                    line.back,
                    class_name=[
                        "shrink-0",
                        rx.cond(line.nothing, "text-soft", "font-semibold"),
                    ],
                ),
                class_name="flex items-baseline justify-between gap-4 border-t border-line py-3 "
                "first:border-0",
            ),
        ),
        class_name="rounded-lg border border-line bg-card px-5 py-1",
    )


def price_rows(lines: rx.Var[Any], total: Text, *notes: rx.Component) -> rx.Component:
    """Draw a price; ``lines`` is a Var of ``PriceLine``, ``notes`` quieter lines under it."""
    line = "flex items-baseline justify-between gap-4 py-[7px]"
    return rx.el.dl(
        rx.foreach(
            lines,
            lambda row: rx.el.div(
                rx.el.dt(row.label, class_name="min-w-0 break-words"),
                rx.el.dd(row.amount, class_name="shrink-0 tabular-nums"),
                class_name=line,
            ),
        ),
        rx.el.div(
            rx.el.dt(_("Total")),
            rx.el.dd(total, class_name="tabular-nums", custom_attrs={"aria-live": "polite"}),
            class_name=f"{line} mt-2 border-t border-line !pt-3.5 font-semibold",
        ),
        *notes,
    )


def price_note(label: Text, amount: Text) -> rx.Component:
    """Draw a quieter line under a price, unless it has nothing to say."""
    return when(
        filled(amount),
        rx.el.div(
            rx.el.dt(label),
            rx.el.dd(amount, class_name="shrink-0 tabular-nums"),
            class_name="flex items-baseline justify-between gap-4 py-[7px] text-soft",
        ),
    )


def payment_rows(payments: rx.Var[Any]) -> rx.Component:
    """Draw what was asked for and what goes back; ``payments`` is a Var of ``PaymentLine``."""
    return rx.el.ul(
        rx.foreach(
            payments,
            lambda payment: rx.el.li(
                rx.el.span(
                    payment.label,
                    rx.el.span(
                        payment.detail,
                        class_name=[
                            "block text-sm",
                            rx.cond(payment.tone == "bad", "text-bad", "text-soft"),
                        ],
                    ),
                    when(
                        payment.href != "",
                        link(_("Pay now"), href=payment.href, extra="text-sm"),
                    ),
                    class_name="min-w-0",
                ),
                rx.el.span(payment.amount, class_name="shrink-0 tabular-nums"),
                class_name="flex items-baseline justify-between gap-4 py-1.5",
            ),
        )
    )


def bullet_list(lines: rx.Var[Any], sign: str, tone: str) -> rx.Component:
    """Draw short lines after a sign; the sign is decoration."""
    return rx.el.ul(
        rx.foreach(
            lines,
            lambda text: rx.el.li(
                rx.el.span(sign, class_name=tone, custom_attrs={"aria-hidden": "true"}),
                rx.el.span(text, class_name="min-w-0 break-words"),
                class_name="grid grid-cols-[18px_1fr] gap-2",
            ),
        ),
        class_name="grid gap-1.5",
    )


def local_time(moment: Text, in_utc: Text) -> rx.Component:
    """Draw a time of day on the reader's own clock; ``moment`` is RFC 3339 (see time.js)."""
    return rx.el.time(
        in_utc,
        date_time=moment,
        class_name="tabular-nums whitespace-nowrap",
        custom_attrs={"data-clock": moment},
    )


def countdown(seconds: Text, since: Text, on_end: Any) -> rx.Component:
    """Draw the minutes and seconds that are left, and run ``on_end`` when there are none.

    Args:
        seconds: what is left at the moment of loading, so that a wrong clock does no harm.
        since: changes with every loading, so that the count starts anew.
        on_end: handler run once at the end.
    """
    return rx.el.span(
        rx.el.span(
            role="timer",
            class_name="inline-flex h-[22px] min-w-[52px] items-center justify-center rounded-full "
            "bg-warn-soft px-2 text-xs font-strong text-warn tabular-nums",
            custom_attrs={
                "data-countdown": seconds,
                "data-since": since,
                "aria-label": _("Time left"),
            },
        ),
        rx.el.button(
            type="button",
            hidden=True,
            on_click=on_end,
            custom_attrs={"data-ended": "", "aria-hidden": "true"},
        ),
    )
