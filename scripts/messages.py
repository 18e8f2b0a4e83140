"""Bring the message catalogues up to date with the words in the code: ``make messages``.

Each ``ecosystem/messages/<code>.po`` gets what is new, without a translation, and loses what
nothing says any more. Translations are written by people; none is guessed.
"""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from ecosystem.domain.language import ENGLISH, LANGUAGES, MESSAGES

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "Page": (3,)}
"""What marks words: the titles of pages stand in their table, as the third of a page."""

WIDTH = 100
HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: ecosystem\\n"
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
"""Without dates: a catalogue changes when its words do."""


@cache
def said() -> Catalog:
    """Every message in the code of the product, without translations."""
    found = Catalog(fuzzy=False)
    for path in sorted((ROOT / "ecosystem").rglob("*.py")):
        for _line, message, _comments, _context in extract_from_file(
            "python", path, keywords=KEYWORDS
        ):
            found.add(message)
    return found


def catalogue(code: str) -> Catalog:
    """The catalogue of a language as it stands."""
    path = MESSAGES / f"{code}.po"
    if not path.is_file():
        return Catalog(locale=code, project="ecosystem")
    with path.open("rb") as source:
        return read_po(source, locale=code)


def missing(code: str) -> Iterator[str]:
    """The messages that a language lacks, or has only as a guess."""
    known = catalogue(code)
    for message in said():
        if message.id and not translated(known.get(message.id)):
            yield message.id if isinstance(message.id, str) else message.id[0]


def translated(message: Message | None) -> bool:
    """Whether a message of a catalogue is complete."""
    if message is None or message.fuzzy:
        return False
    text = message.string
    return bool(text) and (isinstance(text, str) or all(text))


def update(code: str) -> int:
    """Write a language's catalogue anew; returns how many messages lack a translation."""
    known, words = catalogue(code), said()
    known.update(words, no_fuzzy_matching=True)
    known.obsolete.clear()
    for message in known:
        message.locations = []
    with (MESSAGES / f"{code}.po").open("wb") as target:
        target.write(HEADER.format(code=code, plurals=known.plural_forms).encode())
        write_po(target, known, width=WIDTH, sort_output=True, omit_header=True)
    return len(list(missing(code)))


def main() -> None:
    for code in LANGUAGES:
        if code != ENGLISH.code:
            lacking = update(code)
            print(f"{code}: {lacking} to translate" if lacking else f"{code}: complete")


if __name__ == "__main__":
    sys.exit(main())
