"""``/provider/packages/[id]/preview``: the trip's page as the public would see it."""

from typing import Any

import reflex as rx

from ecosystem.pages import packages
from ecosystem.pages.components.buttons import link
from ecosystem.pages.components.values import when
from ecosystem.state.provider.package_preview import PackagePreviewState

S: Any = PackagePreviewState


def page() -> rx.Component:
    """Draw the page, under a line that says what it is."""
    return rx.el.div(
        # After the page, whose first link leads past its navigation; drawn above it.
        packages.page(),
        rx.el.aside(
            rx.el.p(
                rx.el.span("Preview", class_name="font-strong"),
                when(S.what != "", rx.fragment(" · ", S.what)),
                " · only your team sees this, and nothing can be booked here",
                class_name="min-w-0",
            ),
            link("Back to the editor", href=S.back, extra="shrink-0"),
            class_name="sticky top-0 z-30 order-first flex flex-wrap items-center justify-between gap-x-6 "
            "gap-y-1 border-b border-line bg-warn-soft px-4 py-2.5 text-md md:px-8",
            custom_attrs={"aria-label": "Preview"},
        ),
        class_name="flex flex-col",
    )
