"""Numbers: a strip of figures, progress, a small bar chart, names with what belongs to them."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.values import Child, Text, filled, when


def number_strip(*figures: rx.Component, label: str = "") -> rx.Component:
    """Draw up to four ``figure`` parts side by side, two by two on a phone."""
    return rx.el.dl(
        *figures,
        class_name="grid grid-cols-2 overflow-hidden rounded-lg border border-line bg-line gap-px "
        "max-md:[&>:last-child:nth-child(odd)]:col-span-2 "
        "md:grid-flow-col md:auto-cols-fr md:grid-cols-none",
        custom_attrs={"aria-label": label or _("Figures")},
    )


def figure(label: Text, value: Text, note: Child = "", *, live: bool = False) -> rx.Component:
    """Draw one figure of a strip.

    Args:
        label: what it counts.
        value: the figure, formatted.
        note: what puts it in proportion: "+12 % on October".
        live: whether it changes while one watches; then it is read out.
    """
    custom = {"aria-live": "polite"} if live else {}
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-soft"),
        rx.el.dd(
            value,
            class_name="mt-0.5 min-h-9 font-serif text-figure tabular-nums",
            custom_attrs=custom,
        ),
        rx.el.dd(note, class_name="min-h-5 text-sm text-soft"),
        class_name="bg-card px-5 py-[18px]",
    )


def progress(
    label: Text, percent: rx.Var[Any] | float | None, detail: Text = "", *, quiet: bool = False
) -> rx.Component:
    """Draw a bar that fills.

    Args:
        label: what is under way.
        percent: 0 to 100; None while nobody knows how much there is.
        detail: rate and time left: "18,400 rows/s · about 40 s left", read out as it changes.
        quiet: only the bar, for table cells; the label is still read out.
    """
    known = percent is not None
    width = (
        percent.to(str) + "%" if isinstance(percent, rx.Var) else f"{percent}%" if known else "30%"
    )
    custom: dict[str, Any] = {"aria-label": label}
    if known:
        custom |= {
            "aria-valuenow": percent if isinstance(percent, rx.Var) else str(percent),
            "aria-valuemin": "0",
            "aria-valuemax": "100",
        }
    bar = rx.el.div(
        rx.el.div(
            class_name="h-full rounded-full bg-brand transition-[width]"
            + ("" if known else " bar-unknown"),
            style={"width": width},
        ),
        role="progressbar",
        class_name="h-1.5 w-full min-w-16 overflow-hidden rounded-full bg-sunk",
        custom_attrs=custom,
    )
    if quiet:
        return bar
    return rx.el.div(
        rx.el.div(
            rx.el.span(label, class_name="font-strong"),
            rx.el.span(
                detail, class_name="text-soft tabular-nums", custom_attrs={"aria-live": "polite"}
            ),
            class_name="mb-2 flex flex-wrap justify-between gap-x-4 text-md",
        ),
        bar,
    )


def bars(items: rx.Var[Any], *, label: str) -> rx.Component:
    """Draw a small column chart.

    Args:
        items: a Var of ``[{"label", "percent", "text", "now"}]``: a short name under the column,
            its height from 0 to 100, the amount in words, and whether it is the current one.
        label: what the chart shows, read out with every amount.
    """

    def column(item: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(
                class_name=[
                    "block w-full rounded-[3px]",
                    rx.cond(item["now"], "bg-brand", "bg-brand/28"),
                ],
                style={"height": item["percent"].to(str) + "%", "minHeight": "2px"},
            ),
            rx.el.span(
                item["label"],
                class_name="absolute inset-x-0 -bottom-6 text-center text-[10px] text-soft sm:text-[11px]",
                custom_attrs={"aria-hidden": "true"},
            ),
            rx.el.span(item["text"], class_name="sr-only"),
            title=item["text"].to(str),
            class_name="relative flex h-full min-w-0 flex-1 items-end",
        )

    return rx.el.ol(
        rx.foreach(items, column),
        class_name="mb-6 flex h-28 items-end gap-[6px] sm:gap-3",
        custom_attrs={"aria-label": label},
    )


def fact(label: Text, value: Child, note: Text = "") -> rx.Component:
    """Draw a name and what belongs to it, for a ``dl`` of facts."""
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-soft"),
        rx.el.dd(value),
        when(filled(note), rx.el.dd(note, class_name="text-sm text-soft")),
        class_name="min-w-0",
    )
