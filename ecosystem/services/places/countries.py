"""Names of countries for people."""

from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from ecosystem.domain.language import language


def country_name(code: str, locale: str = "") -> str:
    """``IT`` → ``Italy`` (``Italien``) as the reader's language calls it, from the Unicode CLDR.

    ``locale`` is for who needs another one. An unknown code is returned as it is.
    """
    return _territories(locale or language().locale).get(code.upper(), code)


@lru_cache
def _territories(locale: str) -> Mapping[str, str]:
    # A page of results names a dozen countries; parsing the locale is most of what one costs.
    return Locale.parse(locale).territories
