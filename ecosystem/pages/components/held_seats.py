"""The way back to seats one holds, at the foot of the screen."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import link_button
from ecosystem.pages.components.trips import countdown, local_time
from ecosystem.pages.components.values import when
from ecosystem.state.held_seats import HeldSeatsState

S: Any = HeldSeatsState  # whose fields are Vars when a page is drawn


def held_seats() -> rx.Component:
    """Draw until when seats are held and the way to pay for them; nothing for who holds none.

    The last thing in a page's content: it stays at the foot of the screen, over nothing that
    would jump, and loads itself when it is put on a page.
    """
    return rx.el.div(
        when(
            S.href != "",
            rx.el.aside(
                countdown(S.seconds.to_string(), S.until + S.seconds.to_string(), S.open),
                rx.el.p(
                    rx.el.span(
                        S.before,
                        local_time(S.until, S.until_utc),
                        S.after,
                        class_name="block font-strong",
                    ),
                    rx.el.span(S.trip, class_name="block truncate text-sm text-soft"),
                    class_name="min-w-0 flex-1 leading-snug",
                ),
                link_button(_("Continue"), href=S.href, size="sm"),
                class_name="mt-10 flex items-center gap-3 rounded-lg border border-line bg-card "
                "px-4 py-3 shadow-float",
                custom_attrs={"aria-label": _("Your reservation")},
            ),
        ),
        on_mount=S.open,
        class_name="sticky bottom-3 z-20 empty:hidden",
    )
