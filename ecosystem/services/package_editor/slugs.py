"""The address of a package, made from its title.

It may be edited until the package is published for the first time. From then on it stays as it
is, whatever the title becomes: links that people have keep working without a list of old ones.
"""

import re
import secrets
from hashlib import sha256

from ecosystem.domain.folding import folded

LONGEST = 80
_RANDOM = "abcdefghjkmnpqrstvwxyz23456789"


def slug_of(title: str) -> str:
    """``Rome, Florence & Venice`` is ``rome-florence-venice``; a title without Latin letters
    gets one made of its hash."""
    words = re.findall("[a-z0-9]+", folded(title))
    slug = ""
    for word in words:
        if len(slug) + 1 + len(word) > LONGEST:
            break
        slug = f"{slug}-{word}" if slug else word
    # The same title always has the same address: a file that is imported twice finds it again.
    return slug if len(slug) >= 3 else f"trip-{sha256(title.encode()).hexdigest()[:8]}"


def free_slug(title: str, taken: set[str]) -> str:
    """The slug of the title, or with the first number that makes it free."""
    slug = slug_of(title)
    if slug not in taken:
        return slug
    for number in range(2, 100):
        if f"{slug}-{number}" not in taken:
            return f"{slug}-{number}"
    return f"{slug}-{_some(6)}"


def _some(length: int) -> str:
    return "".join(secrets.choice(_RANDOM) for _ in range(length))
