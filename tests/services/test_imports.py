"""Files of packages and departures: looked at first, carried out whole or not, twice is once."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy import text as sql

from ecosystem.database.placement import PACKAGES
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from ecosystem.domain.ids import uuid7
from ecosystem.services.forms import parse
from ecosystem.services.imports import FileForm, ImportView, ReportLine
from ecosystem.services.imports.command import import_file
from ecosystem.services.imports.judging import Subject, Verdict
from ecosystem.services.imports.reading import MOST_BYTES, read
from ecosystem.services.package_pictures.desk import PictureStart
from tests.product import GUEST, Offer, Product
from tests.services.test_package_editor import editor_of, form

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "'=1",
    "00123",
    "1e5",
    "TRUE",
    "01.02.2026",
]


@pytest.fixture
def made(product: Product) -> Offer:
    return product.offer()


@pytest.fixture
def gaia(made: Offer) -> Actor:
    return editor_of(made)


def check(product: Product, actor: Actor, content: str | bytes, **fields: Any) -> ImportView:
    data = content.encode() if isinstance(content, str) else content
    imports = product.services.imports
    sent = imports.put(actor, FileForm(file_name="trips.csv", **fields), data)
    return imports.finish(actor, sent.id, until="checked")


def carry_out(product: Product, actor: Actor, checked: ImportView) -> ImportView:
    product.services.imports.run(actor, checked.id)
    return product.services.imports.finish(actor, checked.id, until="done")


def report(product: Product, actor: Actor, one: ImportView) -> list[ReportLine]:
    return list(product.services.imports.report(actor, one.id))


def export(product: Product, actor: Actor, what: Any = "packages", format: Any = "csv") -> str:
    return "".join(product.services.exports.write(actor, what, format))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


NEW = (
    "title,currency,price,policy,city_1,country_1,nights_1,city_2,country_2,nights_2,addon_1,"
    "addon_price_1\r\n"
    'Seville & Granada,EUR,1299.50,"30 days: 100%\n14 days: 50%",Seville,ES,3,Granada,es,2,Tapas,45\r\n'
)


def test_a_new_package_from_a_spreadsheet(product: Product, gaia: Actor) -> None:
    checked = check(product, gaia, NEW)
    assert (checked.state, checked.counts["create"]) == ("checked", 1)
    assert product.services.desk.packages(gaia)[1] == 1
    done = carry_out(product, gaia, checked)
    assert (done.state, done.counts["done"], done.done) == ("done", 1, 1)
    row = next(r for r in product.services.desk.packages(gaia)[0] if r.slug == "seville-granada")
    draft = product.services.editor.open(gaia, row.id)
    assert (draft.status, draft.base_price.minor, draft.nights) == ("draft", 129950, 5)
    assert [(s.city, s.country, s.timezone) for s in draft.stays] == [
        ("Seville", "ES", "Europe/Madrid"), ("Granada", "ES", "Europe/Madrid"),
    ]  # fmt: skip
    assert [(t.days_before, t.refund_percent) for t in draft.policy] == [(30, 100), (14, 50)]
    assert product.services.editor.history(gaia, row.id)[0].action == "imported"
    again = check(product, gaia, NEW)
    assert again.counts["same"] == 1
    assert carry_out(product, gaia, again).counts["done"] == 0


def test_a_dry_run_says_what_changes_and_what_is_wrong(
    product: Product, gaia: Actor, made: Offer
) -> None:
    theirs = product.offer()
    text = (
        "id,slug,title,price,currency,stars_1,city_1,country_1,nights_1\n"
        f",{made.slug},Another title,1400,EUR,4,Rome,IT,5\n"
        f",{made.slug},Twice,1400,EUR,,Rome,IT,5\n"
        f",{theirs.slug},Not mine,1400,EUR,,Rome,IT,5\n"
        f"{theirs.package_id},,Not mine,1400,EUR,,Rome,IT,5\n"
        ",new-one,Of Atlantis,12.345,EUR,6,Atlantis,XQ,0\n"
    )
    checked = check(product, gaia, text)
    lines = report(product, gaia, checked)
    assert [(line.line, line.outcome) for line in lines] == [
        (2, "change"), (3, "wrong"), (4, "wrong"), (5, "wrong"), (6, "wrong"),
    ]  # fmt: skip
    assert {m.field for m in lines[0].messages} == {"Title", "Price per adult", "Cities"}
    assert lines[1].messages[0].message == "Row 2 is the same one already."
    assert [m.field for m in lines[2].messages] == ["slug"]
    assert [m.message for m in lines[3].messages] == ["You have no package with this id."]
    assert {"price", "stars_1", "country_1", "nights_1", "city_1"} <= {
        m.field for m in lines[4].messages
    }
    assert product.services.editor.open(gaia, made.package_id).title.startswith("Rome")
    done = carry_out(product, gaia, checked)
    assert (done.counts["done"], done.counts["wrong"]) == (1, 4)
    assert product.services.editor.open(gaia, made.package_id).title == "Another title"
    assert product.services.desk.packages(gaia)[1] == 1


def dressed(product: Product, gaia: Actor, made: Offer) -> None:
    """Give a package every field, with words that spreadsheets stumble over."""
    editor = product.services.editor
    draft = editor.open(gaia, made.package_id)
    stay = {
        "city": "São Tomé, “the” city", "country": "ST", "latitude": -0.33654, "longitude": 6.72732,
        "timezone": "Africa/Sao_Tome", "nights": 3, "hotel_name": "=HYPERLINK(1)", "hotel_stars": 5,
        "board": "all_inclusive", "notes": "-first line\n\n  second, \"quoted\"; line\t",
    }  # fmt: skip
    editor.save(
        gaia,
        made.package_id,
        form(
            draft,
            title="=1+1 東京 🏝 <b>bold</b>",
            summary="'quoted, and; more",
            description="# Head\n\n- a\n- b\n\n=cmd|' /C calc'!A0\n\"x\"",
            price=123456,
            single_supplement=1,
            child_discount_percent="33.33",
            child_bands=[{"from_age": 0, "to_age": 2, "discount_percent": 100},
                         {"from_age": 3, "to_age": 11, "discount_percent": "12.5"}],
            occupancy_prices=[{"adults": 1, "price": 150001}, {"adults": 3, "price": 99999}],
            commission_percent="7.25",
            tags=["00123", "a, b", "-x"],
            highlights=HOSTILE,
            stays=[stay, stay, {**stay, "notes": "", "hotel_stars": None}],
            addons=[{"name": "-10% off", "price": 0, "unit": "traveller_night", "required": True,
                     "description": "@home\nand away"}],
            exclusions=[{"text": text} for text in HOSTILE],
        ),
    )  # fmt: skip


@pytest.mark.parametrize("format", ["csv", "json"])
def test_an_export_reads_back_as_the_same(
    product: Product, gaia: Actor, made: Offer, format: Any
) -> None:
    dressed(product, gaia, made)
    product.services.editor.duplicate(gaia, made.package_id)
    product.services.editor.create(gaia, "Empty as yet", "JPY")
    text = export(product, gaia, format=format)
    checked = check(product, gaia, text, format=format)
    assert checked.counts["same"] == 3, report(product, gaia, checked)
    if format == "csv":
        cells = [cell for row in table(text) for cell in row.values()]
        assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]
        assert [cell for cell in cells if cell.startswith("-")] == ["-0.33654"] * 6


def test_what_excel_in_german_writes(product: Product, gaia: Actor) -> None:
    text = NEW.replace("1299.50", "1299x50").replace(",", ";").replace("1299x50", "1299,50")
    checked = check(product, gaia, b"\xff\xfe" + text.encode("utf-16-le"))
    assert checked.counts["create"] == 1, report(product, gaia, checked)


def test_departures_come_and_go(product: Product, gaia: Actor, made: Offer) -> None:
    text = export(product, gaia, "departures")
    assert check(product, gaia, text, what="departures").counts["same"] == 1
    first = table(text)[0]["starts_on"]
    changed = (
        "package,starts_on,capacity,price,status\n"
        f"{made.slug},{first},12,1500.00,closed\n"
        f"{made.slug},01.06.2028,16,,open\n"
        f"{made.slug},2020-01-01,16,,open\n"
        f"{made.slug},2028-02-30,16,,\n"
        "nobodys,2028-06-02,16,,\n"
    )
    checked = check(product, gaia, changed, what="departures")
    lines = report(product, gaia, checked)
    assert [line.outcome for line in lines] == ["change", "create", "wrong", "wrong", "wrong"]
    assert {m.field for m in lines[0].messages} == {"Seats", "Price per adult", "Status"}
    done = carry_out(product, gaia, checked)
    assert done.counts["done"] == 2
    assert check(product, gaia, changed, what="departures").counts["same"] == 2
    as_json = export(product, gaia, "departures", "json")
    assert len(json.loads(as_json)["departures"]) == 2
    again = check(product, gaia, as_json, what="departures", format="json")
    assert again.counts["same"] == 2
    product.hold(product.offer())


def test_fewer_seats_than_are_taken_are_refused(product: Product, made: Offer, gaia: Actor) -> None:
    product.hold(made, adults=4)
    text = export(product, gaia, "departures").replace(",10,", ",3,")
    lines = report(product, gaia, check(product, gaia, text, what="departures"))
    assert [(m.field, m.message) for m in lines[0].messages] == [
        ("capacity", "4 seats are taken already.")
    ]


UNREADABLE: list[tuple[bytes, str, str]] = [
    (b"", "csv", "empty"),
    (b"\xef\xbb\xbf  \n", "csv", "empty"),
    (b"title\n", "csv", "no packages"),
    ("title\nCafé\n".encode("latin-1"), "csv", "Line 2 is not UTF-8"),
    (b"PK\x03\x04\x00\x00", "csv", "character that no text has"),
    (b'title,price\nA,1\n"B,2\nC,3\n', "csv", "begins on line 3"),
    (b'title\n"A"b\n', "csv", "begins on line 2"),
    (b"title,colour\nA,red\n", "csv", "colour"),
    (b"title,title\nA,B\n", "csv", "two columns"),
    (b"price\n1\n", "csv", "title"),
    (b"title,price\nA,1,2\n", "csv", "Row 2 has 3 cells"),
    (b"title\n" + b'"' + b"a" * 200_000 + b'"\n', "csv", "more than"),
    (b"title\n" + b"A trip\n" * 20_001, "csv", "more than 20,000"),
    (b"[" * 100_000, "json", "nested"),
    (b'{"packages": [' + b'{"a":' * 50 + b"1" + b"}" * 50 + b"]}", "json", "nested"),
    (b'{"packages": [{"title": "a\\u0000"}]}', "json", "character"),
    (b'{"packages": [{"title": "\\ud800"}]}', "json", "character"),
    (b'{"packages": [{"price": 1e999}]}', "json", "number"),
    (b'{"packages": [{"price": NaN}]}', "json", "number"),
    (b'{"packages": [{"price": ' + b"9" * 5000 + b"}]}", "json", "number"),
    (b'{"packages": {}}', "json", "list"),
    (b'{"packages": [}', "json", "Line 1, column"),
    (b"null", "json", "list"),
]


def test_files_that_cant_be_read_say_why(product: Product, gaia: Actor) -> None:
    for content, format, words in UNREADABLE:
        failed = check(product, gaia, content, format=format)
        assert (failed.state, words in failed.problem) == ("failed", True), (words, failed.problem)
    with pytest.raises(Invalid) as refused:
        read(b"x" * (MOST_BYTES["csv"] + 1), "packages", "csv")
    assert "Split it" in refused.value.detail
    with pytest.raises(Invalid):
        product.services.imports.send(gaia, FileForm(file_name="x", size=200 * 1024**2))
    for size in (10**400, 10**12 + 1):
        with pytest.raises(Invalid):
            parse(FileForm, {"file_name": "x", "size": size})
    with pytest.raises(Invalid):
        parse(PictureStart, {"file_name": "x", "content_type": "image/png", "size": 10**400})


def test_records_of_another_kind_are_wrong_and_not_more(product: Product, gaia: Actor) -> None:
    records = [1, None, "x", [], {}, {"title": 5}, {"title": ["a"]}, {"id": {}, "title": "Abcd"},
               {"title": "Abcd", "currency": "EUR", "price": 10**4000},
               {"title": "Abcd", "currency": "EUR", "operator_id": "x"},
               {"title": "Abcd", "currency": "EUR", "stays": "Rome"}]  # fmt: skip
    checked = check(product, gaia, json.dumps({"packages": records}), format="json")
    assert checked.counts["wrong"] == len(records), report(product, gaia, checked)


def test_another_operator_sees_nothing(product: Product, gaia: Actor) -> None:
    imports = product.services.imports
    checked = check(product, gaia, NEW)
    rival = editor_of(product.offer())
    acts: list[Any] = [
        lambda who: imports.view(who, checked.id),
        lambda who: imports.report(who, checked.id),
        lambda who: imports.run(who, checked.id),
        lambda who: imports.cancel(who, checked.id),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act(rival)
        with pytest.raises(Forbidden):
            act(GUEST)
    assert imports.earlier(rival) == ()
    sending = imports.send(gaia, FileForm(file_name="trips.csv"))
    with pytest.raises(NotFound):
        imports.arrived(rival, sending.import_id, FileForm(file_name="trips.csv"))
    assert "seville" not in export(product, rival)
    with pytest.raises(Forbidden):
        product.services.exports.write(GUEST, "packages", "csv")


def many(count: int) -> str:
    head, row = NEW.split("\r\n", 1)
    return head + "\r\n" + "".join(row.replace("Seville &", f"Seville {n} &") for n in range(count))


def test_cancelling_leaves_what_is_done(product: Product, gaia: Actor) -> None:
    imports, work = product.services.imports, product.services.imports._work
    checked = check(product, gaia, many(120))
    imports.run(gaia, checked.id)
    with pytest.raises(Conflict):
        imports.run(gaia, checked.id)
    assert work.step() > 0
    asked = imports.cancel(gaia, checked.id)
    assert asked.cancelling
    ended = imports.finish(gaia, checked.id, until="done")
    assert ended.state == "cancelled"
    assert 0 < ended.counts["done"] < 120
    assert product.services.desk.packages(gaia)[1] == 1 + ended.counts["done"]
    again = check(product, gaia, many(120))
    assert again.counts["same"] == ended.counts["done"]


def test_a_worker_that_dies_is_followed_by_another(
    product: Product, gaia: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    imports, work = product.services.imports, product.services.imports._work
    checked = check(product, gaia, many(8))
    imports.run(gaia, checked.id)
    put, left = product.services.editor.put, [3]

    def mortal(*args: Any) -> None:
        put(*args)
        left[0] -= 1
        if left[0] == 0:
            raise Unavailable("The database went away after it had committed.")

    monkeypatch.setattr(product.services.editor, "put", mortal)
    with suppress(Unavailable):
        work.step()
    assert imports.view(gaia, checked.id).counts.get("done", 0) == 0
    assert product.services.desk.packages(gaia)[1] == 4
    done = imports.finish(gaia, checked.id, until="done")
    assert (done.counts["done"], done.counts["failed"]) == (8, 0)
    assert product.services.desk.packages(gaia)[1] == 9


def test_what_changed_after_the_check_is_not_overwritten(
    product: Product, gaia: Actor, made: Offer
) -> None:
    text = f"slug,title\n{made.slug},From the file\n"
    checked = check(product, gaia, text)
    draft = product.services.editor.open(gaia, made.package_id)
    product.services.editor.save(
        editor_of(made, "Marco Neri"), made.package_id, form(draft, title="By hand")
    )
    done = carry_out(product, gaia, checked)
    assert done.counts["failed"] == 1
    assert (
        "Marco Neri has changed this package" in report(product, gaia, done)[0].messages[0].message
    )
    assert product.services.editor.open(gaia, made.package_id).title == "By hand"


def test_a_row_may_take_a_package_off_the_market(
    product: Product, gaia: Actor, made: Offer
) -> None:
    text = f"slug,status\n{made.slug},archived\n"
    done = carry_out(product, gaia, check(product, gaia, text))
    assert done.counts["done"] == 1
    assert product.services.editor.open(gaia, made.package_id).status == "archived"
    wrong = check(product, gaia, "title,currency,status\nNothing yet,EUR,published\n")
    lines = report(product, gaia, wrong)
    assert {m.field for m in lines[0].messages} == {"cities", "price", "policy", "departures"}


def test_rows_have_the_numbers_that_a_spreadsheet_shows(product: Product, gaia: Actor) -> None:
    text = NEW + "\r\n" + NEW.split("\r\n", 1)[1]
    lines = report(product, gaia, check(product, gaia, text))
    assert [line.line for line in lines] == [2, 4]
    assert lines[1].messages[0].message == "Row 2 is the same one already."


def statements(product: Product, act: Callable[[], object]) -> int:
    """How many statements ``act`` sends to the databases."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    engines = product.database.engines.values()
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    return len(sent)


@pytest.mark.parametrize("what", ["packages", "departures"])
def test_many_records_are_looked_at_in_few_queries(
    product: Product, gaia: Actor, made: Offer, what: Any
) -> None:
    def rows(count: int) -> str:
        if what == "packages":
            return many(count)
        first = datetime(2028, 1, 1, tzinfo=UTC).date()
        days = (first + timedelta(days=n) for n in range(count))
        return "package,starts_on,capacity\n" + "".join(f"{made.slug},{d},9\n" for d in days)

    carry_out(product, gaia, check(product, gaia, rows(30), what=what))
    judge = product.services.imports._work._judges[what]

    def look(count: int) -> list[Verdict]:
        subjects = [
            Subject(record.values, "csv", decimal_comma=False, new_id=uuid7())
            for record in read(rows(count).encode(), what, "csv").records
        ]
        asked = judge.looked(gaia, subjects)
        return [asked(subject) for subject in subjects]

    assert Counter(one.outcome for one in look(40)) == {"same": 30, "create": 10}
    # One by one they would take hundreds.
    assert statements(product, lambda: look(40)) < 20


def test_what_another_system_changed_after_the_check_is_not_overwritten(
    product: Product, gaia: Actor, made: Offer
) -> None:
    # Nobody has opened it in the editor: the check is the first to see it.
    checked = check(product, gaia, f"slug,title\n{made.slug},From the file\n")
    with product.database.unit(PACKAGES) as connection:
        connection.execute(
            sql("update multi_city_hotel_packages set title = 'From outside' where id = :id"),
            {"id": made.package_id},
        )
    done = carry_out(product, gaia, checked)
    assert done.counts["failed"] == 1
    assert product.services.editor.open(gaia, made.package_id).title == "From outside"


def test_imports_are_forgotten_after_thirty_days(product: Product, gaia: Actor) -> None:
    imports, work = product.services.imports, product.services.imports._work
    old = check(product, gaia, NEW)
    product.clock.move(days=29)
    young = imports.put(gaia, FileForm(file_name="never-read.csv"), NEW.encode())
    assert work.remove_old() == 0
    product.clock.move(days=2)
    assert work.remove_old() == 1
    assert [one.id for one in imports.earlier(gaia)] == [young.id]
    with pytest.raises(NotFound):
        imports.report(gaia, old.id)
    product.clock.move(days=30)
    assert work.remove_old() == 1
    assert not product.files.objects


def test_a_command_says_how_far_it_is_and_an_interrupted_one_is_cancelled(
    product: Product, gaia: Actor, made: Offer, tmp_path: Path
) -> None:
    catalogue, imports = product.services.catalogue, product.services.imports
    operator = f"via-appia-{made.operator_id.hex[-12:]}"
    file = tmp_path / "trips.csv"
    file.write_text(many(600))
    said: list[str] = []
    found = import_file(catalogue, imports, "packages", file, operator, True, said.append)
    assert found.right
    assert found.lines[-1] == "600 records: create 600"
    assert said
    assert {line.partition(" of ")[2] for line in said} == {"600 records looked at"}

    def interrupt(line: str) -> None:
        if line.endswith("carried out"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(catalogue, imports, "packages", file, operator, False, interrupt)
    last = imports.earlier(gaia)[0]
    assert last.state == "cancelled"
    assert 0 < last.counts["done"] < 600
