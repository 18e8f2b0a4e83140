"""Clients of an agency: kept, found, masked, merged and taken apart, imported, erased."""

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.tables import Agency, Quote, QuoteComment, TravelAgent
from ecosystem.domain.actor import Actor
from ecosystem.domain.clients import fitness, last_four
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.clients.forms import ClientChange, ClientForm, DocumentForm, NoteForm
from ecosystem.services.clients.merging import combined, restored
from ecosystem.services.clients.sheets import COLUMNS, SheetForm
from ecosystem.services.forms import BookingForm, parse
from tests.product import GUEST, Product


def agent_of(product: Product, name: str, role: str = "agent", agency: UUID | None = None) -> Actor:
    """A person of an agency, new unless one is named."""
    key = uuid7()
    with product.database.unit(RDS) as session:
        if agency is None:
            row = Agency(slug=key.hex, name=name, country="IE", currency="EUR")
            session.add(row)
            session.flush()
            agency = row.id
        email = f"{key.hex[-8:]}@example.com"
        session.add(TravelAgent(id=key, agency_id=agency, email=email, full_name=name, role=role))
    return Actor(
        role="agent",
        source="cognito",
        user_id=key,
        agency_id=agency,
        agency_role=role,  # type: ignore[arg-type]
        name=name,
        email=email,
    )


@pytest.fixture
def ann(product: Product) -> Actor:
    return agent_of(product, "Ann Delaney")


@pytest.fixture
def rival(product: Product) -> Actor:
    return agent_of(product, "Viktor Lindqvist")


def add(product: Product, actor: Actor, name: str = "Zofia Łódź", **more: Any) -> Any:
    return product.services.clients.add(actor, parse(ClientForm, {"name": name, **more}))


def book_for(product: Product, actor: Actor, client_id: UUID, *, starts_in: int = 120) -> Any:
    hold = product.hold(product.offer(starts_in=starts_in), actor=actor)
    form = {
        "hold_id": hold.id,
        "lead": {"name": "Zofia Nowak", "email": "zofia@example.com", "phone": "+48 22 555 0100"},
        "travellers": [{"name": "Zofia Nowak", "birth_date": "1984-02-03"}],
        "client_id": client_id,
    }
    return product.services.bookings.create(actor, BookingForm.model_validate(form))


def propose(product: Product, actor: Actor, client_id: UUID) -> UUID:
    """A proposal that was sent to a client and answered by her."""
    day = product.clock.now().date()
    assert actor.agency_id is not None
    assert actor.user_id is not None
    quote = Quote(
        agency_id=actor.agency_id, agent_id=actor.user_id, client_id=client_id,
        number=f"P-{uuid7().hex[-6:]}", token=uuid7().hex, title="Two weeks south",
        status="sent", valid_until=day,
    )  # fmt: skip
    with product.database.unit(RDS) as session:
        session.add(quote)
        session.flush()
        session.add(QuoteComment(quote_id=quote.id, by_client=True, name="Zofia", body="No nuts"))
    return quote.id


def audited(product: Product, action: str) -> list[Any]:
    with product.database.unit(RDS) as session:
        rows = session.execute(
            text("select * from audit_log where action = :a order by id"), {"a": action}
        )
        return list(rows.all())


# --- keeping and finding ------------------------------------------------------------------


def test_a_client_is_found_as_one_types(product: Product, ann: Actor) -> None:
    clients = product.services.clients
    made = add(product, ann, email="z.lodz@example.com", phone="+48 22 555-01 00", tags=["VIP"])
    add(product, ann, "Omar Haddad")

    def names(words: str, **more: Any) -> list[str]:
        return [row.name for row in clients.find(ann, words=words, **more).items]

    for words in ("lodz", "ŁÓDŹ zof", "z.lodz@", "5550", "+48225550100", "vip"):
        assert names(words) == [made.name], words
    assert names("nobody") == []
    assert names("%") == names("_") == []
    assert names("") == ["Omar Haddad", made.name]
    assert names("", tag="VIP") == [made.name]
    assert made.agent == "Ann Delaney"


def test_the_list_is_paged_by_name_and_counts_all(product: Product, ann: Actor) -> None:
    for name in ("Cem", "Ana", "Bea", "Ana", "Dot"):
        add(product, ann, f"{name} Marsh")
    found: list[str] = []
    cursor = ""
    while True:
        page = product.services.clients.find(ann, limit=2, cursor=cursor)
        assert page.total == 5
        found += [row.name.split()[0] for row in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert found == ["Ana", "Ana", "Bea", "Cem", "Dot"]
    with pytest.raises(Invalid):
        product.services.clients.find(ann, cursor="nonsense")


def test_a_change_keeps_what_is_left_out_and_never_overwrites_anothers(
    product: Product, ann: Actor
) -> None:
    clients = product.services.clients
    made = add(product, ann, email="z@example.com", household="Łódź family", consent=True)
    form = parse(ClientChange, {"version": made.version, "phone": "+48 22 555 0100"})

    after = clients.change(ann, made.id, form)

    assert (after.email, after.phone) == ("z@example.com", "+48 22 555 0100")
    assert after.household == "Łódź family"
    assert after.consent_at == made.consent_at
    assert made.consent_at is not None
    with pytest.raises(Conflict) as refused:
        clients.change(ann, made.id, form)
    assert refused.value.code == "edited_elsewhere"
    same = clients.change(ann, made.id, parse(ClientChange, {"version": after.version}))
    assert same.version == after.version
    assert [row.data["fields"] for row in audited(product, "client.changed")] == [["phone"]]


def test_people_of_one_household_know_each_other(product: Product, ann: Actor) -> None:
    one = add(product, ann, "Jan Nowak", household="Nowak, Kraków", birth_date="1980-01-01")
    two = add(product, ann, "Ida Nowak", household="  nowak,  krakow ")
    add(product, ann, "Jan Novák", household="Novák")

    view = product.services.clients.get(ann, two.id)

    assert [other.id for other in view.relatives] == [one.id]
    assert view.household == "Nowak, Kraków"
    found = product.services.clients.find(ann, household="Nowak, Kraków")
    assert {row.id for row in found.items} == {one.id, two.id}


def test_junk_is_refused_at_its_field(product: Product, ann: Actor) -> None:
    tomorrow = (product.clock.now() + timedelta(days=2)).date().isoformat()
    for field, value in (
        ("name", "<script>"),
        ("email", "nobody"),
        ("phone", "call me"),
        ("country", "XX"),
        ("nationality", "Germany"),
        ("language", "klingon"),
        ("birth_date", tomorrow),
        ("birth_date", 631152000),
        ("birth_date", "1800-01-01"),
        ("tags", ["x" * 41]),
        ("tags", [f"t{n}" for n in range(21)]),
        ("notes", "a\x00b"),
        ("agent_id", str(uuid7())),
    ):
        with pytest.raises(Invalid) as refused:
            add(product, ann, **{"name": "Jan Nowak", field: value})
        assert refused.value.fields[0].field.startswith(field), (field, value)
    with pytest.raises(Invalid):
        add(product, ann, surprise="x")


# --- documents ----------------------------------------------------------------------------


def test_a_number_is_sealed_masked_and_every_look_is_written_down(
    product: Product, ann: Actor
) -> None:
    documents, client = product.services.client_documents, add(product, ann)
    form = parse(DocumentForm, {"number": "x99 1234567", "expires_on": "2031-05-01"})

    kept = documents.add(ann, client.id, form)

    assert kept.last_four == "4567"
    row = product.one("select * from identity_documents")
    assert "1234567" not in str(row)
    assert audited(product, "client.document_shown") == []
    assert documents.reveal(ann, client.id, kept.id) == "X991234567"
    assert documents.reveal(ann, client.id, kept.id) == "X991234567"
    looks = audited(product, "client.document_shown")
    assert [look.actor_email for look in looks] == [ann.email, ann.email]
    assert "1234567" not in str(audited(product, "client.document_added"))


def test_a_sealed_number_opens_in_its_own_row_only(product: Product, ann: Actor) -> None:
    documents, client = product.services.client_documents, add(product, ann)
    one = documents.add(ann, client.id, parse(DocumentForm, {"number": "AAAA11111"}))
    documents.add(ann, client.id, parse(DocumentForm, {"number": "BBBB22222"}))
    product.change(
        "update identity_documents set number_sealed ="
        " (select number_sealed from identity_documents where last_four = '2222')"
    )
    with pytest.raises(Exception, match="can't be read"):
        documents.reveal(ann, client.id, one.id)


def test_short_numbers_show_nothing_of_themselves() -> None:
    assert last_four("AB12345") == ""
    assert last_four("AB123456") == "3456"


@pytest.mark.parametrize(
    ("expires", "last_day", "said"),
    [
        ("2027-01-01", None, "fits"),
        ("2026-07-01", None, "short"),
        ("2026-04-30", None, "expires"),
        ("2026-07-10", "2026-07-11", "expires"),
        ("2026-07-11", "2026-07-11", "short"),
        ("2027-01-10", "2026-07-11", "fits"),
        (None, "2026-07-11", ""),
    ],
)
def test_whether_a_passport_is_good_for_a_trip(
    expires: str | None, last_day: str | None, said: str
) -> None:
    day = date.fromisoformat
    end = day(expires) if expires else None
    assert fitness(end, day(last_day) if last_day else None, day("2026-05-01")) == said


# --- merging ------------------------------------------------------------------------------


def test_duplicates_are_found_and_families_are_none(product: Product, ann: Actor) -> None:
    one = add(product, ann, "Maja Berg", email="m@example.com", birth_date="1990-04-23")
    two = add(product, ann, "MAJA BERG", birth_date="1990-04-23", phone="0046 8 465 00 42")
    three = add(product, ann, "M. Berg", phone="+46 8 4650042")
    add(product, ann, "Jan Berg", email="b@example.com", household="Berg")
    add(product, ann, "Ida Berg", email="b@example.com", household="Berg")
    add(product, ann, "Per Dahl", phone="+46 8 465 99 99", birth_date="1980-01-01")
    add(product, ann, "Per Dahl junior", phone="+46 8 465 99 99", birth_date="2010-01-01")

    found = product.services.client_merging.duplicates(ann)

    pairs = {(frozenset((p.first.id, p.second.id)), p.alike) for p in found}
    assert pairs == {
        (frozenset((one.id, two.id)), "name"),
        (frozenset((two.id, three.id)), "phone"),
    }
    assert {p.second.id for p in product.services.clients.get(ann, two.id).duplicates} == {
        one.id,
        three.id,
    }

    # An address that many have is their agency's own: a thousand of them would be half a million pairs.
    office = [add(product, ann, f"Guest {n}", email="office@example.com") for n in range(11)]
    assert product.services.client_merging.duplicates(ann) == found
    assert product.services.clients.get(ann, office[0].id).duplicates == ()
    product.services.client_rights.erase(ann, office[0].id)
    assert product.services.clients.get(ann, office[1].id).duplicates != ()


def test_a_merge_takes_everything_along_and_can_be_taken_back(product: Product, ann: Actor) -> None:
    services = product.services
    kept = add(product, ann, "Maja Berg", email="m@example.com", tags=["VIP"])
    gone = add(product, ann, "M Berg", phone="+46 8 465", tags=["vip", "Rail"], notes="Vegan")
    book_for(product, ann, gone.id)
    services.clients.note(ann, gone.id, parse(NoteForm, {"body": "Prefers the aisle"}))
    services.client_documents.add(ann, gone.id, parse(DocumentForm, {"number": "AB1234567"}))

    propose(product, ann, gone.id)

    merge = services.client_merging.merge(ann, kept.id, gone.id)

    after = services.clients.get(ann, gone.id)
    assert (after.id, after.phone, after.notes) == (kept.id, "+46 8 465", "Vegan")
    assert (after.email, after.tags) == ("m@example.com", ("VIP", "Rail"))
    assert len(after.documents) == 1
    assert after.merged[0].id == merge
    kinds = {item.kind for item in services.clients.timeline(ann, kept.id)}
    assert {"booking", "quote", "note", "merge", "document"} <= kinds
    assert services.clients.find(ann).total == 1

    changed = parse(ClientChange, {"version": after.version, "notes": "Vegetarian"})
    services.clients.change(ann, kept.id, changed)
    assert services.client_merging.undo(ann, merge) == gone.id

    first, second = services.clients.get(ann, kept.id), services.clients.get(ann, gone.id)
    assert (first.phone, first.tags, first.notes) == ("", ("VIP",), "Vegetarian")
    assert (second.phone, second.notes) == ("+46 8 465", "Vegan")
    assert (len(first.documents), len(second.documents)) == (0, 1)
    for table in ("bookings", "quotes"):
        assert product.one(f"select client_id from {table}").client_id == gone.id
    assert services.client_merging.duplicates(ann) == ()
    with pytest.raises(Conflict) as refused:
        services.client_merging.undo(ann, merge)
    assert refused.value.code == "merge_undone"


def test_a_merged_client_is_booked_and_merged_no_more(product: Product, ann: Actor) -> None:
    merging = product.services.client_merging
    kept, gone = add(product, ann, "Maja Berg"), add(product, ann, "M Berg")
    merging.merge(ann, kept.id, gone.id)
    for act in (
        lambda: merging.merge(ann, kept.id, gone.id),
        lambda: merging.merge(ann, gone.id, kept.id),
        lambda: book_for(product, ann, gone.id),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Invalid):
        merging.merge(ann, kept.id, kept.id)


def test_consent_is_never_made_of_two_peoples() -> None:
    empty: dict[str, Any] = dict.fromkeys(
        ("full_name", "email", "phone", "country", "birth_date", "nationality", "address",
         "language", "preferences", "notes", "agent_id", "household_id", "consent_at",
         "consent_source"), "",
    )  # fmt: skip
    empty["tags"] = []
    kept = empty | {"consent_at": "2026-01-01"}
    other = empty | {"consent_at": "2025-01-01", "consent_source": "fair"}
    assert combined(kept, other)["consent_source"] == ""
    assert combined(empty, other)["consent_source"] == "fair"
    assert restored({"phone": "2"}, {"phone": ["", "1"]}) == {}
    assert restored({"phone": "1"}, {"phone": ["", "1"]}) == {"phone": ""}


# --- files --------------------------------------------------------------------------------


def send(product: Product, actor: Actor, content: str) -> UUID:
    form = parse(SheetForm, {"file_name": "clients.csv", "size": len(content) or 1})
    sent = product.services.client_sheets.send(actor, form)
    product.files.post(sent.form, content.encode())
    return sent.id


def test_a_file_is_looked_at_row_by_row_before_anything_happens(
    product: Product, ann: Actor
) -> None:
    sheets = product.services.client_sheets
    known = add(product, ann, "Maja Berg", email="m@example.com")
    add(product, ann, "Jan Nowak", email="jan@example.com", phone="+48 22 555 0100")
    sheet = send(
        product,
        ann,
        "name,email,phone,birth_date,tags,household\r\n"
        "maja berg,m@example.com,+46 8 465 0042,1990-04-23,Rail;Sea,Berg\r\n"
        "Ida Nowak,jan@example.com,,,,Nowak\r\n"
        "Jan Nowak,JAN@example.com,,,,\r\n"
        "Ida Nowak,jan@example.com,,,,\r\n"
        "Per Dahl,nobody,,yesterday,,\r\n",
    )

    report = sheets.look(ann, sheet)

    assert [(row.row, row.outcome) for row in report.rows] == [
        (2, "change"),
        (3, "create"),
        (4, "same"),
        (5, "wrong"),
        (6, "wrong"),
    ]
    assert report.rows[1].messages[0].message == "Jan Nowak has the same."
    assert {m.field for m in report.rows[4].messages} == {"email", "birth_date"}
    assert product.services.clients.find(ann).total == 2

    done = sheets.run(ann, sheet)

    assert done.rows == report.rows
    assert product.services.clients.find(ann).total == 3
    after = product.services.clients.get(ann, known.id)
    assert (after.phone, after.tags, after.household) == ("+46 8 465 0042", ("Rail", "Sea"), "Berg")
    with pytest.raises(NotFound):
        sheets.run(ann, sheet)


def test_a_run_that_was_killed_after_its_commit_changes_nothing_again(
    product: Product, ann: Actor
) -> None:
    sheet = send(product, ann, "name\r\nMaja Berg\r\nJan Nowak\r\n")
    kept = dict(product.files.objects)
    product.services.client_sheets.run(ann, sheet)
    product.files.objects.update(kept)  # the process died before it removed the file
    product.services.client_sheets.run(ann, sheet)
    assert product.services.clients.find(ann).total == 2


def test_what_is_written_reads_back_as_the_same(product: Product, ann: Actor) -> None:
    add(
        product, ann, "O'Brien =SUM(A1)", email="o@example.com", phone="+353 20 911 1200",
        country="IE", birth_date="1970-12-31", nationality="GB", address="1 Main St\nCork",
        language="en", preferences="-aisle", notes="@home\nsecond line", tags=["=x", "Rail, sea"],
        household="'=O'Brien", consent=True, consent_source="+form",
    )  # fmt: skip
    written = product.services.client_sheets.write(ann)

    cells = next(csv.DictReader(io.StringIO(written)))
    assert tuple(cells) == COLUMNS
    for name in ("preferences", "notes", "tags", "household", "consent_source", "phone"):
        assert cells[name].startswith("'"), name
    report = product.services.client_sheets.look(ann, send(product, ann, written))
    assert [row.outcome for row in report.rows] == ["same"]


@pytest.mark.parametrize(
    "content",
    ["", "name\r\n", "surname\r\nBerg\r\n", "email\r\nx@example.com\r\n", "name\r\n\xff\x00\r\n"],
    ids=["empty", "no_rows", "unknown_column", "no_name", "binary"],
)
def test_what_is_no_such_file_is_refused(product: Product, ann: Actor, content: str) -> None:
    with pytest.raises(Invalid) as refused:
        product.services.client_sheets.look(ann, send(product, ann, content))
    assert refused.value.code == "unreadable_file"


# --- rights -------------------------------------------------------------------------------


def test_erasing_keeps_what_the_books_need_and_says_why(product: Product, ann: Actor) -> None:
    services = product.services
    kept = add(product, ann, "Zofia Nowak", email="zofia@example.com", household="Nowak")
    twin = add(product, ann, "Z Nowak", phone="+48 22 555 0100")
    services.client_documents.add(ann, kept.id, parse(DocumentForm, {"number": "AB1234567"}))
    services.clients.note(ann, twin.id, parse(NoteForm, {"body": "Allergic to nuts"}))
    booking = book_for(product, ann, twin.id)
    propose(product, ann, twin.id)
    services.client_merging.merge(ann, kept.id, twin.id)
    with pytest.raises(Conflict) as refused:
        services.client_rights.erase(ann, kept.id)
    assert refused.value.code == "client_travels"
    product.change("update bookings set status = 'completed', ends_on = '2020-01-01'")

    told = services.client_rights.erase(ann, kept.id)

    assert "1 booking" in told.kept[0].what
    with pytest.raises(NotFound):
        services.clients.get(ann, kept.id)
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    assert (row.lead_name, row.lead_phone) == ("Zofia Nowak", "")
    assert row.travellers == [{"name": "Zofia Nowak", "kind": "adult"}]
    with product.database.unit(RDS) as session:
        for table in ("clients", "identity_documents", "client_notes", "client_merges",
                      "households", "quotes", "quote_comments"):  # fmt: skip
            left = str(session.execute(text(f"select * from {table}")).all())
            for trace in ("zofia", "Zofia", "Nowak", "555 0100", "1234567", "nuts"):
                assert trace not in left, (table, trace)
        log = str(session.execute(text("select data from audit_log")).all())
        assert "ofia" not in log
        assert "nuts" not in log


def test_everything_kept_is_given_out_and_written_down(product: Product, ann: Actor) -> None:
    services = product.services
    client = add(product, ann, "Zofia Nowak", email="zofia@example.com")
    services.client_documents.add(ann, client.id, parse(DocumentForm, {"number": "AB1234567"}))
    booking = book_for(product, ann, client.id)

    given = services.client_rights.export(ann, client.id)

    assert given["client"]["full_name"] == "Zofia Nowak"
    assert given["documents"][0]["number"] == "AB1234567"
    assert given["bookings"][0]["reference"] == booking.reference
    assert "commission" not in str(given)
    assert len(audited(product, "client.exported")) == 1


# --- whose they are -----------------------------------------------------------------------


@pytest.fixture
def foreign(product: Product, rival: Actor) -> tuple[UUID, UUID, UUID, UUID]:
    """A client of the rival's with a document, a note and a merge."""
    services = product.services
    theirs, other = add(product, rival, "Rival Client"), add(product, rival, "Other")
    document = services.client_documents.add(
        rival, theirs.id, parse(DocumentForm, {"number": "AB1234567"})
    )
    note = services.clients.note(rival, theirs.id, parse(NoteForm, {"body": "Secret"}))
    merge = services.client_merging.merge(rival, theirs.id, other.id)
    return theirs.id, document.id, note, merge


def test_another_agency_finds_nothing(
    product: Product, ann: Actor, foreign: tuple[UUID, UUID, UUID, UUID], rival: Actor
) -> None:
    theirs, document, note, merge = foreign
    services, mine = product.services, add(product, ann)
    before = str(product.one("select * from clients where id = :id", id=theirs))
    sheet = send(product, rival, "name\r\nTheir Client\r\n")
    change = parse(ClientChange, {"version": 1, "name": "Mine now"})
    calls: list[Any] = [
        lambda: services.clients.get(ann, theirs),
        lambda: services.clients.change(ann, theirs, change),
        lambda: services.clients.timeline(ann, theirs),
        lambda: services.clients.note(ann, theirs, parse(NoteForm, {"body": "x"})),
        lambda: services.clients.remove_note(ann, theirs, note),
        lambda: services.clients.remove_note(ann, mine.id, note),
        lambda: services.client_documents.reveal(ann, theirs, document),
        lambda: services.client_documents.reveal(ann, mine.id, document),
        lambda: services.client_documents.remove(ann, mine.id, document),
        lambda: services.client_documents.add(
            ann, theirs, parse(DocumentForm, {"number": "AB1234567"})
        ),
        lambda: services.client_merging.merge(ann, mine.id, theirs),
        lambda: services.client_merging.merge(ann, theirs, mine.id),
        lambda: services.client_merging.undo(ann, merge),
        lambda: services.client_rights.export(ann, theirs),
        lambda: services.client_rights.erase(ann, theirs),
        lambda: services.client_sheets.look(ann, sheet),
        lambda: services.client_sheets.run(ann, sheet),
        lambda: book_for(product, ann, theirs),
    ]
    for act in calls:
        with pytest.raises(NotFound):
            act()
    assert services.clients.find(ann, words="rival").items == ()
    assert "Rival" not in services.client_sheets.write(ann)
    assert services.clients.choices(ann) == ([], [])
    wrong = services.client_sheets.look(ann, send(product, ann, f"id,name\r\n{theirs},x y\r\n"))
    assert wrong.rows[0].outcome == "wrong"
    with pytest.raises(Invalid):
        add(product, ann, agent_id=str(rival.user_id))
    assert str(product.one("select * from clients where id = :id", id=theirs)) == before


def test_whoever_is_no_agent_is_refused(product: Product, ann: Actor) -> None:
    client = add(product, ann)
    for actor in (GUEST, Actor(role="customer", source="cognito", user_id=uuid7()),
                  Actor(role="ops", source="cognito", user_id=uuid7())):  # fmt: skip
        with pytest.raises(Forbidden):
            product.services.clients.get(actor, client.id)
        with pytest.raises(Forbidden):
            product.services.clients.find(actor)


def test_an_assistant_keeps_clients_and_takes_none_away(product: Product, ann: Actor) -> None:
    assistant = agent_of(product, "Noel Pryce", "assistant", ann.agency_id)
    services = product.services
    client = add(product, assistant)
    assert services.clients.get(assistant, client.id).agent == "Noel Pryce"
    other = add(product, assistant, "Somebody Else")
    for act in (
        lambda: services.client_rights.erase(assistant, client.id),
        lambda: services.client_rights.export(assistant, client.id),
        lambda: services.client_sheets.write(assistant),
        lambda: services.client_merging.merge(assistant, client.id, other.id),
    ):
        with pytest.raises(Forbidden):
            act()
