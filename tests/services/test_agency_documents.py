"""Files of agencies: sent, looked at, found, taken out, shared, forgotten; by nobody else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.agency_documents import document_key, quarantine_key, upload_key
from ecosystem.domain.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Unavailable
from ecosystem.services.agency_documents.checking import LEASE, LONGEST_SCAN, NEVER_SENT
from ecosystem.services.agency_documents.desk import MOST_UNFINISHED
from ecosystem.services.agency_documents.forms import (
    CodeForm,
    DocumentChange,
    ShareForm,
    UploadStart,
    file_name,
)
from ecosystem.services.agency_documents.sharing import MOST_SHARES, MOST_WRONG
from ecosystem.services.forms import parse
from ecosystem.services.ports import ScanAnswer
from tests.document_files import EICAR, JPEG, docx
from tests.product import Product
from tests.services.test_clients import add, agent_of, book_for

TEXT = b"Cover: EUR 30,000. Policy 77-10."


@pytest.fixture
def ann(product: Product) -> Actor:
    return agent_of(product, "Ann Delaney")


@pytest.fixture
def rival(product: Product) -> Actor:
    return agent_of(product, "Viktor Lindqvist")


def begin(product: Product, actor: Actor, name: str = "policy.txt", **more: Any) -> Any:
    form = parse(UploadStart, {"file_name": name, "size": 20, **more})
    return product.services.agency_documents.start(actor, form)


def send(
    product: Product, actor: Actor, content: bytes = TEXT, name: str = "policy.txt", **more: Any
) -> Any:
    """Everything a browser does, and what comes of it."""
    started = begin(product, actor, name, **more)
    product.files.post(product.files.forms[-1], content)
    return product.services.agency_documents.finish(actor, started.id)


def content_of(product: Product, actor: Actor, document_id: UUID) -> bytes:
    desk = product.services.agency_documents
    return b"".join(desk.read(desk.take(actor, document_id)))


def keys(product: Product, document_id: UUID) -> tuple[str, str, str]:
    row = product.one("select agency_id, secret from agency_documents where id = :i", i=document_id)
    return (
        upload_key(row.agency_id, row.secret),
        quarantine_key(row.agency_id, row.secret),
        document_key(row.agency_id, row.secret),
    )


def lines(product: Product, actor: Actor, document_id: UUID) -> list[str]:
    """What was done with a file, the first first."""
    done = product.services.agency_documents.history(actor, document_id)
    return [line.action for line in reversed(done)]


class Slow:
    """A scanner whose answer comes later."""

    def __init__(self) -> None:
        self.answer = ScanAnswer("waiting")
        self.asked: list[tuple[str, str]] = []

    def scan(self, key: str, content_type: str) -> ScanAnswer:
        self.asked.append((key, content_type))
        return self.answer


# --- sending ------------------------------------------------------------------------------


def test_a_file_is_sent_looked_at_and_taken_out(product: Product, ann: Actor) -> None:
    sent = send(product, ann, name="C:\\papers\\policy.pdf", kind="insurance")
    assert (sent.state, sent.name, sent.content_type) == ("clean", "policy.pdf", "text/plain")
    assert (sent.kind, sent.bytes, sent.uploaded_by) == ("insurance", len(TEXT), "Ann Delaney")
    product.work()
    uploaded, held, kept = keys(product, sent.id)
    assert {uploaded, held, kept} & set(product.files.objects) == {kept}
    desk = product.services.agency_documents
    assert desk.take(ann, sent.id).name == "policy.pdf.txt"
    assert content_of(product, ann, sent.id) == TEXT
    assert desk.finish(ann, sent.id).state == "clean"
    assert lines(product, ann, sent.id) == ["sent", "taken", "taken"]


def test_what_is_posted_after_the_look_changes_nothing(product: Product, ann: Actor) -> None:
    sent = send(product, ann)
    product.files.post(product.files.forms[-1], EICAR)
    product.services.agency_documents.finish(ann, sent.id)
    assert content_of(product, ann, sent.id) == TEXT
    product.work()
    assert keys(product, sent.id)[0] not in product.files.objects


def test_a_refused_file_says_why_and_is_gone(product: Product, ann: Actor) -> None:
    sent = send(product, ann, docx({"word/vbaProject.bin": b"x"}), "plan.docx")
    assert (sent.state, "macros" in sent.problem) == ("refused", True)
    product.work()
    assert not product.files.objects
    with pytest.raises(Conflict) as refusal:
        product.services.agency_documents.take(ann, sent.id)
    assert refusal.value.code == "not_clean"
    assert lines(product, ann, sent.id) == ["sent", "refused"]


def test_a_larger_file_than_the_form_allows_is_not_even_read(
    product: Product, ann: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product.files, "get", lambda _: pytest.fail("it was read"))
    sent = send(product, ann, bytes(20 * 1024 * 1024 + 1))
    assert (sent.state, "20.1 MB" in sent.problem) == ("refused", True)


def test_what_did_not_arrive_can_be_sent_again(product: Product, ann: Actor) -> None:
    started = begin(product, ann)
    with pytest.raises(Conflict) as refusal:
        product.services.agency_documents.finish(ann, started.id)
    assert refusal.value.code == "not_uploaded"
    product.files.post(product.files.forms[-1], TEXT)
    assert product.services.agency_documents.finish(ann, started.id).state == "clean"


@pytest.mark.parametrize("size", [0, 20 * 1024 * 1024 + 1])
def test_what_is_wrong_already_is_not_sent(product: Product, ann: Actor, size: int) -> None:
    with pytest.raises(Invalid):
        begin(product, ann, size=size)
    assert not product.files.forms


def test_an_agency_sends_so_many_at_once(product: Product, ann: Actor, rival: Actor) -> None:
    for _ in range(MOST_UNFINISHED):
        begin(product, ann)
    with pytest.raises(Conflict) as refusal:
        begin(product, ann)
    assert refusal.value.code == "too_many_documents"
    begin(product, rival)


def test_a_store_that_is_down_loses_nothing(
    product: Product, ann: Actor, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_: str) -> bytes:
        raise Unavailable("File storage does not answer.")

    monkeypatch.setattr(product.files, "get", down)
    sent = send(product, ann)
    assert sent.state == "scanning"
    checking = product.services.document_checking
    clock.move(seconds=LEASE.total_seconds() + 1)
    assert checking.step() == 1
    assert product.services.agency_documents.get(ann, sent.id).state == "scanning"
    monkeypatch.undo()
    assert checking.step() == 0, "somebody is at it"
    clock.move(seconds=LEASE.total_seconds() + 1)
    assert checking.step() == 1
    assert product.services.agency_documents.get(ann, sent.id).state == "clean"


def test_a_scanner_may_answer_later(product: Product, ann: Actor, clock: Any) -> None:
    slow = Slow()
    made = product.restarted(scanner=slow)
    clean, bad = send(made, ann), send(made, ann, JPEG, "scan.jpg")
    desk, checking = made.services.agency_documents, made.services.document_checking
    assert [clean.state, bad.state] == ["scanning", "scanning"]
    _uploaded, held, kept = keys(made, clean.id)
    assert held in made.files.objects
    assert kept not in made.files.objects
    with pytest.raises(Conflict):
        desk.take(ann, clean.id)
    with pytest.raises(Conflict):
        made.services.document_shares.make(ann, clean.id, ShareForm())
    clock.move(seconds=LEASE.total_seconds() + 1)
    slow.answer = ScanAnswer("clean")
    made.change("update agency_documents set looked_at = :n where id = :i",
                i=bad.id, n=clock.now())  # fmt: skip
    assert checking.step() == 1
    assert desk.get(ann, clean.id).state == "clean"
    clock.move(seconds=LEASE.total_seconds() + 1)
    slow.answer = ScanAnswer("refused", "A virus was found in it.")
    assert checking.step() == 1
    assert desk.get(ann, bad.id).problem == "A virus was found in it."
    made.work()
    assert {key for key in made.files.objects if "documents/" in key} == {kept}


def test_a_scanner_that_never_answers_is_not_waited_for(
    product: Product, ann: Actor, clock: Any
) -> None:
    made = product.restarted(scanner=Slow())
    sent = send(made, ann)
    clock.move(seconds=LONGEST_SCAN.total_seconds() + 1)
    made.services.document_checking.step()
    assert made.services.agency_documents.get(ann, sent.id).state == "refused"


def test_what_nobody_finished_is_forgotten(product: Product, ann: Actor, clock: Any) -> None:
    begin(product, ann)
    product.files.post(product.files.forms[-1], TEXT)
    refused = send(product, ann, b"MZ")
    kept = send(product, ann)
    clock.move(seconds=NEVER_SENT.total_seconds() + 1)
    product.services.document_checking.step()
    clock.move(seconds=8 * 24 * 3600)
    product.services.document_checking.step()
    product.work()
    assert product.one("select count(*) from agency_documents").count == 1
    assert set(product.files.objects) == {keys(product, kept.id)[2]}
    with pytest.raises(NotFound):
        product.services.agency_documents.get(ann, refused.id)


def test_a_file_forgotten_while_it_is_looked_at_leaves_nothing(
    product: Product, ann: Actor
) -> None:
    class Removes(Slow):
        def scan(self, key: str, content_type: str) -> ScanAnswer:
            made.services.agency_documents.remove(ann, started.id)
            return ScanAnswer("clean")

    made = product.restarted(scanner=Removes())
    started = begin(made, ann)
    made.files.post(made.files.forms[-1], TEXT)
    with pytest.raises(NotFound):
        made.services.agency_documents.finish(ann, started.id)
    made.work()
    assert not made.files.objects


# --- finding, putting right, forgetting ---------------------------------------------------


def test_files_are_found_by_whom_and_what(product: Product, ann: Actor) -> None:
    client = add(product, ann, "Zofia Nowak")
    booking = book_for(product, ann, client.id)
    passport = send(product, ann, name="scan.txt", kind="passport", client_id=client.id)
    ticket = send(product, ann, name="Bahnfahrt Łódź.txt", kind="ticket", booking=booking.reference)
    own = send(product, ann, name="terms.txt", kind="contract")
    desk = product.services.agency_documents

    def found(**asked: Any) -> list[UUID]:
        return [row.id for row in desk.find(ann, **asked).items]

    assert found() == [own.id, ticket.id, passport.id]
    assert found(words="lodz") == [ticket.id]
    assert found(words="zofia") == [ticket.id, passport.id]
    assert found(words=booking.reference) == [ticket.id]
    assert found(words="%") == found(words="_") == []
    assert found(kind="contract") == [own.id]
    assert found(client_id=client.id) == [ticket.id, passport.id]
    assert found(booking=booking.reference) == [ticket.id]
    first = desk.find(ann, limit=2)
    assert [row.id for row in first.items] == [own.id, ticket.id]
    assert first.next is not None
    assert found(cursor=first.next) == [passport.id]
    assert (ticket.client, ticket.booking) == ("Zofia Nowak", booking.reference)
    with pytest.raises(Invalid):
        desk.find(ann, kind="secret")
    with pytest.raises(Invalid):
        desk.find(ann, cursor="x")


def test_a_file_is_put_right(product: Product, ann: Actor) -> None:
    client = add(product, ann)
    sent = send(product, ann)
    desk = product.services.agency_documents
    form = {"name": "../visa.txt", "kind": "visa", "client_id": client.id}
    changed = desk.change(ann, sent.id, parse(DocumentChange, form))
    assert (changed.name, changed.kind, changed.client_id) == ("visa.txt", "visa", client.id)
    changed = desk.change(ann, sent.id, parse(DocumentChange, {"client_id": None}))
    assert (changed.name, changed.client_id) == ("visa.txt", None)
    assert lines(product, ann, sent.id) == ["sent", "changed", "changed"]


def test_removing_a_file_removes_it(product: Product, ann: Actor) -> None:
    sent = send(product, ann)
    link = product.services.document_shares.make(ann, sent.id, ShareForm())
    product.services.agency_documents.remove(ann, sent.id)
    product.work()
    assert not product.files.objects
    with pytest.raises(NotFound):
        product.services.document_shares.open(GUEST, link.token)
    with pytest.raises(NotFound):
        product.services.agency_documents.history(ann, sent.id)


def test_another_agencys_files_do_not_exist(product: Product, ann: Actor, rival: Actor) -> None:
    client = add(product, ann)
    booking = book_for(product, ann, client.id)
    sent = send(product, ann, client_id=client.id)
    link = product.services.document_shares.make(ann, sent.id, ShareForm())
    desk, shares = product.services.agency_documents, product.services.document_shares
    attempts: list[Callable[[], Any]] = [
        lambda: desk.get(rival, sent.id),
        lambda: desk.finish(rival, sent.id),
        lambda: desk.take(rival, sent.id),
        lambda: desk.change(rival, sent.id, parse(DocumentChange, {"name": "mine.txt"})),
        lambda: desk.remove(rival, sent.id),
        lambda: desk.history(rival, sent.id),
        lambda: desk.find(rival, client_id=client.id),
        lambda: desk.find(rival, booking=booking.reference),
        lambda: begin(product, rival, client_id=client.id),
        lambda: begin(product, rival, booking=booking.reference),
        lambda: shares.of(rival, sent.id),
        lambda: shares.make(rival, sent.id, ShareForm()),
        lambda: shares.revoke(rival, sent.id, link.view.id),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert desk.find(rival).items == ()
    assert desk.get(ann, sent.id).state == "clean"
    mine = send(product, rival)
    with pytest.raises(NotFound):
        shares.revoke(rival, mine.id, link.view.id)
    assert shares.open(GUEST, link.token).name == "policy.txt"


def test_assistants_keep_files_and_others_none(product: Product, ann: Actor) -> None:
    sam = agent_of(product, "Sam Assist", "assistant", ann.agency_id)
    sent = send(product, sam)
    assert content_of(product, sam, sent.id) == TEXT
    for other in (GUEST, Actor(role="provider", source="supabase", operator_id=uuid4())):
        with pytest.raises(Forbidden):
            product.services.agency_documents.find(other)


def test_a_client_takes_her_files_with_her(product: Product, ann: Actor) -> None:
    kept, twin = add(product, ann, "Zofia Nowak"), add(product, ann, "Z Nowak")
    booking = book_for(product, ann, twin.id, starts_in=3)
    own = send(product, ann, client_id=twin.id)
    ticket = send(product, ann, kind="ticket", booking=booking.reference)
    other = send(product, ann, name="terms.txt")
    desk, merging = product.services.agency_documents, product.services.client_merging

    def files(client_id: UUID) -> set[UUID]:
        return {row.id for row in desk.find(ann, client_id=client_id).items}

    merge = merging.merge(ann, kept.id, twin.id)
    assert files(kept.id) == {own.id, ticket.id}
    merging.undo(ann, merge)
    assert (files(kept.id), files(twin.id)) == (set(), {own.id, ticket.id})
    exported = product.services.client_rights.export(ann, twin.id)["files"]
    assert [row["id"] for row in exported] == [str(ticket.id), str(own.id)]
    link = product.services.document_shares.make(ann, ticket.id, ShareForm())
    merging.merge(ann, kept.id, twin.id)
    product.change("update bookings set status = 'cancelled'")
    product.services.client_rights.erase(ann, kept.id)
    product.work()
    assert set(product.files.objects) == {keys(product, other.id)[2]}
    assert [row.id for row in desk.find(ann).items] == [other.id]
    with pytest.raises(NotFound):
        product.services.document_shares.open(GUEST, link.token)


# --- links --------------------------------------------------------------------------------


def test_a_link_opens_a_file_for_a_time(product: Product, ann: Actor, clock: Any) -> None:
    sent = send(product, ann)
    shares = product.services.document_shares
    made = shares.make(ann, sent.id, parse(ShareForm, {"days": 2, "recipient": "The consulate"}))
    seen = shares.open(GUEST, made.token)
    assert (seen.name, seen.bytes, seen.asks_code) == ("policy.txt", len(TEXT), False)
    file = shares.take(GUEST, made.token)
    assert b"".join(product.services.agency_documents.read(file)) == TEXT
    (view,) = shares.of(ann, sent.id)
    assert (view.state, view.opened, view.taken) == ("open", 1, 1)
    assert product.services.agency_documents.get(ann, sent.id).shares == 1
    assert lines(product, ann, sent.id) == ["sent", "shared", "link_opened", "link_taken"]
    assert made.token not in str(product.one("select * from document_shares"))
    clock.move(seconds=2 * 24 * 3600)
    for attempt in (shares.open, shares.take):
        with pytest.raises(Gone):
            attempt(GUEST, made.token)
    assert shares.of(ann, sent.id)[0].state == "expired"
    for token in ("", "x", "\ud800", made.token + "a"):
        with pytest.raises(NotFound):
            shares.open(GUEST, token)


def test_a_link_is_taken_back_at_once(product: Product, ann: Actor) -> None:
    sent = send(product, ann)
    shares = product.services.document_shares
    made, other = (shares.make(ann, sent.id, ShareForm()) for _ in range(2))
    shares.revoke(ann, sent.id, made.view.id)
    shares.revoke(ann, sent.id, made.view.id)
    with pytest.raises(Gone):
        shares.take(GUEST, made.token)
    assert shares.open(GUEST, other.token).name == "policy.txt"
    with pytest.raises(NotFound):
        shares.revoke(ann, sent.id, uuid4())


def test_a_code_word_stands_before_the_file(product: Product, ann: Actor, clock: Any) -> None:
    sent = send(product, ann)
    shares = product.services.document_shares
    made = shares.make(ann, sent.id, parse(ShareForm, {"code": "Blue Heron"}))
    seen = shares.open(GUEST, made.token)
    assert (seen.asks_code, seen.name, seen.bytes, seen.pass_key) == (True, "", 0, "")
    for wrong in ("", "x", seen.pass_key):
        with pytest.raises(Forbidden):
            shares.take(GUEST, made.token, wrong)
    with pytest.raises(Invalid):
        shares.unlock(GUEST, made.token, CodeForm(code="green heron"))
    opened = shares.unlock(GUEST, made.token, CodeForm(code=" blue HERON "))
    assert opened.name == "policy.txt"
    assert shares.take(GUEST, made.token, opened.pass_key).bytes == len(TEXT)
    other = shares.make(ann, sent.id, parse(ShareForm, {"code": "Blue Heron"}))
    with pytest.raises(Forbidden):
        shares.take(GUEST, other.token, opened.pass_key)
    clock.move(seconds=601)
    with pytest.raises(Forbidden):
        shares.take(GUEST, made.token, opened.pass_key)
    with pytest.raises(Invalid):
        shares.make(ann, sent.id, parse(ShareForm, {"code": "abc"}))


def test_guessing_code_words_ends_the_link(product: Product, ann: Actor) -> None:
    sent = send(product, ann)
    shares = product.services.document_shares
    made = shares.make(ann, sent.id, parse(ShareForm, {"code": "Blue Heron"}))
    for turn in range(MOST_WRONG):
        with pytest.raises(Invalid):
            shares.unlock(GUEST, made.token, CodeForm(code=f"guess {turn}"))
    with pytest.raises(Gone):
        shares.unlock(GUEST, made.token, CodeForm(code="Blue Heron"))
    assert shares.of(ann, sent.id)[0].state == "locked"
    assert lines(product, ann, sent.id).count("wrong_code") == MOST_WRONG


def test_a_file_has_so_many_open_links(product: Product, ann: Actor) -> None:
    sent = send(product, ann)
    shares = product.services.document_shares
    first, *_ = (shares.make(ann, sent.id, ShareForm()) for _ in range(MOST_SHARES))
    with pytest.raises(Conflict) as refusal:
        shares.make(ann, sent.id, ShareForm())
    assert refusal.value.code == "too_many_shares"
    shares.revoke(ann, sent.id, first.view.id)
    shares.make(ann, sent.id, ShareForm())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\Visum – Łódź.pdf", "Visum – Łódź.pdf"),
        ("report\u202efdp.exe", "reportfdp.exe"),
        ('a"<b>|?*:.txt', "a__b_____.txt"),
        (" .. ", "document"),
        ("\x00\n", "document"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
    ],
    ids=["path", "windows", "turned", "marks", "dots", "controls", "long"],
)
def test_names_are_made_harmless(typed: str, kept: str) -> None:
    assert file_name(typed) == kept
