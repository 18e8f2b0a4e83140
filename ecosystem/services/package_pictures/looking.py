"""Looking at what somebody uploaded as a picture: what it is, not what it is called.

Only pictures that were decoded and encoded anew here are ever shown, so nothing of the
upload itself reaches a reader: no place where it was taken, no second file behind it.
"""

import io
import re
import threading
import warnings
from dataclasses import dataclass
from math import ceil

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from ecosystem.domain.errors import Invalid, Unavailable
from ecosystem.domain.pictures import PICTURE_WIDTHS

LARGEST_BYTES = 10 * 1024 * 1024
LONGEST_SIDE = 12_000
MOST_PIXELS = 25_000_000
"""A decoded picture takes four bytes for each, twice while its colours are converted: what one
upload may cost in memory is about 300 MB, of a WebP 500."""
MOST_DRAFT_PIXELS = 60_000_000
"""Of a JPEG, which is decoded at a fraction of its size; not of one in several passes, whose
decoder keeps all of it."""
SHORTEST_SIDES = (640, 400)
"""Pixels of the longer and the shorter side, in this order."""
STEEPEST = 4
TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
WEBP = "image/webp"
QUALITY = 80

# A file that is a picture and something else too: made to be one thing here, another elsewhere.
PASSENGER = re.compile(rb"<script|<html|<!doctype|<svg|<\?php|%PDF-1|PK\x05\x06", re.IGNORECASE)
# Modes in which neighbouring pixels can be averaged as they are: no palette, no see-through colour.
_REDUCED = ("RGB", "RGBA", "L", "CMYK")
_ONE_AT_A_TIME = threading.Semaphore(1)
_ROOM = threading.Semaphore(3)
"""One that works and two that wait: more would hold threads that others need."""


@dataclass(frozen=True)
class Looked:
    """A good picture. ``width`` and ``height`` as it is shown, in pixels; ``renditions`` are
    WebP by the width they stand for, never wider than the picture itself."""

    width: int
    height: int
    renditions: dict[int, bytes]


def kind_of(head: bytes) -> str:
    """``JPEG PNG WEBP`` by a file's first twelve bytes; empty for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    return ""


def look_at(content: bytes) -> Looked:
    """Decode a picture and make the sizes that are shown. One at a time in a process.

    Raises:
        Invalid: ``bad_picture``, with what is wrong with it and what to do.
        Unavailable: ``busy``: other pictures are waiting already.
    """
    if len(content) > LARGEST_BYTES:
        raise refused(f"It has {megabytes(len(content))}. A picture can have at most 10 MB.")
    kind = kind_of(content[:12])
    if not kind:
        raise refused(
            "It is not a JPEG, PNG or WebP picture, whatever its name says."
            " Export it as one of these first."
        )
    if PASSENGER.search(content):
        raise refused(
            "There is a web page, a document or an archive inside it."
            " Open it in a picture editor and save a copy as JPEG."
        )
    if not _ROOM.acquire(blocking=False):
        raise Unavailable("Other pictures are being looked at. Try again in a moment.", code="busy")
    try:
        with _ONE_AT_A_TIME:
            return _decoded(content, kind)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        # What Pillow raises for bytes that end early or contradict each other.
        raise refused(
            "It is damaged or was not stored completely. Save it again, or choose another."
        ) from error
    finally:
        _ROOM.release()


def _decoded(content: bytes, kind: str) -> Looked:
    with warnings.catch_warnings():
        # The size is checked here, in our words; Pillow's own warning comes before that.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            opened = Image.open(io.BytesIO(content), formats=(kind,))
        except Image.DecompressionBombError as error:
            raise refused(_too_many_pixels()) from error
    with opened:
        width, height = opened.size
        drafts = kind == "JPEG" and not opened.info.get("progressive")
        _check_size(width, height, MOST_DRAFT_PIXELS if drafts else MOST_PIXELS)
        if kind != "JPEG" and getattr(opened, "n_frames", 1) > 1:
            raise refused("It moves. Upload a still picture.")
        widest = PICTURE_WIDTHS[-1]
        # A JPEG can be decoded at a half, a quarter or an eighth, as long as it stays large enough.
        opened.draft("RGB", (widest, widest))
        picture = ImageOps.exif_transpose(_in_srgb(opened))
        turned = (picture.width < picture.height) != (width < height)
        return Looked(
            width=height if turned else width,
            height=width if turned else height,
            renditions={size: _rendition(picture, size) for size in PICTURE_WIDTHS},
        )


def _check_size(width: int, height: int, most_pixels: int) -> None:
    longer, shorter = max(width, height), min(width, height)
    if longer > LONGEST_SIDE or width * height > most_pixels:
        raise refused(_too_many_pixels())
    if longer < SHORTEST_SIDES[0] or shorter < SHORTEST_SIDES[1]:
        raise refused(
            f"It has {width} × {height} pixels and would look blurred."
            f" It needs at least {SHORTEST_SIDES[0]} × {SHORTEST_SIDES[1]}."
        )
    if longer > STEEPEST * shorter:
        raise refused(
            f"It is too narrow: {width} × {height} pixels."
            f" The longer side can be at most {STEEPEST} times the shorter."
        )


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The picture in the colours every screen expects, on white where it is see-through.

    What it says of itself (EXIF) stays until its orientation was read.
    """
    exif = picture.getexif()
    profile = picture.info.get("icc_profile")
    times = min(picture.size) // PICTURE_WIDTHS[-1]
    if times > 1 and picture.mode in _REDUCED:
        # As a JPEG's draft does; every copy below is the smaller for it.
        picture = picture.reduce(times)
    if "A" in picture.getbands() or "transparency" in picture.info:
        above = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(above, mask=above)
    elif profile and picture.mode in ("RGB", "CMYK"):
        flat = _converted(picture, profile)
    elif picture.mode.startswith("I"):
        # Sixteen bits of grey; the conversion would cut off what is above the lowest eight.
        flat = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("RGB")
    else:
        flat = picture.convert("RGB")
    # What "convert" keeps beside the pixels goes with it: profile, comment, EXIF.
    flat.info = {"exif": exif.tobytes()} if exif else {}
    return flat


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        there = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(
            picture, there, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        # A profile nobody can read: its colours are taken as they stand.
        made = None
    return made or picture.convert("RGB")


def _rendition(picture: Image.Image, width: int) -> bytes:
    made = picture
    if width < picture.width:
        height = max(1, round(picture.height * width / picture.width))
        made = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    written = io.BytesIO()
    made.save(written, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=None, xmp=b"")
    return written.getvalue()


def refused(why: str) -> Invalid:
    """Why a file can't be a picture here."""
    return Invalid.one("file", why, code="bad_picture")


def megabytes(size: int) -> str:
    """``14.2 MB``, rounded up: a little more than ten is not ten."""
    return f"{ceil(size / (1024 * 1024) * 10) / 10:.1f} MB"


def _too_many_pixels() -> str:
    return (
        f"It is too large: at most {LONGEST_SIDE:,} pixels a side and"
        f" {MOST_PIXELS // 1_000_000} million in all"
        f" ({MOST_DRAFT_PIXELS // 1_000_000} million as a plain JPEG). Make it smaller first."
    )
