"""Words as people search for them: small letters, no accents."""

import unicodedata

_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h"}
)
"""Letters that Unicode does not take for an accented one."""


def folded(text: str) -> str:
    """``Łódź`` and ``LODZ`` are ``lodz``, ``Straße`` is ``strasse``; other scripts stay."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
