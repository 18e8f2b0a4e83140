"""What counts as a picture is found out by decoding it, whatever its name and type say."""

import io

import pytest
from PIL import ExifTags, Image

from ecosystem.domain.errors import Invalid, Unavailable
from ecosystem.domain.pictures import PICTURE_WIDTHS
from ecosystem.services.package_pictures import looking
from ecosystem.services.package_pictures.looking import look_at
from tests.picture_files import photo

PROGRAM = b"MZ\x90\x00" + b"\x00" * 60 + b"This program cannot be run in DOS mode."
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_three_sizes(kind: str) -> None:
    looked = look_at(photo(2400, 1600, kind))
    assert (looked.width, looked.height) == (2400, 1600)
    for width, content in looked.renditions.items():
        with opened(content) as made:
            assert made.format == "WEBP"
            assert made.size == (width, round(width * 2 / 3))
    assert tuple(looked.renditions) == PICTURE_WIDTHS


def test_a_small_picture_is_not_blown_up() -> None:
    looked = look_at(photo(700, 500))
    assert [opened(content).size for content in looked.renditions.values()] == [
        (480, 343),
        (700, 500),
        (700, 500),
    ]


def test_a_picture_taken_upright_stands_upright_and_says_nothing_of_where() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Secret Camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    looked = look_at(photo(1200, 800, exif=exif))
    assert (looked.width, looked.height) == (800, 1200)
    for content in looked.renditions.values():
        with opened(content) as made:
            assert made.width < made.height
            assert not made.getexif()
            assert "exif" not in made.info
        assert b"Secret" not in content


@pytest.mark.parametrize(
    "mode", ["RGBA", "LA", "P", "L", "1", "I;16"], ids=lambda mode: mode.replace(";", "-")
)
def test_every_way_to_keep_colours_is_understood(mode: str) -> None:
    written = io.BytesIO()
    base = Image.new("L", (800, 600), 128)
    made = Image.new("I;16", (800, 600), 32768) if mode == "I;16" else base.convert(mode)
    made.save(written, "PNG")
    with opened(look_at(written.getvalue()).renditions[480]) as shown:
        grey = shown.convert("L").getpixel((240, 180))
    assert isinstance(grey, int | float)
    if mode != "1":
        assert abs(grey - 128) < 6


def test_print_colours_are_converted() -> None:
    written = io.BytesIO()
    Image.new("CMYK", (800, 600), (0, 255, 255, 0)).save(written, "JPEG")
    with opened(look_at(written.getvalue()).renditions[480]) as shown:
        red, green, _ = shown.convert("RGB").getpixel((200, 200))  # type: ignore[misc]
    assert red > 200 > green


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(PROGRAM, "whatever its name says", id="exe named jpg"),
        pytest.param(SVG, "whatever its name says", id="svg"),
        pytest.param(b"<!doctype html><h1>Hi</h1>", "whatever its name says", id="html"),
        pytest.param(b"", "whatever its name says", id="nothing"),
        pytest.param(b"GIF89a" + bytes(100), "whatever its name says", id="gif"),
        pytest.param(photo(1, 1), "1 × 1 pixels", id="one pixel"),
        pytest.param(photo(4000, 500), "too narrow", id="a strip"),
        pytest.param(photo()[: len(photo()) // 2], "damaged", id="truncated jpeg"),
        pytest.param(photo(kind="PNG")[:-400], "damaged", id="truncated png"),
        pytest.param(photo(kind="WEBP")[:-400], "damaged", id="truncated webp"),
        pytest.param(b"\xff\xd8\xff" + PROGRAM, "damaged", id="exe with the head of a jpeg"),
        pytest.param(photo() + SVG, "inside it", id="jpeg and web page"),
        pytest.param(photo() + b"PK\x05\x06" + bytes(18), "inside it", id="jpeg and archive"),
        pytest.param(photo()[:20] + b"<ScRiPt>" + photo()[20:], "inside it", id="script in head"),
        pytest.param(bytes(looking.LARGEST_BYTES + 1), "10.1 MB", id="too large a file"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        look_at(content)
    assert refusal.value.code == "bad_picture"
    assert words in refusal.value.detail


def test_a_moving_picture_is_refused() -> None:
    written = io.BytesIO()
    frames = [Image.new("RGB", (800, 600), colour) for colour in ("red", "blue")]
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(Invalid, match="It moves"):
        look_at(written.getvalue())


def test_a_small_file_that_would_fill_the_memory_is_not_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.BytesIO()
    Image.new("1", (11_000, 11_000)).save(written, "PNG")
    assert len(written.getvalue()) < 100_000

    def decoded(*_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(looking, "_in_srgb", decoded)
    with pytest.raises(Invalid, match="too large"):
        look_at(written.getvalue())


@pytest.mark.parametrize(
    ("kind", "options", "fits"),
    [
        ("PNG", {}, False),
        ("WEBP", {}, False),
        ("JPEG", {"progressive": True}, False),
        ("JPEG", {}, True),
    ],
    ids=["png", "webp", "jpeg in passes", "jpeg"],
)
def test_only_what_is_decoded_in_part_may_have_many_pixels(
    monkeypatch: pytest.MonkeyPatch, kind: str, options: dict[str, bool], fits: bool
) -> None:
    monkeypatch.setattr(looking, "MOST_PIXELS", 500_000)
    written = io.BytesIO()
    Image.new("RGB", (1000, 600), "red").save(written, kind, **options)
    if fits:
        assert look_at(written.getvalue()).width == 1000
        return
    with pytest.raises(Invalid, match="too large") as refusal:
        look_at(written.getvalue())
    assert "60 million as a plain JPEG" in refusal.value.detail


def test_the_least_favourable_picture_is_refused_before_it_is_decoded() -> None:
    written = io.BytesIO()
    Image.new("1", (11_990, 5_000)).save(written, "PNG")
    with pytest.raises(Invalid, match="25 million in all"):
        look_at(written.getvalue())


@pytest.mark.parametrize(
    "mode", ["RGB", "RGBA", "L", "LA", "I;16"], ids=lambda m: m[0:4].strip(";")
)
def test_a_large_picture_is_made_smaller_first(mode: str) -> None:
    written = io.BytesIO()
    made = Image.new("L", (3300, 3210), 128)
    (Image.new("I;16", made.size, 32768) if mode == "I;16" else made.convert(mode)).save(
        written, "PNG", compress_level=1
    )
    looked = look_at(written.getvalue())
    assert (looked.width, looked.height) == (3300, 3210)
    with opened(looked.renditions[1600]) as shown:
        assert shown.width == 1600
        grey = shown.convert("L").getpixel((800, 800))
    assert isinstance(grey, int | float)
    assert abs(grey - 128) < 6


def test_more_than_a_few_at_a_time_are_asked_to_wait() -> None:
    taken = [looking._ROOM.acquire(blocking=False) for _ in range(3)]
    try:
        with pytest.raises(Unavailable):
            look_at(photo())
    finally:
        for _ in filter(None, taken):
            looking._ROOM.release()
    assert look_at(photo()).width == 1200
