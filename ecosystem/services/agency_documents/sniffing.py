"""What a file is, by its bytes and not by its name or what its sender says."""

import io
import zipfile
import zlib

from PIL import Image, UnidentifiedImageError

from ecosystem.domain.agency_documents import (
    BROKEN_ARCHIVE,
    DOCX,
    LARGEST_BYTES,
    ODS,
    ODT,
    PPTX,
    XLSX,
)
from ecosystem.domain.errors import Invalid
from ecosystem.services.package_pictures.looking import PASSENGER, kind_of, megabytes

MOST_ENTRIES = 5_000
ENTRY = b"PK\x01\x02"
"""How each file is listed in an archive's directory."""
PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
OOXML = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}
OPEN_DOCUMENT = {ODT.encode(): ODT, ODS.encode(): ODS}
HEIC_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis")
PROGRAMS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KEPT = "PDF, JPEG, PNG, WebP, HEIC, Word, Excel, PowerPoint, OpenDocument and plain text"
_TEXT_CONTROLS = bytes({*range(9), 11, *range(14, 32), 127} - {27})


def content_type_of(content: bytes) -> str:
    """The media type of a file that may be kept.

    Raises:
        Invalid: ``bad_document``, with what is wrong with it and what to do.
    """
    if not content:
        raise refused("It is empty.")
    if len(content) > LARGEST_BYTES:
        raise too_large(len(content))
    if content.startswith(PROGRAMS):
        raise refused("It is a program. Programs are never kept here.")
    if content.startswith(OLD_OFFICE):
        raise refused(
            "It is in the old Office format, which may hide macros. Save it as .docx, .xlsx or"
            " .pptx, or as PDF, and send that."
        )
    for look in (_pdf, _picture, _heic, _zipped, _text):
        found = look(content)
        if found:
            return found
    raise refused(f"It is no kind of file that is kept here. These are: {KEPT}.")


def _pdf(content: bytes) -> str:
    return "application/pdf" if content.startswith(b"%PDF-") else ""


def _picture(content: bytes) -> str:
    kind = kind_of(content[:12])
    if not kind:
        return ""
    if PASSENGER.search(content):
        raise refused(
            "There is a web page, a document or an archive inside the picture. Open it in a"
            " picture editor and save a copy."
        )
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as picture:
            picture.verify()
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        zlib.error,
    ) as error:
        raise _damaged() from error
    except Image.DecompressionBombError as error:
        raise refused("The picture has too many pixels. Make it smaller first.") from error
    return PICTURES[kind]


def _heic(content: bytes) -> str:
    if content[4:8] != b"ftyp" or content[8:12] not in HEIC_BRANDS:
        return ""
    if PASSENGER.search(content):
        raise refused("There is a web page, a document or an archive inside the picture.")
    return "image/heic"


def _zipped(content: bytes) -> str:
    """Office and OpenDocument files; an archive of anything else may not be kept."""
    if not content.startswith(b"PK\x03\x04"):
        return ""
    if content.count(ENTRY) > MOST_ENTRIES:
        # Before they are listed: a hundred thousand take seconds and a hundred megabytes.
        raise refused("There are too many files inside it.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "[Content_Types].xml" in names:
                kind = next((OOXML[one] for one in OOXML if one in _folders(names)), "")
            elif entries and entries[0].filename == "mimetype" and entries[0].file_size < 200:
                kind = OPEN_DOCUMENT.get(archive.read(entries[0]).strip(), "")
            else:
                kind = ""
    except BROKEN_ARCHIVE as error:
        raise _damaged() from error
    if not kind:
        raise refused(f"It is an archive. Take the files out and send them one by one: {KEPT}.")
    return kind


def _folders(names: set[str]) -> set[str]:
    return {name.partition("/")[0] + "/" for name in names if "/" in name}


def _text(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if content.translate(None, _TEXT_CONTROLS) != content else "text/plain"


def refused(why: str) -> Invalid:
    """Why a file can't be kept here."""
    return Invalid.one("file", why, code="bad_document")


def too_large(size: int) -> Invalid:
    """The same for its size in bytes."""
    return refused(f"It has {megabytes(size)}. A file can have at most 20 MB.")


def _damaged() -> Invalid:
    return refused("It is damaged or was not stored completely. Save it again and send that.")
