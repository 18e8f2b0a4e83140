"""Files that people send as pictures, good and bad, for tests."""

import io

from PIL import Image


def photo(
    width: int = 1200,
    height: int = 800,
    kind: str = "JPEG",
    *,
    exif: Image.Exif | None = None,
    mode: str = "RGB",
) -> bytes:
    """A picture with some structure in it, as a file of that kind."""
    made = Image.linear_gradient("L").resize((width, height)).convert(mode)
    written = io.BytesIO()
    made.save(written, kind, **({"exif": exif} if exif is not None else {}))
    return written.getvalue()
