"""``/agent/documents/[id]``: a file, the links to it, who did what with it."""

from typing import Any

import reflex as rx

from ecosystem.domain.agency_documents import KIND_NAMES
from ecosystem.pages.components.buttons import button, link, link_button
from ecosystem.pages.components.dialogs import confirmation, dialog, opener
from ecosystem.pages.components.feedback import bone, empty_state, skeleton_fields
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.numbers import fact
from ecosystem.pages.components.surfaces import (
    badge,
    breadcrumbs,
    card,
    page_header,
    section_card,
)
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.agent.document import AgentDocumentState
from ecosystem.state.agent.document_lines import PATH, AccessRow, ShareRow

S: Any = AgentDocumentState  # whose fields are Vars when a page is drawn
V = S.view
SHARE, SHARE_FORM, REMOVE = "share-document", "share-document-form", "remove-document"
DAYS = (("1", "1 day"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days"))
COLUMNS = "grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_400px]"
LOOK_EVERY = 5


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            rx.cond(V.name != "", V.name, "Document"),
            when(V.clean, button("Share by link", on_click=S.begin_share)),
            when(V.file != "", link_button("Download", href=V.file, kind="primary")),
            above=breadcrumbs(("Documents", PATH)),
            below=rx.cond(V.facts != "", V.facts, "\u00a0"),
        ),
        rx.cond(
            S.phase == "missing",
            card(
                empty_state(
                    "There is no such document",
                    "It may have been removed, or belong to another agency.",
                    link_button("All documents", href=PATH),
                )
            ),
            loading_or_failed(
                S.phase,
                S.problem,
                S.open,
                rx.el.div(
                    card(skeleton_fields(4), extra="min-h-64"),
                    bone("h-64 w-full !rounded-lg"),
                    class_name=COLUMNS,
                ),
                rx.el.div(
                    rx.el.div(_shares(), _history(), class_name="grid min-w-0 gap-6"),
                    _details(),
                    class_name=COLUMNS,
                ),
                _sharing(),
                _removing(),
                refreshed(S.again, LOOK_EVERY),
            ),
        ),
        area="agent",
        current=PATH,
    )


def _details() -> rx.Component:
    return section_card(
        "Details",
        when(
            V.state != "",
            rx.el.div(
                badge(V.state, V.tone),
                rx.el.p(V.problem, class_name="mt-1.5 empty:hidden"),
                class_name="border-b border-line px-5 py-3.5",
                role="status",
            ),
        ),
        rx.el.form(
            problem_summary(S.refused),
            field("Name", "name", default_value=V.name, error=S.errors["name"], max_length=120),
            field(
                "Kind",
                "kind",
                control="select",
                options=[*KIND_NAMES.items()],
                default_value=V.kind,
                error=S.errors["kind"],
            ),
            field(
                "Booking",
                "booking",
                default_value=V.booking,
                hint="Its reference, if it belongs to one.",
                error=S.errors["booking"],
                max_length=40,
            ),
            rx.el.div(
                button("Save", type="submit"),
                opener("Remove…", opens=REMOVE, kind="quiet"),
                class_name="flex flex-wrap gap-3",
            ),
            on_submit=S.save,
            key=f"document-{S.loads}-{V.id}",
            no_validate=True,
            class_name="grid gap-4 p-5 [&>[role=alert]:empty]:hidden",
        ),
        rx.el.dl(
            when(V.client != "", fact("Client", link(V.client, href=V.client_href))),
            when(V.booking != "", fact("Booking", link(V.booking, href=V.booking_href))),
            fact("Kept", V.sent),
            class_name="grid gap-3 border-t border-line p-5",
        ),
    )


def _shares() -> rx.Component:
    return section_card(
        "Links",
        rx.cond(
            S.shares.length() > 0,
            rx.el.ul(rx.foreach(S.shares, _share), class_name="divide-y divide-line"),
            rx.el.p(
                "Nobody outside your agency can open it. A link does, until its day.",
                class_name="p-5 text-soft",
            ),
        ),
    )


def _share(row: rx.Var[ShareRow]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        rx.el.div(
            rx.el.p(one.title, class_name="font-strong [overflow-wrap:anywhere]"),
            rx.el.p(one.facts, class_name="text-sm text-soft"),
            class_name="min-w-0 flex-[1_1_14rem]",
        ),
        badge(one.state, one.tone),
        when(
            one.open,
            button(
                "Take back",
                rx.el.span(" the link of ", one.title, class_name="sr-only"),
                size="sm",
                on_click=S.revoke(one.id),
            ),
        ),
        key=one.id,
        class_name="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 py-3.5",
    )


def _history() -> rx.Component:
    return section_card(
        "Who did what",
        rx.el.ol(rx.foreach(S.history, _line), class_name="divide-y divide-line"),
        note="Every look is written down.",
    )


def _line(row: rx.Var[AccessRow]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        rx.el.p(one.at, class_name="w-48 shrink-0 text-sm text-soft tabular-nums"),
        rx.el.div(
            rx.el.p(one.what, class_name="font-strong"),
            rx.el.p(one.who, class_name="text-sm text-soft [overflow-wrap:anywhere]"),
            class_name="min-w-0 flex-[1_1_14rem]",
        ),
        class_name="flex flex-wrap items-start gap-x-4 gap-y-1 px-5 py-3",
    )


def _sharing() -> rx.Component:
    return dialog(
        rx.cond(S.new_link != "", "The link is made", "Share by link"),
        rx.cond(S.new_link != "", _made(), _share_form()),
        dialog_id=SHARE,
        actions=(
            rx.cond(
                S.new_link != "",
                rx.fragment(
                    button("Done", on_click=S.leave_share),
                    button("Copy link", kind="primary", custom_attrs={"data-copy": S.new_link}),
                ),
                rx.fragment(
                    button("Not now", on_click=S.leave_share),
                    button("Make link", kind="primary", type="submit", form=SHARE_FORM),
                ),
            ),
        ),
        shown=S.sharing,
        on_close=S.leave_share,
        strict=True,
    )


def _made() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "Copy it now: it is shown this once, and nobody can look it up again.",
            class_name="text-soft",
        ),
        rx.el.p(
            S.new_link,
            class_name="mt-3 rounded-md bg-sunk px-4 py-3 text-md [overflow-wrap:anywhere]",
        ),
        rx.el.p(
            "If you set a code word, tell it in another way than the link.",
            class_name="mt-3 text-sm text-soft",
        ),
        role="status",
    )


def _share_form() -> rx.Component:
    return rx.el.form(
        problem_summary(S.share_refused),
        field(
            "For whom",
            "recipient",
            placeholder="The consulate",
            hint="Only you see this.",
            error=S.share_errors["recipient"],
            field_id="share-recipient",
            max_length=120,
        ),
        field(
            "Open for",
            "days",
            control="select",
            options=[*DAYS],
            default_value="7",
            error=S.share_errors["days"],
            field_id="share-days",
        ),
        field(
            "Code word",
            "code",
            hint="Optional. Whoever opens the link is asked for it; ten wrong ones end the link.",
            error=S.share_errors["code"],
            field_id="share-code",
            auto_complete="off",
            max_length=100,
        ),
        id=SHARE_FORM,
        key=f"share-{S.loads}",
        on_submit=S.share,
        no_validate=True,
        class_name="grid gap-4 [&>[role=alert]:empty]:hidden",
    )


def _removing() -> rx.Component:
    return confirmation(
        "Remove this document?",
        "The file is erased for good, and every link to it opens nothing any more.",
        dialog_id=REMOVE,
        confirm="Remove for good",
        on_confirm=S.remove,
    )
