"""What the pages with an agency's files share: sending some, and the files of one subject."""

from typing import Any

import reflex as rx

from ecosystem.domain.agency_documents import ENDINGS, KIND_NAMES
from ecosystem.pages.components.buttons import anchor, link
from ecosystem.pages.components.feedback import skeleton_text
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.live import refreshed
from ecosystem.pages.components.surfaces import badge, section_card
from ecosystem.pages.components.upload_lines import upload_lines
from ecosystem.pages.components.uploader import uploader
from ecosystem.pages.components.values import Child, when
from ecosystem.pages.desk_page import loading_or_failed
from ecosystem.state.agent.document_lines import PATH, DocumentLine
from ecosystem.state.agent.documents import AgentDocumentsState

S: Any = AgentDocumentsState  # whose fields are Vars when a page is drawn
ACCEPT = ",".join((*ENDINGS, *(end for ends in ENDINGS.values() for end in ends)))
LOOK_EVERY = 3


def sending(*whose: Child) -> rx.Component:
    """Draw what a file is to be, whose (``whose``: more fields), and the place to drop it."""
    return rx.el.div(
        rx.el.div(
            field(
                "Kind",
                "as_kind",
                control="select",
                options=[*KIND_NAMES.items()],
                value=S.as_kind,
                on_change=S.set_as_kind,
                field_id="file-kind",
                extra="flex-[1_1_12rem]",
            ),
            *whose,
            class_name="flex flex-wrap items-start gap-3",
        ),
        uploader(
            rx.el.span("Choose files, or drop them here", class_name="font-strong"),
            rx.el.span(
                "PDF, pictures, Word, Excel, text, up to 20 MB each. Every file is checked;"
                " programs, macros and scripts are refused.",
                class_name="max-w-[64ch] text-sm text-soft",
            ),
            jobs=S.jobs,
            accept=ACCEPT,
            multiple=True,
            on_choose=S.choose,
            on_progress=S.progress,
            on_sent=S.arrived,
            on_broken=S.broke,
        ),
        class_name="grid gap-4 p-5",
    )


def on_their_way() -> rx.Component:
    """Draw the files that are sent now, and look after those that are being checked."""
    return rx.fragment(upload_lines(S), when(S.checking, refreshed(S.again, LOOK_EVERY)))


def documents_section() -> rx.Component:
    """Draw the files of the client or booking that the address names; it loads them itself."""
    return rx.el.div(
        section_card(
            "Files",
            loading_or_failed(
                S.phase,
                S.problem,
                S.open,
                rx.el.div(skeleton_text(3), class_name="p-5"),
                when(
                    S.rows.length() > 0,
                    rx.el.ul(
                        rx.foreach(S.rows, _row),
                        class_name="divide-y divide-line border-b border-line",
                    ),
                ),
                on_their_way(),
                sending(),
            ),
            aside=when(S.has_following, link("All documents", href=PATH)),
        ),
        on_mount=S.open,
        id="files",
    )


def _row(row: rx.Var[DocumentLine]) -> rx.Component:
    one: Any = row
    return rx.el.li(
        rx.el.div(
            anchor(
                one.name,
                href=one.href,
                class_name="font-strong [overflow-wrap:anywhere] hover:underline",
            ),
            rx.el.p(one.facts, " · ", one.sent, class_name="text-sm text-soft"),
            rx.el.p(one.problem, class_name="text-sm text-bad empty:hidden"),
            class_name="min-w-0 flex-[1_1_12rem]",
        ),
        when(one.state != "", badge(one.state, one.tone)),
        when(one.links != "", badge(one.links, "brand")),
        when(one.file != "", download(one)),
        key=one.id,
        class_name="flex flex-wrap items-center gap-x-3 gap-y-1 px-5 py-3.5",
    )


def download(one: Any) -> rx.Component:
    """Draw the link by which a file is taken out."""
    return link(
        "Download",
        rx.el.span(" ", one.name, class_name="sr-only"),
        href=one.file,
    )
