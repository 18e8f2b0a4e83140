"""Files an agency keeps: of a client, of a booking, or of its own."""

import lzma
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from ecosystem.domain.language import N_

Kind = Literal["passport", "visa", "insurance", "ticket", "contract", "other"]
State = Literal["uploading", "scanning", "clean", "refused"]

KINDS: tuple[str, ...] = get_args(Kind)
KIND_NAMES: dict[str, str] = {
    "passport": "Passport or ID",
    "visa": "Visa",
    "insurance": "Insurance",
    "ticket": "Ticket",
    "contract": "Contract",
    "other": "Other",
}
LARGEST_BYTES = 20 * 1024 * 1024

BROKEN_ARCHIVE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
)
"""What reading an archive raises that is damaged, locked or packed in a way nobody knows."""

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"

ENDINGS: dict[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    PPTX: (".pptx",),
    ODT: (".odt",),
    ODS: (".ods",),
    "text/plain": (".txt", ".csv", ".md"),
}
"""What may be kept, with the endings its names may have; the first is added to others."""

TYPE_NAMES: dict[str, str] = {
    "application/pdf": N_("PDF"),
    "image/jpeg": N_("JPEG picture"),
    "image/png": N_("PNG picture"),
    "image/webp": N_("WebP picture"),
    "image/heic": N_("HEIC picture"),
    DOCX: N_("Word document"),
    XLSX: N_("Excel sheet"),
    PPTX: N_("PowerPoint slides"),
    ODT: N_("OpenDocument text"),
    ODS: N_("OpenDocument sheet"),
    "text/plain": N_("Text"),
}
"""Kept in English, said in the reader's language where they are shown."""


@dataclass(frozen=True)
class DocumentView:
    """A file as its agency sees it. ``bytes`` and ``content_type`` are 0 and empty until it was
    looked at; ``problem`` says why it was refused; ``shares`` counts links that still open it."""

    id: UUID
    name: str
    kind: str
    state: str
    problem: str
    content_type: str
    bytes: int
    client_id: UUID | None
    client: str
    booking: str
    uploaded_by: str
    created_at: datetime
    shares: int = 0


@dataclass(frozen=True)
class DocumentUpload:
    """Where a browser posts a file: ``fields``, then ``file``, as ``multipart/form-data``."""

    id: UUID
    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class ShareView:
    """A link that was given out. ``state``: open, expired, revoked or locked (too many wrong code
    words)."""

    id: UUID
    state: Literal["open", "expired", "revoked", "locked"]
    recipient: str
    with_code: bool
    expires_at: datetime
    opened: int
    taken: int
    last_used_at: datetime | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class NewShare:
    """A link just made. ``token`` is told this once."""

    view: ShareView
    token: str


@dataclass(frozen=True)
class SharedView:
    """What somebody outside sees of a file. ``pass_key`` opens the file itself; empty until the
    code word was said, if one is asked for."""

    agency: str
    name: str
    type_name: str
    bytes: int
    expires_at: datetime
    asks_code: bool
    pass_key: str = ""


@dataclass(frozen=True)
class AccessLine:
    """Something that was done with a file, by whom, as the audit log has it."""

    at: datetime
    action: str
    who: str
    detail: str = ""


@dataclass(frozen=True)
class StoredDocument:
    """A file to be handed out, read from ``key`` piece by piece."""

    name: str
    content_type: str
    bytes: int
    key: str


def name_with_ending(name: str, content_type: str) -> str:
    """The name with an ending that says what the file is: ``scan.exe`` that is a PDF becomes
    ``scan.exe.pdf``."""
    endings = ENDINGS[content_type]
    return name if name.lower().endswith(endings) else name + endings[0]


def upload_key(agency_id: UUID, secret: str) -> str:
    """Where a browser's form puts a file; the bucket's own rule empties ``uploads/``."""
    return f"uploads/documents/{agency_id}/{secret}"


def quarantine_key(agency_id: UUID, secret: str) -> str:
    """Where it lies while it is looked at: no form can write there."""
    return f"quarantine/{agency_id}/{secret}"


def document_key(agency_id: UUID, secret: str) -> str:
    """Where it lies once it is known to be clean."""
    return f"documents/{agency_id}/{secret}"


def document_keys(agency_id: UUID, secret: str) -> list[str]:
    """Everywhere it may lie."""
    return [
        upload_key(agency_id, secret),
        quarantine_key(agency_id, secret),
        document_key(agency_id, secret),
    ]
