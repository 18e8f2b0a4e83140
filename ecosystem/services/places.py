"""Names of countries for people."""

from functools import lru_cache

from babel import Locale


@lru_cache(maxsize=2048)
def country_name(code: str, language: str = "en") -> str:
    """``IT`` → ``Italy``, from the Unicode CLDR; an unknown code is returned as it is."""
    return Locale(language).territories.get(code.upper(), code)
