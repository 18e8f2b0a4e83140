"""The query of the search page: anything may come in, only what can be read goes on."""

from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain.search import PAGE_SIZE
from ecosystem.state.search_address import labels, read, write

ANYTHING = st.dictionaries(st.sampled_from([*labels(), "other"]), st.text(max_size=40))


@given(ANYTHING)
def test_nothing_that_is_typed_fails_and_what_is_read_stays_as_it_is(
    params: dict[str, str],
) -> None:
    asked = read(params)
    address = write(asked.given, page=str(asked.page))
    again = read(dict(parse_qsl(urlsplit(address).query)))
    assert again == type(asked)(asked.query, asked.page, asked.given, ())


def test_half_a_character_stops_no_address() -> None:
    assert write({"q": "a\ud800"}, sort="\udfff") == "/search?q=a%3F&sort=%3F"


def test_every_filter_of_the_contract_is_read() -> None:
    asked = read(
        {
            "q": " Kyoto ",
            "city": "Ōsaka",
            "country": "jp",
            "from": "2027-05-01",
            "to": "2027-06-30",
            "travellers": "2",
            "min_price": "0",
            "max_price": "2500",
            "min_nights": "3",
            "max_nights": "10",
            "stars": "4",
            "board": "breakfast",
            "near": "Nara, JP",
            "radius": "50",
            "currency": "USD",
            "tag": "rail",
            "operator": "tokaido-travel",
            "sort": "-price",
            "page": "3",
        }
    )
    query = asked.query
    assert asked.ignored == ()
    assert (query.q, query.city, query.country) == ("Kyoto", "Ōsaka", "JP")
    assert (query.from_, query.to) == (date(2027, 5, 1), date(2027, 6, 30))
    assert (query.travellers, query.min_price, query.max_price) == (2, 0, 2500)
    assert (query.min_nights, query.max_nights, query.stars) == (3, 10, 4)
    assert (query.board, query.tag, query.operator) == ("breakfast", "rail", "tokaido-travel")
    assert (query.near, query.radius, query.currency) == ("Nara, JP", 50, "USD")
    assert (query.sort, query.offset, query.limit) == ("-price", 2 * PAGE_SIZE, PAGE_SIZE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("q", "\x00"),
        ("q", "x" * 201),
        ("country", "Italy"),
        ("country", "ÄÖ"),
        ("from", "2027-02-30"),
        ("from", "1999-12-31"),
        ("to", "tomorrow"),
        ("travellers", "0"),
        ("travellers", "-1"),
        ("travellers", "2.5"),
        ("travellers", "²"),
        ("travellers", "２"),
        ("max_price", "9" * 30),
        ("stars", "6"),
        ("radius", "1001"),
        ("currency", "XXX"),
        ("sort", "price; drop table"),
        ("page", "0"),
    ],
)
def test_what_can_t_be_read_is_left_out_and_named(name: str, value: str) -> None:
    asked = read({name: value, "tag": "rail"})
    (ignored,) = asked.ignored
    assert ignored.startswith(labels()[name])
    assert asked.given == {"tag": "rail"}


def test_a_number_out_of_range_is_told_with_its_range() -> None:
    assert read({"travellers": "500"}).ignored == ("number of travellers (1 to 99)",)


def test_what_needs_another_parameter_goes_with_it() -> None:
    assert read({"radius": "50", "currency": "USD"}).given == {}
    assert read({"near": "Rome", "radius": "50"}).given == {"near": "Rome", "radius": "50"}


def test_a_range_the_wrong_way_round_keeps_its_beginning() -> None:
    asked = read({"min_price": "900", "max_price": "100"})
    assert asked.given == {"min_price": "900"}
    assert asked.ignored == ("highest price, which comes before the lowest price",)


def test_another_filter_begins_at_the_first_page() -> None:
    asked = read({"q": "rome & florence", "page": "4"})
    assert write(asked.given, page="5") == "/search?q=rome+%26+florence&page=5"
    assert write(asked.given, tag="rail") == "/search?q=rome+%26+florence&tag=rail"
    assert write(asked.given, q="") == "/search"
    assert write(asked.given, page="1") == "/search?q=rome+%26+florence"
    assert write({}, from_="2027-05-01") == "/search?from=2027-05-01"
