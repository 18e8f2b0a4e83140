"""The conversation about a booking: a part of the trip page and of the operator's own."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.live import refreshed
from ecosystem.state.conversation import ConversationState

State: Any = ConversationState
REFRESH_SECONDS = 6


def conversation() -> rx.Component:
    """Draw it. It loads itself, from the reference at the end of the page's address."""
    return rx.el.div(
        rx.cond(
            State.ready,
            rx.el.section(
                rx.el.h2(_("Messages"), class_name="font-strong"),
                rx.el.p(
                    rx.cond(State.earlier != "", State.earlier, ""),
                    class_name="mt-2 text-sm text-soft empty:hidden",
                ),
                rx.cond(
                    State.messages.length() > 0,
                    rx.el.div(
                        rx.el.ol(rx.foreach(State.messages, _message), class_name="grid gap-3"),
                        role="log",
                        class_name="mt-3 max-h-[28rem] overflow-y-auto",
                        tab_index=0,
                        custom_attrs={"aria-label": _("Messages"), "aria-live": "polite"},
                    ),
                    rx.el.p(_("Nothing was written yet."), class_name="mt-2 text-soft"),
                ),
                rx.cond(State.can_write, _form()),
                refreshed(State.refresh, REFRESH_SECONDS),
                id="messages",
                class_name="min-w-0 rounded-lg border border-line bg-card p-5",
            ),
        ),
        on_mount=State.open,
        class_name="min-w-0",
    )


def _message(message: Any) -> rx.Component:
    return rx.el.li(
        rx.el.p(
            rx.el.span(message.author, class_name="font-strong"),
            class_name="text-sm",
        ),
        rx.el.p(
            message.body,
            class_name=[
                (
                    "w-fit max-w-full rounded-md px-3 py-2 whitespace-pre-line "
                    "[overflow-wrap:anywhere]"
                ),
                rx.cond(message.mine, "bg-brand-soft", "bg-sunk"),
            ],
            dir="auto",
        ),
        rx.el.p(message.note, class_name="text-xs text-soft tabular-nums"),
        class_name=[
            "grid max-w-[88%] gap-1",
            rx.cond(message.mine, "justify-self-end justify-items-end", "justify-self-start"),
        ],
    )


def _form() -> rx.Component:
    return rx.el.form(
        field(
            _("Write to {name}").format(name=State.other),
            "body",
            control="textarea",
            error=State.error,
            hint=_("Plain words, up to 2,000 characters. They are told by e-mail."),
            field_id="message-body",
            rows="3",
            max_length=2000,
            key=State.sent,
            dir="auto",
        ),
        rx.el.div(button(_("Send message"), type="submit")),
        on_submit=State.send,
        no_validate=True,
        class_name="mt-4 grid gap-3 border-t border-line pt-4",
    )
