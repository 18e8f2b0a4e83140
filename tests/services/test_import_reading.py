"""Import files that are too much, and records that something is wrong with."""

import json
from typing import Any

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Invalid
from ecosystem.services.imports import reading
from ecosystem.services.imports.reading import read
from tests.product import Offer, Product
from tests.services.test_imports import carry_out, check, dressed, export, many, report
from tests.services.test_package_editor import editor_of


@pytest.fixture
def made(product: Product) -> Offer:
    return product.offer()


@pytest.fixture
def gaia(made: Offer) -> Actor:
    return editor_of(made)


HEAVY: list[tuple[str, str]] = [
    ('[{"title":"x","a":[' + "[]," * 7_000_000 + "[]]}]", "more than 3,000 values in record 1"),
    ('[{}, {"a":{' + '"k":1,' * 100_000 + '"k":1}}]', "in record 2: line 1, column 6"),
    ('{"x":[' + "1," * 100_000 + '1],"packages":[{}]}', "values in this file: line 1, column 6"),
    ('[{}, \n{"title":"' + "x" * 20_000_000 + '"}]', "in record 2: line 2, column 1"),
    ('[{}, \n{"title":"' + "x" * 20_000_000, "in record 2: line 2, column 1"),
    ("[" + ",".join(["[" + "0," * 2_900 + "0]"] * 700) + "]", "2,000,000 values"),
]


def test_a_record_that_is_too_large_is_refused_before_it_is_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[int] = []

    class Weighed(json.JSONDecoder):
        def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
            parsed.append(len(s))
            return super().raw_decode(s, idx)

    monkeypatch.setattr(reading, "_DECODER", Weighed())
    for text, words in HEAVY:
        with pytest.raises(Invalid) as refused:
            read(text.encode(), "packages", "json")
        assert words in refused.value.detail
    assert max(parsed) < 10_000


def test_csv_of_nothing_but_cells_is_refused_before_it_takes_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for wide in (
        b"title\n" + b"," * 1_000_000,
        b"," * 1_000_000 + b"\n1",
        b'a,b\n"1\n' + b"2\n" * 9,
    ):
        monkeypatch.setattr(reading, "LONGEST_RECORD", 400_000 if len(wide) > 99 else 9)
        with pytest.raises(Invalid) as refused:
            read(wide, "packages", "csv")
        assert "characters. Is a quote not closed?" in refused.value.detail
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_CELLS", 99)
    table = b"title,tags,slug\n" + b"a,,\n" * 33
    assert len(read(table, "packages", "csv").records) == 33
    with pytest.raises(Invalid, match="99 cells"):
        read(table + b"a,,", "packages", "csv")


JSON_FILES = [
    '{"version": [1, {"a": "]}"}], "packages": [{"a": 1}, 2, null, "x", [], -1.5e3], "z": {}}',
    ' [ {"a" : "b\\"c]\\\\"} ,\n[{"d": [true, false]}]\t] ',
    '["a", 1, "\\u00e9 ü 東"]',
    "[1 2]", "[1,]", "[1", "[1]]", "[1] x", "[:1]", "[tru]", '[{"a":1]}]', '[{"a":}]', '["a',
    '{"packages":[1],}', '{"packages" [1]}', "{packages:[1]}", '{"packages":[1]', '[{"a": "b\n"}]',
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(JSON_FILES)))
def test_reading_record_by_record_reads_what_the_parser_reads(number: int) -> None:
    text = JSON_FILES[number]
    try:
        whole = json.loads(text)
    except ValueError:
        with pytest.raises(Invalid) as refused:
            read(text.encode(), "packages", "json")
        assert refused.value.detail.startswith("Line ")
        return
    items = whole["packages"] if isinstance(whole, dict) else whole
    found = [record.values for record in read(text.encode(), "packages", "json").records]
    assert found == [item if isinstance(item, dict) else {"": item} for item in items]


def test_ten_thousand_packages_fit(product: Product, gaia: Actor, made: Offer) -> None:
    dressed(product, gaia, made)
    one = json.dumps(json.loads(export(product, gaia, format="json"))["packages"][0])
    file = f'{{"packages": [{",".join([one] * 5_000)}]}}'.encode()
    assert len(read(file, "packages", "json").records) == 5_000


def test_a_report_keeps_twenty_messages_a_record(product: Product, gaia: Actor) -> None:
    record = {
        "title": "Some title",
        "currency": "EUR",
        **{"k" * 500 + str(n): 1 for n in range(99)},
    }
    checked = check(product, gaia, json.dumps([record]), format="json")
    messages = report(product, gaia, checked)[0].messages
    assert len(messages) == 21
    assert messages[-1].message == "… and 79 more."
    assert max(len(item.field) for item in messages) == 61


def test_a_record_that_we_stumble_over_fails_and_the_others_go_on(
    product: Product, gaia: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = check(product, gaia, many(3))
    put, calls = product.services.editor.put, []

    def stumbles(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("A bug.")
        put(*args)

    monkeypatch.setattr(product.services.editor, "put", stumbles)
    done = carry_out(product, gaia, checked)
    assert (done.state, done.counts["done"], done.counts["failed"]) == ("done", 2, 1)
    assert "on our side" in report(product, gaia, done)[1].messages[0].message
    assert len(calls) == 3
