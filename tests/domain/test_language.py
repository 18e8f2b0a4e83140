"""Words, amounts and dates in the reader's language, and whose language counts."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from ecosystem.domain import formats
from ecosystem.domain.language import _, language, language_for, language_of, ngettext, speaking
from ecosystem.domain.money import Money
from ecosystem.services.places import country_name
from ecosystem.state.calling import call

DAY = date(2027, 5, 14)
MOMENT = datetime(2027, 5, 14, 13, 40, tzinfo=UTC)

SAID: tuple[tuple[Callable[[], str], str, str], ...] = (
    (lambda: formats.money(Money(134000, "EUR")), "€1,340", "1.340 €"),
    (lambda: formats.money(Money(134050, "EUR")), "€1,340.50", "1.340,50 €"),
    (lambda: formats.money(Money(258000, "CHF")), "CHF 2,580", "2.580 CHF"),
    (lambda: formats.money(Money(1340, "JPY")), "JP¥1,340", "1.340 ¥"),
    (lambda: formats.day(DAY), "Fri 14 May 2027", "Fr., 14. Mai 2027"),
    (lambda: formats.full_day(DAY), "14 May 2027", "14. Mai 2027"),
    (lambda: formats.days(DAY, date(2027, 5, 22)), "14–22 May 2027", "14.–22. Mai 2027"),
    (lambda: formats.moment(MOMENT, "Europe/Rome"), "14 May 2027, 15:40", "14. Mai 2027, 15:40"),
    (lambda: formats.weekday(DAY), "Friday, 14 May 2027", "Freitag, 14. Mai 2027"),
    (lambda: formats.month(DAY), "May 2027", "Mai 2027"),
    (lambda: formats.number(1284), "1,284", "1.284"),
    (lambda: formats.percent(30), "30%", "30 %"),
    (lambda: formats.people(1), "1 traveller", "1 Person"),
    (lambda: formats.people(2), "2 travellers", "2 Personen"),
    (lambda: formats.nights(1), "1 night", "1 Nacht"),
    (lambda: formats.languages(["it", "en"]), "Italian, English", "Italienisch, Englisch"),
    (lambda: formats.range_of(25, 25, 1284), "26–50 of 1,284", "26–50 von 1.284"),
    (lambda: country_name("IT"), "Italy", "Italien"),
)


@pytest.mark.parametrize(("say", "english", "german"), SAID, ids=[row[1] for row in SAID])
def test_it_is_said_in_both_languages(say: Callable[[], str], english: str, german: str) -> None:
    assert _plain(say()) == english
    with speaking("de"):
        assert _plain(say()) == german
    assert _plain(say()) == english


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2009", " ")


def test_what_has_no_translation_stays_english() -> None:
    with speaking("de"):
        assert _("Nobody ever says this.") == "Nobody ever says this."
        assert ngettext("{count} thing", "{count} things", 2) == "{count} things"


@pytest.mark.parametrize("junk", ["", "xx", "../de", None, 7, {"de": 1}])
def test_a_language_that_is_none_is_english(junk: object) -> None:
    assert language_of(junk).code == "en"
    assert language_for(junk, junk).code == "en"


def test_a_choice_counts_before_what_the_browser_asks_for() -> None:
    assert language_for("de", "en-GB").code == "de"
    assert language_for("", "fr;q=1.0, de-CH;q=0.9, en;q=0.8").code == "de"
    assert language_for("", "de;q=0.2, en;q=0.3").code == "en"
    assert language_for("", "," * 100_000).code == "en"


def test_a_service_call_speaks_the_language_of_who_calls() -> None:
    async def asked(code: str) -> str:
        with speaking(code):
            return await call(lambda: language().code)

    async def three() -> list[str]:
        return list(await asyncio.gather(asked("de"), asked("en"), asked("de")))

    assert asyncio.run(three()) == ["de", "en", "de"]
