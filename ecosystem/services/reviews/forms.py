"""What people send: a rating with words, an answer."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

from ecosystem.domain.language import _
from ecosystem.domain.reviews import LONGEST, LONGEST_REPLY, SHORTEST
from ecosystem.services.forms import Form

_LARGEST = 20_000
_TURNED = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of the text around them: what is read is not what it says."""
_UNREADABLE = ("Cc", "Cs", "Co", "Cn")


def plain_text(value: str) -> str:
    """Words in paragraphs: no control characters, no more than one empty line in a row."""
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if any(c in _TURNED or (c != "\n" and unicodedata.category(c) in _UNREADABLE) for c in text):
        raise ValueError(_("This contains characters that can't be shown."))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept).strip()


def _review(value: str) -> str:
    text = plain_text(value)
    if len(text) < SHORTEST:
        raise ValueError(_("Write a sentence or two: what should others know?"))
    if len(text) > LONGEST:
        raise ValueError(
            _("This has {count} characters; {most} is the most.").format(
                count=len(text), most=LONGEST
            )
        )
    return text


def _reply(value: str) -> str:
    text = plain_text(value)
    if not text:
        raise ValueError("Write an answer.")
    if len(text) > LONGEST_REPLY:
        raise ValueError(f"This has {len(text)} characters; {LONGEST_REPLY} is the most.")
    return text


class ReviewForm(Form):
    """``rating`` 1 to 5 and ``body``, plain text of 10 to 2,000 characters."""

    rating: int = Field(ge=1, le=5, strict=True)
    body: Annotated[str, Field(max_length=_LARGEST), AfterValidator(_review)]


class ReplyForm(Form):
    """``reply``, plain text of at most 1,000 characters."""

    reply: Annotated[str, Field(max_length=_LARGEST), AfterValidator(_reply)]
