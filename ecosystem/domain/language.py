"""The reader's language: which one counts now, and the message catalogue of each.

    _("Reserve")                                  the words in the reader's language
    ngettext("{count} night", "{count} nights", n).format(count=n)

A message is written in English where it is used and found in ``ecosystem/messages/<code>.po``
by that text. The language is a context variable, set for each event, request and e-mail; the
process that compiles pages ``assume``s one. Never call ``_`` at import.
"""

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

MESSAGES = Path(__file__).resolve().parents[1] / "messages"


@dataclass(frozen=True)
class Language:
    """``code`` is what cookies and rows keep; ``locale`` what babel formats with."""

    code: str
    name: str
    locale: str
    direction: str = "ltr"


ENGLISH = Language("en", "English", "en_GB")
GERMAN = Language("de", "Deutsch", "de_DE")
LANGUAGES: dict[str, Language] = {item.code: item for item in (ENGLISH, GERMAN)}

COOKIE = "language"
"""The cookie with a reader's choice. No secret, and anybody may write anything into it."""

LONGEST_HEADER = 500

_current: ContextVar[Language | None] = ContextVar("language", default=None)
_assumed: list[Language] = [ENGLISH]


def language() -> Language:
    """The reader's language in this context."""
    return _current.get() or _assumed[0]


def language_of(code: object) -> Language:
    """The language with this code; English for anything else, whoever sent it."""
    return LANGUAGES.get(code, ENGLISH) if isinstance(code, str) else ENGLISH


def language_for(chosen: object, accepted: object) -> Language:
    """The language for a browser: what its reader chose, else the best its header accepts.

    Args:
        chosen: the cookie ``language``.
        accepted: the header ``Accept-Language`` (RFC 9110 §12.5.4): ``de-AT,de;q=0.9,en;q=0.5``.
    """
    if isinstance(chosen, str) and chosen in LANGUAGES:
        return LANGUAGES[chosen]
    ranked: list[tuple[float, str]] = []
    header = accepted if isinstance(accepted, str) else ""
    for part in header[:LONGEST_HEADER].split(","):
        tag, _semicolon, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        if weight > 0:
            ranked.append((weight, tag.partition("-")[0].lower()))
    # Sorting keeps the order of equals, in which the browser lists what it would rather read.
    ranked.sort(key=lambda item: -item[0])
    return next((LANGUAGES[code] for _weighed, code in ranked if code in LANGUAGES), ENGLISH)


def _weight(parameters: str) -> float:
    name, _equals, value = parameters.replace(" ", "").partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def assume(code: object) -> None:
    """Wherever nobody says otherwise, this process speaks ``code``: it compiles its pages."""
    _assumed[:] = [language_of(code)]


def speak(code: object) -> None:
    """From here on in this context the reader's language is ``code``."""
    _current.set(language_of(code))


@contextmanager
def speaking(code: object) -> Iterator[Language]:
    """The reader's language within a block: an e-mail is written in its reader's."""
    token = _current.set(language_of(code))
    try:
        yield language()
    finally:
        _current.reset(token)


def _(message: str) -> str:
    """``message`` in the reader's language; as it is while there is no translation."""
    return _catalogue(language().code).gettext(message)


def N_(message: str) -> str:  # noqa: N802 - what gettext calls it
    """``message`` as it is: words that are kept in English and translated where they are shown."""
    return message


def ngettext(one: str, many: str, count: int) -> str:
    """``one`` or ``many`` as the reader's language counts; its placeholders are not filled."""
    return _catalogue(language().code).ngettext(one, many, count)


@lru_cache
def _catalogue(code: str) -> gettext.NullTranslations:
    path = MESSAGES / f"{code}.po"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
