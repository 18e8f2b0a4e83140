"""Files on their way, of a State made of ``state.sending.Sending``."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.numbers import progress
from ecosystem.state.sending import UploadLine


def upload_lines(state: Any) -> rx.Component:
    """Draw them; nothing for none. ``state`` has handlers ``retry`` and ``dismiss``."""
    return rx.cond(
        state.uploads.length() > 0,
        rx.el.ul(
            rx.foreach(state.uploads, lambda line: _line(line, state)),
            class_name="divide-y divide-line border-b border-line",
            custom_attrs={"aria-label": "Files on their way"},
        ),
    )


def _line(line: rx.Var[UploadLine], state: Any) -> rx.Component:
    one: Any = line
    failing = (one.phase == "broken") | (one.phase == "refused")
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.name, class_name="min-w-0 flex-1 truncate font-strong"),
            rx.el.p(
                rx.cond(one.phase == "sending", one.percent.to(str) + " %", ""),
                class_name="text-sm text-soft tabular-nums empty:hidden",
            ),
            rx.cond(
                one.phase == "broken",
                button("Send again", size="sm", on_click=state.retry(one.key)),
            ),
            rx.cond(
                one.phase != "checking",
                button(
                    rx.cond(failing, "Dismiss", "Stop"),
                    rx.el.span(" ", one.name, class_name="sr-only"),
                    size="sm",
                    kind="quiet",
                    on_click=state.dismiss(one.key),
                ),
            ),
            class_name="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1",
        ),
        rx.cond(
            failing,
            rx.el.p(one.words, class_name="text-md text-bad", role="alert"),
            rx.el.div(
                progress(one.name, one.percent, quiet=True),
                rx.el.p(one.words, class_name="mt-1 text-sm text-soft", role="status"),
                class_name="mt-1",
            ),
        ),
        class_name="px-5 py-3",
    )
