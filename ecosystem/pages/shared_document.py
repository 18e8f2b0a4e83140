"""``/d/[token]``: a file that an agency shared with somebody."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.feedback import bone, error_state
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import card
from ecosystem.pages.layout import public_page
from ecosystem.state.shared_document import SharedDocumentState

S: Any = SharedDocumentState  # whose fields are Vars when a page is drawn
V = S.view
HEADING = "font-serif text-h2 [overflow-wrap:anywhere] md:text-h1"


def page() -> rx.Component:
    """Draw the page."""
    return public_page(
        rx.match(
            S.phase,
            ("shown", rx.cond(V.asks_code, _locked(), _shown())),
            (
                "missing",
                _said(
                    _("There is no document at this address"),
                    _("The link may be incomplete. Copy all of it, or ask for a new one."),
                ),
            ),
            ("ended", _said(_("This link has ended"), S.problem)),
            ("failed", _failed()),
            _coming(),
        ),
        width="text",
    )


def _shown() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            _("{agency} shares a document with you").format(agency=V.agency),
            class_name="text-soft",
        ),
        rx.el.h1(V.name, class_name=f"mt-2 {HEADING}"),
        rx.el.p(V.facts, class_name="mt-2 text-lg text-soft"),
        rx.el.div(
            link_button(_("Download"), href=V.href, kind="primary"),
            class_name="mt-6",
        ),
        _until(),
    )


def _locked() -> rx.Component:
    return rx.fragment(
        rx.el.h1(
            _("{agency} shares a document with you").format(agency=V.agency), class_name=HEADING
        ),
        card(
            rx.el.form(
                field(
                    _("Code word"),
                    "code",
                    hint=_("{agency} has told it to you in another way.").format(agency=V.agency),
                    error=S.code_error,
                    auto_complete="off",
                    max_length=100,
                    required=True,
                ),
                button(_("Open"), kind="primary", type="submit"),
                key=S.tries,
                on_submit=S.unlock,
                no_validate=True,
                class_name="grid justify-items-start gap-4 [&>:first-child]:w-full",
            ),
            extra="mt-6 max-w-[440px]",
        ),
        _until(),
    )


def _until() -> rx.Component:
    return rx.el.p(
        _("This link ends on {moment} (UTC). {agency} sees when it is opened.").format(
            moment=V.until, agency=V.agency
        ),
        class_name="mt-6 max-w-[64ch] text-sm text-soft",
    )


def _said(title: str, detail: str | rx.Var[str]) -> rx.Component:
    return rx.fragment(
        rx.el.h1(title, class_name=HEADING),
        rx.el.p(detail, class_name="mt-3 max-w-[64ch] text-soft", role="status"),
    )


def _failed() -> rx.Component:
    return rx.fragment(
        rx.el.h1(_("Document"), class_name="sr-only"),
        error_state(
            _("This document could not be loaded"),
            S.problem,
            button(_("Try again"), on_click=S.open),
        ),
    )


def _coming() -> rx.Component:
    return rx.el.div(
        bone("h-4 w-56"),
        bone("mt-3 h-11 w-4/5"),
        bone("mt-6 h-11 w-32 !rounded-md"),
        custom_attrs={"aria-busy": "true"},
    )
