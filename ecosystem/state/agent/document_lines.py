"""Files of an agency in the words of the desk."""

from dataclasses import dataclass
from math import ceil
from uuid import UUID

from ecosystem.domain.agency_documents import (
    KIND_NAMES,
    TYPE_NAMES,
    AccessLine,
    DocumentView,
    ShareView,
)
from ecosystem.state import formats
from ecosystem.state.agent.bookings import PATH as BOOKINGS
from ecosystem.state.agent.client_lines import client_href

PATH = "/agent/documents"
STATES = {
    "scanning": ("Being checked", "warn"),
    "refused": ("Not kept", "bad"),
    "clean": ("", "plain"),
    "uploading": ("Being sent", "warn"),
}
SHARE_STATES = {
    "open": ("Open", "good"),
    "expired": ("Ended", "plain"),
    "revoked": ("Taken back", "plain"),
    "locked": ("Too many wrong code words", "bad"),
}
ACTIONS = {
    "sent": "Sent and checked",
    "refused": "Not kept",
    "taken": "Downloaded",
    "changed": "Details changed",
    "shared": "Link made",
    "link_opened": "Link opened",
    "link_taken": "Downloaded by link",
    "link_revoked": "Link taken back",
    "wrong_code": "Wrong code word at the link",
}
KILOBYTE = 1024


@dataclass(frozen=True)
class DocumentLine:
    """A file in a list."""

    id: str = ""
    href: str = ""
    file: str = ""
    name: str = ""
    facts: str = ""
    whose: str = ""
    booking: str = ""
    sent: str = ""
    by: str = ""
    state: str = ""
    tone: str = "plain"
    problem: str = ""
    links: str = ""


@dataclass(frozen=True)
class DocumentPage:
    """A file on its own page. ``clean``: it can be taken out and shared."""

    id: str = ""
    name: str = ""
    kind: str = "other"
    facts: str = ""
    file: str = ""
    clean: bool = False
    state: str = ""
    tone: str = "plain"
    problem: str = ""
    client_id: str = ""
    client: str = ""
    client_href: str = ""
    booking: str = ""
    booking_href: str = ""
    sent: str = ""


@dataclass(frozen=True)
class ShareRow:
    """A link that was given out."""

    id: str = ""
    title: str = ""
    facts: str = ""
    state: str = ""
    tone: str = "plain"
    open: bool = False


@dataclass(frozen=True)
class AccessRow:
    """A line of a file's history."""

    at: str = ""
    what: str = ""
    who: str = ""


def document_id(value: object) -> UUID | None:
    """An id that a browser sent; None for what is none."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def size_words(size: int) -> str:
    """``340 KB``, ``2.1 MB``."""
    if size < KILOBYTE**2:
        return f"{max(1, ceil(size / KILOBYTE))} KB"
    return f"{size / KILOBYTE**2:.1f} MB"


def document_line(view: DocumentView) -> DocumentLine:
    """A file in a list."""
    state, tone = STATES[view.state]
    return DocumentLine(
        id=str(view.id),
        href=f"{PATH}/{view.id}",
        file=_file(view),
        name=view.name,
        facts=_facts(view),
        whose=view.client or ("" if view.booking else "The agency"),
        booking=view.booking,
        sent=formats.day(view.created_at.date()),
        by=view.uploaded_by,
        state=state,
        tone=tone,
        problem=view.problem,
        links="" if not view.shares else "1 link" if view.shares == 1 else f"{view.shares} links",
    )


def document_page(view: DocumentView) -> DocumentPage:
    """A file on its own page."""
    state, tone = STATES[view.state]
    by = f" by {view.uploaded_by}" if view.uploaded_by else ""
    return DocumentPage(
        id=str(view.id),
        name=view.name,
        kind=view.kind,
        facts=_facts(view),
        file=_file(view),
        clean=view.state == "clean",
        state=state,
        tone=tone,
        problem=view.problem,
        client_id=str(view.client_id or ""),
        client=view.client,
        client_href=client_href(view.client_id) if view.client_id else "",
        booking=view.booking,
        booking_href=f"{BOOKINGS}/{view.booking}" if view.booking else "",
        sent=f"Sent {formats.moment(view.created_at)} UTC{by}",
    )


def share_row(view: ShareView) -> ShareRow:
    """A link that was given out."""
    state, tone = SHARE_STATES[view.state]
    used = f"opened {_times(view.opened)}, downloaded {_times(view.taken)}"
    facts = [f"until {formats.moment(view.expires_at)} UTC", used]
    if view.with_code:
        facts.append("with a code word")
    return ShareRow(
        id=str(view.id),
        title=view.recipient or "Somebody with the link",
        facts=" · ".join(facts),
        state=state,
        tone=tone,
        open=view.state == "open",
    )


def access_row(line: AccessLine) -> AccessRow:
    """A line of a file's history."""
    who = line.who or ("The product" if line.action == "refused" else "Somebody with the link")
    about = f"{who}: {line.detail}" if line.detail else who
    return AccessRow(f"{formats.moment(line.at)} UTC", ACTIONS.get(line.action, line.action), about)


def _facts(view: DocumentView) -> str:
    facts = [KIND_NAMES[view.kind]]
    if view.content_type:
        facts += [TYPE_NAMES[view.content_type], size_words(view.bytes)]
    return " · ".join(facts)


def _file(view: DocumentView) -> str:
    return f"/api/agents/me/documents/{view.id}/file" if view.state == "clean" else ""


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
