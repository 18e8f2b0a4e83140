"""The history of a package: who changed what and when, and the way back."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.dialogs import confirmation, drawer
from ecosystem.pages.components.feedback import empty_state, error_state, skeleton_rows
from ecosystem.pages.components.surfaces import badge
from ecosystem.pages.components.values import when
from ecosystem.pages.provider.package.deciding import change_row
from ecosystem.pages.provider.package.frame import S
from ecosystem.state.provider.package.history import PackageHistoryState

HISTORY = "package-history"
RESTORE = "restore-version"
H: Any = PackageHistoryState


def history_dialog() -> rx.Component:
    """Draw the panel with all versions, and the question before one is brought back."""
    return rx.fragment(
        rx.el.div(
            drawer(
                "History",
                rx.match(
                    H.phase,
                    ("failed", error_state("The history could not be loaded", H.problem)),
                    (
                        "shown",
                        rx.cond(
                            H.lines.length() > 0,
                            rx.el.ol(rx.foreach(H.lines, _line)),
                            empty_state("Nothing was changed yet", "Changes appear here."),
                        ),
                    ),
                    skeleton_rows(6),
                ),
                dialog_id=HISTORY,
                side="end",
            ),
            class_name="[&>dialog]:w-[min(520px,calc(100vw-32px))]",
        ),
        confirmation(
            "Bring this version back",
            rx.fragment(
                "The package becomes what it was on ",
                H.chosen_when,
                ". What it is now stays in the history, and you can undo this. Whether it is on"
                " sale does not change.",
            ),
            dialog_id=RESTORE,
            confirm="Restore",
            on_confirm=H.restore,
        ),
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.p(line.what, class_name="font-strong"),
                rx.el.p(line.who, " · ", line.when, class_name="text-sm text-soft"),
                class_name="min-w-0",
            ),
            when(line.current, badge("now", "good")),
            class_name="flex items-start justify-between gap-3",
        ),
        when(
            line.changes.length() > 0,
            rx.el.details(
                rx.el.summary(
                    line.fields,
                    class_name="cursor-pointer text-md text-soft underline decoration-edge "
                    "underline-offset-3 hover:text-ink",
                ),
                rx.el.dl(rx.foreach(line.changes, change_row), class_name="mt-2"),
                class_name="mt-1",
            ),
        ),
        when(
            ~line.current,
            rx.el.div(
                link("View this version", href=line.href, target="_blank"),
                when(
                    S.locked == "",
                    button(
                        "Restore",
                        size="sm",
                        on_click=H.choose(line.version),
                        custom_attrs={
                            "data-open": RESTORE,
                            # The panel would lie over the message that offers to undo it.
                            "data-close": "",
                            "aria-label": "Restore the version of " + line.when,
                        },
                    ),
                ),
                class_name="mt-2 flex items-center gap-4 text-md",
            ),
        ),
        class_name="border-b border-line py-4 last:border-0",
    )
