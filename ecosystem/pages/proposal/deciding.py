"""The dialogs in which a client accepts an option of a proposal, or declines all of it."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.values import sentence, when
from ecosystem.state.proposal import ProposalState

S: Any = ProposalState  # whose fields are Vars when a page is drawn
ACCEPT, ACCEPT_FORM = "accept-proposal", "accept-proposal-form"
DECLINE, DECLINE_FORM = "decline-proposal", "decline-proposal-form"


def accept_dialog() -> rx.Component:
    """Draw what is asked before an option is accepted."""
    return dialog(
        S.chosen_title,
        rx.el.p(
            _(
                "All seats of it are held for you at once, or none. You pay on the next page; what"
                " is not paid in time is on sale again, and nothing is charged."
            ),
            class_name="max-w-[64ch]",
        ),
        rx.el.p(
            _("To pay here: {amount}").format(amount=S.asked),
            class_name="mt-3 font-semibold tabular-nums",
            custom_attrs={"aria-live": "polite"},
        ),
        when(
            S.refused != "",
            rx.el.p(
                S.refused, role="alert", class_name="mt-4 rounded-md bg-bad-soft px-4 py-3 text-bad"
            ),
        ),
        rx.el.form(
            field(
                _("Your name"),
                "name",
                error=S.errors["name"],
                hint=_("Typing it and pressing the button is your agreement."),
                field_id="accept-name",
                auto_complete="name",
                required=True,
                max_length=120,
            ),
            rx.el.p(
                sentence(
                    _("The {terms} and the policies of the trips above apply."),
                    terms=link(_("terms"), href="/terms", target="_blank"),
                ),
                class_name="mt-3 text-sm text-soft",
            ),
            id=ACCEPT_FORM,
            on_submit=S.accept,
            class_name="mt-4",
        ),
        dialog_id=ACCEPT,
        actions=(
            button(_("Not yet"), on_click=S.leave, disabled=S.accepting),
            button(
                rx.cond(S.risen, _("Accept at the new price"), _("Accept and hold the seats")),
                kind="primary",
                type="submit",
                form=ACCEPT_FORM,
                busy=S.accepting,
            ),
        ),
        shown=S.chosen != "",
        on_close=S.leave,
        strict=True,
    )


def decline_dialog() -> rx.Component:
    """Draw what is asked before the proposal is declined."""
    return dialog(
        _("Decline this proposal"),
        rx.el.form(
            field(
                _("Why, if you like"),
                "reason",
                control="textarea",
                field_id="decline-reason",
                rows="3",
                max_length=2000,
                dir="auto",
            ),
            id=DECLINE_FORM,
            on_submit=S.decline,
        ),
        dialog_id=DECLINE,
        actions=(
            button(_("Keep it open"), on_click=S.stay),
            button(_("Decline"), kind="danger", type="submit", form=DECLINE_FORM),
        ),
        shown=S.declining,
        on_close=S.stay,
    )
