"""Names of countries for people."""

from babel import Locale

from ecosystem.domain.language import language


def country_name(code: str, locale: str = "") -> str:
    """``IT`` → ``Italy`` (``Italien``) as the reader's language calls it, from the Unicode CLDR.

    ``locale`` is for who needs another one. An unknown code is returned as it is.
    """
    return Locale.parse(locale or language().locale).territories.get(code.upper(), code)
