"""An operator's own pictures, as services answer with them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

PICTURE_WIDTHS: Final = (480, 960, 1600)
"""In pixels; a narrower picture is served as wide as it is."""
MOST_PICTURES: Final = 20
"""Of one package."""
LONGEST_ALT: Final = 250


@dataclass(frozen=True)
class PictureView:
    """A picture that may be shown at ``/pictures/{id}/{width}.webp``.

    ``width`` and ``height`` are its own pixels: the proportions to keep free for it. ``alt`` says
    what is to be seen; empty until the operator wrote it.
    """

    id: UUID
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class UploadStart:
    """Where a browser posts one file of a picture (``multipart/form-data``, ``file`` last)."""

    picture_id: UUID
    url: str
    fields: dict[str, str]


def rendition_key(picture_id: UUID, width: int) -> str:
    """Where one size of a picture lies in the bucket."""
    return f"pictures/{picture_id}/{width}.webp"
