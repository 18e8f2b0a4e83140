"""Files at the desk: sent, shared, removed; shared ones opened by whoever has the link."""

from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.services.agency_documents.forms import ShareForm
from ecosystem.state.agent.document import AgentDocumentState
from ecosystem.state.agent.documents import AgentDocumentsState
from ecosystem.state.shared_document import SharedDocumentState
from tests.document_files import docx
from tests.product import GUEST, Product
from tests.services.test_agency_documents import TEXT, send
from tests.services.test_clients import add, agent_of, book_for
from tests.state.test_desk_pages import page, run

pytestmark = pytest.mark.anyio

FILE = {"key": "f1", "name": "visa.txt", "type": "", "size": len(TEXT)}
JUNK: tuple[Any, ...] = (
    None, "", 7, [], {"a": 1}, "\x00", "x" * 100_000, str(uuid4()), [{"key": "f2", "size": "x"}],
    {"name": {"x": 1}, "kind": "secret", "booking": [], "days": "-1", "code": 5},
)  # fmt: skip


@pytest.fixture
def ann(installed: Product) -> Actor:
    return agent_of(installed, "Ann Delaney")


async def upload(product: Product, state: Any, content: bytes = TEXT, key: str = "f1") -> None:
    """What a browser does with a file that was chosen."""
    await run(state, "choose", [{**FILE, "key": key}])
    product.files.post(product.files.forms[-1], content)
    await run(state, "arrived", key)


async def test_files_are_sent_where_one_is(installed: Product, ann: Actor) -> None:
    client = add(installed, ann, "Zofia Nowak")
    booking = book_for(installed, ann, client.id)
    pages = (
        f"/agent/clients/{client.id}", f"/agent/bookings/{booking.reference}", "/agent/documents"
    )  # fmt: skip
    for path in pages:
        state: Any = page(installed, ann, AgentDocumentsState, path)
        await run(state, "open")
        assert (state.phase, state.rows) == ("shown", []) or path == pages[-1]
        await run(state, "set_as_kind", "visa")
        await upload(installed, state)
        assert (state.uploads, state.jobs) == ([], [])
        assert state.rows[0].facts == "Visa · Text · 1 KB"
    state = page(installed, ann, AgentDocumentsState, "/agent/documents")
    await run(state, "open")
    assert [(row.whose, row.booking) for row in state.rows] == [
        ("The agency", ""), ("Zofia Nowak", booking.reference), ("Zofia Nowak", ""),
    ]  # fmt: skip
    await run(state, "search", "zofia")
    assert len(state.rows) == 2
    await run(state, "show_kind", "ticket")
    assert state.rows == []
    await run(state, "take_client", str(client.id))
    await run(state, "show_kind", "")
    await upload(installed, state, key="f9")
    assert state.rows[0].whose == "Zofia Nowak"


async def test_a_refused_file_says_why_where_it_was_dropped(installed: Product, ann: Actor) -> None:
    state = page(installed, ann, AgentDocumentsState, "/agent/documents")
    await run(state, "open")
    await upload(installed, state, docx({"word/vbaProject.bin": b"x"}))
    assert state.uploads[0].phase == "refused"
    assert "macros" in state.uploads[0].words
    await run(state, "dismiss", "f1")
    assert state.uploads == []
    await run(state, "choose", [{**FILE, "key": "f2", "size": 0}])
    assert "empty" in state.uploads[0].words


async def test_a_link_is_shown_once_and_opens_the_file(installed: Product, ann: Actor) -> None:
    sent = send(installed, ann)
    path = f"/agent/documents/{sent.id}"
    state = page(installed, ann, AgentDocumentState, path)
    await run(state, "open")
    assert (state.phase, state.view.name, state.view.clean) == ("shown", "policy.txt", True)
    await run(state, "begin_share")
    await run(state, "share", {"days": "7", "recipient": "The consulate", "code": "abc"})
    assert state.share_errors["code"]
    await run(state, "share", {"days": "7", "recipient": "The consulate", "code": "blue heron"})
    link = state.new_link
    assert state.shares[0].title == "The consulate"
    await run(state, "leave_share")
    assert link.rpartition("/")[2] not in str(state.dict())

    guest = page(installed, GUEST, SharedDocumentState, "/d/" + link.rpartition("/")[2])
    await run(guest, "open")
    assert (guest.phase, guest.view.asks_code, guest.view.href) == ("shown", True, "")
    assert "policy" not in str(guest.dict())
    await run(guest, "unlock", {"code": "red heron"})
    assert guest.code_error
    await run(guest, "unlock", {"code": "Blue Heron"})
    assert (guest.view.name, guest.view.facts) == ("policy.txt", "Text · 1 KB")
    assert guest.view.href.startswith("/api/shared/")
    await run(state, "again")
    assert [row.what for row in state.history][0:2] == [
        "Wrong code word at the link",
        "Link opened",
    ]
    await run(state, "revoke", state.shares[0].id)
    assert state.shares[0].state == "Taken back"
    await run(guest, "open")
    assert (guest.phase, guest.view.name) == ("ended", "")


async def test_a_file_is_put_right_and_removed(installed: Product, ann: Actor) -> None:
    sent = send(installed, ann)
    state = page(installed, ann, AgentDocumentState, f"/agent/documents/{sent.id}")
    await run(state, "open")
    await run(state, "save", {"name": "cover.txt", "kind": "insurance", "booking": "TRV-NONE"})
    assert state.errors["booking"]
    await run(state, "save", {"name": "cover.txt", "kind": "insurance", "booking": ""})
    assert (state.view.name, state.view.kind) == ("cover.txt", "insurance")
    await run(state, "remove")
    await run(state, "open")
    assert state.phase == "missing"


async def test_a_rival_is_shown_nothing(installed: Product, ann: Actor) -> None:
    rival = agent_of(installed, "Viktor Lindqvist")
    client = add(installed, ann)
    sent = send(installed, ann, client_id=client.id)
    state = page(installed, rival, AgentDocumentState, f"/agent/documents/{sent.id}")
    for name, given in (
        ("open", ()), ("save", ({"name": "mine.txt"},)), ("share", ({"days": "7"},)),
        ("remove", ()),
    ):  # fmt: skip
        await run(state, name, *given)
        assert "policy" not in str(state.dict())
    listed = page(installed, rival, AgentDocumentsState, f"/agent/clients/{client.id}")
    await run(listed, "open")
    await run(listed, "remove", str(sent.id))
    await upload(installed, listed)
    assert (listed.phase, listed.rows) == ("failed", [])
    assert installed.services.agency_documents.get(ann, sent.id).state == "clean"


@pytest.mark.parametrize(
    ("kind", "path", "names"),
    [
        pytest.param(
            AgentDocumentsState, "/agent/documents",
            ("search", "show_kind", "set_as_kind", "look_up", "take_client", "choose", "arrived",
             "retry", "dismiss", "remove"), id="list",
        ),
        pytest.param(
            AgentDocumentState, "/agent/documents/{id}", ("save", "share", "revoke"), id="one"
        ),
        pytest.param(SharedDocumentState, "/d/{token}", ("unlock",), id="shared"),
    ],
)  # fmt: skip
async def test_junk_changes_nothing(
    installed: Product, ann: Actor, kind: Any, path: str, names: tuple[str, ...]
) -> None:
    sent = send(installed, ann)
    made = installed.services.document_shares.make(ann, sent.id, ShareForm())
    address = path.format(id=sent.id, token=made.token)
    state = page(installed, ann, kind, address)
    await run(state, "open")
    for name in names:
        for junk in JUNK:
            await run(state, name, junk)
    for junk in JUNK if kind is AgentDocumentsState else ():
        await run(state, "progress", junk, junk)
        await run(state, "broke", junk, junk)
    found = installed.services.agency_documents.get(ann, sent.id)
    assert (found.name, found.kind, found.state) == ("policy.txt", "other", "clean")
