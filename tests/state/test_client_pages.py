"""Clients at the desk: saved, revealed, merged, imported, and booked for at the checkout."""

from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.errors import EcosystemError
from ecosystem.services.clients.forms import DocumentForm
from ecosystem.services.forms import parse
from ecosystem.state.agent.booking_for import BookingForState
from ecosystem.state.agent.client import AgentClientState
from ecosystem.state.agent.client_import import AgentClientImportState
from ecosystem.state.agent.clients import AgentClientsState
from ecosystem.state.checkout import CheckoutState
from tests.product import Product
from tests.services.test_clients import add, agent_of
from tests.state.test_desk_pages import page, run

pytestmark = pytest.mark.anyio

JUNK: tuple[Any, ...] = (
    None, "", 7, [], {"a": 1}, "\x00", "x" * 100_000, str(uuid4()),
    {"name": {"x": 1}, "tags": 7, "consent": [], "agent_id": "x", "body": 5, "number": None},
)  # fmt: skip


async def test_a_client_is_added_saved_and_not_overwritten(installed: Product) -> None:
    ann = agent_of(installed, "Ann Delaney")
    desk = page(installed, ann, AgentClientsState, "/agent/clients")
    await run(desk, "open")
    assert desk.none_at_all
    assert await run(desk, "add", {"name": "Zofia Nowak", "email": "nobody"}) is None
    assert desk.errors["email"]
    await run(desk, "add", {"name": "Zofia Nowak", "email": "z@example.com"})
    await run(desk, "search", "zofia")
    path = desk.rows[0].href
    first, second = (page(installed, ann, AgentClientState, path) for _ in range(2))
    for one in (first, second):
        await run(one, "open")
        assert (one.phase, one.view.name) == ("shown", "Zofia Nowak")
    form = {
        "name": "Zofia Nowak", "email": "z@example.com", "tags": "VIP, Rail", "agent_id": "",
        "household": "Nowak", "consent": "on", "birth_date": "",
    }  # fmt: skip
    await run(first, "save", form)
    assert (first.view.tags, first.view.household, first.view.consent) == (
        "VIP, Rail", "Nowak", True
    )  # fmt: skip
    await run(second, "save", {"name": "Somebody Else"})
    assert second.conflict
    await run(first, "save", {**form, "birth_date": "tomorrow"})
    assert first.errors["birth_date"]
    await run(first, "open")
    assert (first.view.name, first.view.tags) == ("Zofia Nowak", "VIP, Rail")


async def test_a_number_reaches_the_page_only_when_it_is_shown(installed: Product) -> None:
    ann = agent_of(installed, "Ann Delaney")
    client = add(installed, ann)
    installed.services.client_documents.add(
        ann, client.id, parse(DocumentForm, {"number": "AB1234567"})
    )
    state = page(installed, ann, AgentClientState, f"/agent/clients/{client.id}")
    await run(state, "open")
    assert "1234567" not in str(state.dict())
    assert state.documents[0].masked == "•••• 4567"
    await run(state, "reveal", state.documents[0].id)
    assert state.shown_number == "AB1234567"
    await run(state, "hide")
    assert "1234567" not in str(state.dict())
    looks = installed.one("select count(*) from audit_log where action = 'client.document_shown'")
    assert looks.count == 1


async def test_who_is_erased_is_gone_from_the_tab_too(installed: Product) -> None:
    """What a State holds is sent to the browser with each page it loads."""
    ann = agent_of(installed, "Ann Delaney")
    client = add(installed, ann, "Zofia Nowak", email="z@example.com")
    state = page(installed, ann, AgentClientState, f"/agent/clients/{client.id}")
    await run(state, "open")
    await run(state, "erase")
    assert "Nowak" not in str(state.dict())
    assert state._seen is None


async def test_a_merge_is_taken_back_from_where_it_was_made(installed: Product) -> None:
    ann = agent_of(installed, "Ann Delaney")
    add(installed, ann, "Maja Berg", email="m@example.com")
    add(installed, ann, "M Berg", email="m@example.com")
    desk = page(installed, ann, AgentClientsState, "/agent/clients")
    await run(desk, "open")
    await run(desk, "compare")
    (pair,) = desk.pairs
    await run(desk, "merge", pair.one, pair.other)
    assert (len(desk.rows), desk.pairs) == (1, [])
    client = page(installed, ann, AgentClientState, f"/agent/clients/{pair.one}")
    await run(client, "open")
    await run(client, "undo_merge", client.merged[0].key)
    assert client.merged == []
    await run(desk, "open")
    assert len(desk.rows) == 2


async def test_a_file_is_looked_at_and_carried_out(installed: Product) -> None:
    ann = agent_of(installed, "Ann Delaney")
    state = page(installed, ann, AgentClientImportState, "/agent/clients/import")
    await run(state, "open")
    await run(state, "choose", [{"key": "f1", "name": "clients.csv", "size": 40}])
    (job,) = state.jobs
    content = b"name,email\r\nMaja Berg,m@example.com\r\nX,nobody\r\n"
    installed.files.post(installed.files.forms[-1], content)
    await run(state, "arrived", job["key"])
    path = f"/agent/clients/import?id={state._sheet_id}"
    report = page(installed, ann, AgentClientImportState, path)
    await run(report, "open")
    assert (report.phase, report.outcome, report.to_do) == ("report", "wrong", 1)
    await run(report, "choose_outcome", "")
    assert [row.outcome for row in report.rows] == ["New", "Wrong"]
    await run(report, "run")
    assert report.phase == "done"
    assert installed.services.clients.find(ann).total == 1


async def test_the_checkout_is_filled_in_with_a_client_and_her_household(
    installed: Product,
) -> None:
    ann = agent_of(installed, "Ann Delaney")
    made = installed.offer()
    client = add(
        installed, ann, "Zofia Nowak", email="z@example.com", birth_date="1984-02-03",
        household="Nowak",
    )  # fmt: skip
    add(installed, ann, "Mia Nowak", household="Nowak", birth_date="2020-02-03")
    add(installed, ann, "Jan Nowak", household="Nowak", birth_date="1980-02-03")
    hold = installed.hold(made, actor=ann)
    path = f"/checkout/{hold.id}"
    state = page(installed, ann, CheckoutState, path)
    await run(state, "open")
    assert state.client.agent
    await run(state, "find_client", "zofia")
    assert [one["label"] for one in state.found] == ["Zofia Nowak"]
    await run(state, "choose_client", str(client.id))
    assert (state.view.name, state.view.email, state.view.birth_date) == (
        "Zofia Nowak", "z@example.com", "1984-02-03",
    )  # fmt: skip
    assert [field.value for field in state.travellers] == ["Jan Nowak"]

    form = {
        "name": "Zofia Nowak", "email": "z@example.com", "traveller_2": "Jan Nowak",
        "client_id": str(client.id),
    }  # fmt: skip
    assert await state._book(form) is not None
    assert (await state.get_state(BookingForState))._chosen() is None  # nor for the next trip

    assert installed.services.clients.booked_for(ann, hold.id) == client.id
    again = page(installed, ann, CheckoutState, path)
    await run(again, "open")
    assert again.client.name == "Zofia Nowak"
    assert (await again.get_state(BookingForState))._chosen() is None
    kinds = [item.kind for item in installed.services.clients.timeline(ann, client.id)]
    assert "booking" in kinds


async def test_a_rivals_client_is_none_at_the_checkout(installed: Product) -> None:
    ann, rival = agent_of(installed, "Ann"), agent_of(installed, "Rival")
    theirs = add(installed, rival)
    hold = installed.hold(installed.offer(), actor=ann)
    state = page(installed, ann, CheckoutState, f"/checkout/{hold.id}")
    await run(state, "open")
    await run(state, "choose_client", str(theirs.id))
    assert (state.client.id, state.view.name) == ("", "")
    assert state.client.problem
    form = {"name": "Ann", "email": "a@example.com", "client_id": str(theirs.id)}
    assert await state._book(form) is None
    assert state.wrong.whole
    assert installed.services.bookings.rows(ann).items == ()


@pytest.mark.parametrize("kind", [AgentClientsState, AgentClientState, AgentClientImportState])
async def test_junk_changes_nothing_and_breaks_nothing(installed: Product, kind: type[Any]) -> None:
    ann = agent_of(installed, "Ann Delaney")
    client = add(installed, ann)
    before = str(installed.one("select * from clients where id = :id", id=client.id))
    state = page(installed, ann, kind, f"/agent/clients/{client.id}")
    await run(state, "open")
    skipped = {"setvar", "open", "erase", "book", "write_note", "save", "add", "add_document"}
    for name, handler in kind.event_handlers.items():
        if name in skipped or name.startswith("set_"):
            continue
        arguments = handler.fn.__code__.co_argcount - 1
        for junk in JUNK:
            await run(state, name, *[junk] * arguments)
    for name in {"write_note", "save", "add", "add_document"} & set(kind.event_handlers):
        for junk in JUNK:
            try:
                await run(state, name, junk)
            except EcosystemError as error:  # pragma: no cover - says which
                pytest.fail(f"{name}({junk!r}): {error}")
    assert str(installed.one("select * from clients where id = :id", id=client.id)) == before
