"""Changing a booking: a card with what can be changed, and the dialog that asks before it is.

A part of the trip's page and of the operator's own page of a booking.
"""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.dialogs import closer, dialog
from ecosystem.pages.components.feedback import bone
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.trips import local_time, policy_rows
from ecosystem.pages.components.values import sentence, when
from ecosystem.state.changes import LONGEST_REASON, ChangesState

S: Any = ChangesState  # whose fields are Vars when a page is drawn
V = S.view
DIALOG, FORM = "change-booking", "change-booking-form"
CARD = "min-w-0 rounded-lg border border-line bg-card p-5"


def changing() -> rx.Component:
    """Draw the cards and their dialog; nothing for who may not change the booking.

    It loads itself, from the reference at the end of the page's address.
    """
    return rx.el.div(
        when(
            S.ready,
            rx.fragment(
                when(
                    S.may_cancel | S.may_move | (S.people.length() > 0) | (S.waiting.key != ""),
                    _card(),
                ),
                when(S.history.length() > 0, _history()),
            ),
        ),
        _dialog(),
        on_mount=S.open,
        class_name="grid min-w-0 gap-4 empty:hidden",
    )


def _card() -> rx.Component:
    wide = "w-full"
    return rx.el.section(
        rx.el.h2(_("Change or cancel"), class_name="mb-3 font-strong"),
        when(S.waiting.key != "", _waiting()),
        rx.el.div(
            when(S.may_move, button(_("Change the date"), on_click=S.ask_date, extra=wide)),
            when(
                S.people.length() > 0,
                button(_("Take a traveller off"), on_click=S.ask_traveller, extra=wide),
            ),
            when(
                S.extras.length() > 0,
                button(_("Take an extra off"), on_click=S.ask_addon, extra=wide),
            ),
            when(
                S.may_cancel,
                button(_("Cancel booking"), kind="danger", on_click=S.ask_cancel, extra=wide),
            ),
            class_name="grid gap-2",
        ),
        rx.el.p(
            _("Nothing happens before you have seen what it comes to."),
            class_name="mt-3 text-sm text-soft",
        ),
        class_name=CARD,
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.p(S.waiting.title),
        when(
            S.waiting.held != "",
            rx.el.p(
                sentence(
                    _("The new seats are kept until {time}."),
                    time=local_time(S.waiting.held, S.waiting.held_utc),
                ),
                class_name="text-sm",
            ),
        ),
        rx.el.div(
            when(
                S.waiting.pay_href != "",
                link_button(
                    S.waiting.pay_label, href=S.waiting.pay_href, kind="primary", size="sm"
                ),
            ),
            button(_("Keep the old date"), on_click=S.drop, size="sm"),
            class_name="mt-3 flex flex-wrap gap-2",
        ),
        class_name="mb-4 rounded-md bg-warn-soft px-4 py-3",
        role="status",
    )


def _history() -> rx.Component:
    return rx.el.section(
        rx.el.h2(_("What was changed"), class_name="mb-1 font-strong"),
        rx.el.ol(
            rx.foreach(
                S.history,
                lambda line: rx.el.li(
                    rx.el.p(line.title, class_name="font-strong [overflow-wrap:anywhere]"),
                    rx.el.p(line.amounts, class_name="tabular-nums empty:hidden"),
                    rx.el.p(
                        line.reason, class_name="[overflow-wrap:anywhere] empty:hidden", dir="auto"
                    ),
                    rx.el.p(line.detail, class_name="text-sm text-soft"),
                    key=line.key,
                    class_name="border-t border-line py-3 first:border-0 last:pb-0",
                ),
            ),
        ),
        class_name=CARD,
    )


def _dialog() -> rx.Component:
    return dialog(
        S.title,
        rx.el.div(
            rx.match(
                S.step,
                ("traveller", _choices(S.people, _("Take off"))),
                ("addon", _choices(S.extras, _("Take off"))),
                ("date", _dates()),
                ("preview", _preview()),
                ("failed", rx.el.p(S.notice, role="alert", class_name="max-w-[64ch]")),
                _coming(),
            ),
            class_name="min-h-32",
            custom_attrs={"aria-busy": rx.cond(S.shown & (S.step == "loading"), "true", "false")},
        ),
        dialog_id=DIALOG,
        actions=(
            rx.cond(
                S.chosen_from != "",
                button(_("Choose another"), on_click=S.back, disabled=S.busy),
                closer(rx.cond(S.step == "preview", V.keep, _("Close"))),
            ),
            when(S.step == "preview", _confirm()),
        ),
        shown=S.shown,
        on_close=S.close,
    )


def _confirm() -> rx.Component:
    asked = {"type": "submit", "form": FORM, "busy": S.busy}
    return rx.cond(
        V.grave,
        button(V.confirm, kind="danger", **asked),
        button(V.confirm, kind="primary", **asked),
    )


def _coming() -> rx.Component:
    return rx.el.div(
        bone("h-4 w-3/5"),
        bone("mt-5 h-9 w-40"),
        bone("mt-5 h-4 w-full"),
        bone("mt-3 h-4 w-full"),
        class_name="pt-2",
    )


def _choices(choices: Any, choose: str) -> rx.Component:
    return rx.el.ul(
        rx.foreach(
            choices,
            lambda one: rx.el.li(
                rx.el.span(
                    rx.el.span(one.label, class_name="block font-strong [overflow-wrap:anywhere]"),
                    rx.el.span(one.detail, class_name="block text-sm text-soft empty:hidden"),
                    id="choice-" + one.key,
                    class_name="min-w-0",
                ),
                button(
                    choose,
                    size="sm",
                    on_click=S.choose(one.key),
                    custom_attrs={"aria-describedby": "choice-" + one.key},
                ),
                key=one.key,
                class_name="flex items-center justify-between gap-4 border-t border-line py-3 "
                "first:border-0",
            ),
        )
    )


def _dates() -> rx.Component:
    return rx.cond(
        S.dates.length() > 0,
        rx.fragment(
            _choices(S.dates, _("Choose")),
            when(
                S.more_dates,
                button(_("Later dates"), kind="quiet", on_click=S.later, extra="mt-3"),
            ),
        ),
        rx.el.p(
            _("There is no other date on sale with seats for all of you."), class_name="text-soft"
        ),
    )


def _preview() -> rx.Component:
    line = "flex items-baseline justify-between gap-4 py-[7px]"
    return rx.el.form(
        rx.el.p(V.facts, class_name="max-w-[64ch] text-soft"),
        when(
            V.figure != "",
            rx.el.p(
                rx.el.span(V.label, class_name="block text-sm text-soft"),
                rx.el.span(V.figure, class_name="font-serif text-figure tabular-nums"),
                class_name="mt-4",
                custom_attrs={"aria-live": "polite"},
            ),
        ),
        rx.el.p(V.note, class_name="mt-1 max-w-[64ch] text-sm text-soft empty:hidden"),
        when(
            V.lines.length() > 0,
            rx.el.dl(
                rx.foreach(
                    V.lines,
                    lambda row: rx.el.div(
                        rx.el.dt(row.label, class_name="min-w-0 break-words"),
                        rx.el.dd(row.amount, class_name="shrink-0 tabular-nums"),
                        class_name=line,
                    ),
                ),
                class_name="mt-4 border-t border-line pt-2",
            ),
        ),
        when(
            V.policy.length() > 0,
            rx.el.div(
                rx.el.h3(
                    _("How much comes back, by the day of cancelling"),
                    class_name="mb-2 text-sm font-strong",
                ),
                policy_rows(V.policy),
                class_name="mt-4",
            ),
        ),
        when(
            S.gives_reason & V.grave,
            field(
                _("Why"),
                "reason",
                control="textarea",
                hint=_("The person who booked reads this."),
                field_id="change-reason",
                rows="2",
                max_length=LONGEST_REASON,
                extra="mt-4",
            ),
        ),
        rx.el.p(
            S.notice,
            role="alert",
            class_name="mt-4 rounded-md bg-bad-soft px-4 py-3 text-bad empty:hidden",
        ),
        id=FORM,
        on_submit=S.confirm,
        no_validate=True,
    )
