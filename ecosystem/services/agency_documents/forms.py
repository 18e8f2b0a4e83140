"""What people and programs send about files of an agency."""

import re
import unicodedata
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from ecosystem.domain.agency_documents import Kind
from ecosystem.services.forms import Form
from ecosystem.services.package_editor.forms import one_line

LONGEST_NAME = 120
MOST_DAYS = 90
_SEPARATORS = re.compile(r"[/\\]")
_LAST_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}$")


def file_name(value: str) -> str:
    """The name of a file without folders and without what would make it look like another: no
    control or direction marks, no ``< > : " | ? *``, at most 120 characters with its ending."""
    last = _SEPARATORS.split(value)[-1]
    plain = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", last)
        if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn") or char.isspace()
    )
    name = " ".join(re.sub(r'[<>:"|?*]', "_", plain).split()).strip(". ")
    if len(name) > LONGEST_NAME:
        ending = (_LAST_ENDING.search(name) or [""])[0]
        name = name[: LONGEST_NAME - len(ending)].rstrip() + ending
    return name or "document"


class UploadStart(Form):
    """A file that somebody chose. ``size`` is in bytes, as the sender says; at most one of
    ``client_id`` and ``booking`` (a reference) is needed, neither for the agency's own."""

    file_name: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(file_name)]
    size: int = Field(ge=0, le=10**12, strict=True)
    kind: Kind = "other"
    client_id: UUID | None = None
    booking: str = Field(default="", max_length=40)


class DocumentChange(Form):
    """What can be put right later; what is left out stays. ``client_id`` null and ``booking``
    empty take it off them."""

    name: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(file_name)] = ""
    kind: Kind | None = None
    client_id: UUID | None = None
    booking: str = Field(default="", max_length=40)


class ShareForm(Form):
    """A link for somebody outside: how long it is good for, for whom, with which code word."""

    days: int = Field(default=7, ge=1, le=MOST_DAYS, strict=True)
    recipient: Annotated[str, Field(max_length=120), AfterValidator(one_line)] = ""
    code: str = Field(default="", max_length=100)


class CodeForm(Form):
    """The code word, as it was typed."""

    code: str = Field(max_length=100)
