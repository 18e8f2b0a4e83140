"""A file of packages: a wrong row, mended and run; a long one that is cancelled; other files."""

import secrets
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import WAIT, Visitor
from tests.live import Live

HEADER = "slug,title,currency,price,city_1,country_1,nights_1\r\n"


@pytest.fixture
def operator(visitor: Visitor, live: Live) -> Visitor:
    """The demo operator on the import page."""
    # The store is the one other origin that a page talks to.
    store = urlsplit(live.settings["AWS_ENDPOINT_URL"])
    visitor._origins.add(f"{store.scheme}://{store.netloc}")
    visitor.sign_in("operator@demo.example")
    visitor.open("/provider/import")
    return visitor


def choose(visitor: Visitor, name: str, content: bytes) -> None:
    visitor.page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "text/csv", "buffer": content}]
    )


def test_a_wrong_row_is_named_mended_and_imported(operator: Visitor) -> None:
    slug = f"seville-{secrets.token_hex(4)}"
    right = f"{slug},Seville by file,EUR,1299.50,Seville,ES,3\r\n"
    wrong = f"{slug}-2,<b>Atlantis</b>,EUR,cheap,Atlantis,GR,3\r\n"
    operator.look_over("page-provider-import-begin")
    choose(operator, "trips.csv", (HEADER + right + wrong).encode())
    operator.shows("1 new, 0 to change, 0 the same, 1 wrong")
    operator.shows("price: Write a number like 1299.50, without thousands separators.")
    operator.shows("city_1: We don't know Atlantis in GR.")
    operator.shows("<b>Atlantis</b>")
    operator.look_over("page-provider-import-report")
    main = operator.page.get_by_role("main")
    main.get_by_role("link", name="Wrong 1").click()
    expect(main.get_by_text("Seville by file")).to_have_count(0, timeout=WAIT)

    main.get_by_role("link", name="Another file").click()
    expect(operator.page.locator("input[type=file]")).to_be_attached(timeout=WAIT)
    mended = wrong.replace("cheap", "900").replace("Atlantis,GR", "Athens,GR")
    choose(operator, "trips-2.csv", (HEADER + right + mended).encode())
    operator.shows("2 new, 0 to change, 0 the same, 0 wrong")
    operator.press("Import 2 packages")
    operator.shows("2 packages imported.")
    operator.look_over("page-provider-import-done")
    operator.open(f"/provider/packages?q={slug[:7]}")
    operator.shows("Seville by file")


def test_a_long_file_is_cancelled_and_says_what_stays(operator: Visitor) -> None:
    mark = secrets.token_hex(4)
    rows = "".join(f"long-{mark}-{n},Long file {n},EUR,{n + 1},Rome,IT,2\r\n" for n in range(1500))
    choose(operator, "long.csv", (HEADER + rows).encode())
    main = operator.page.get_by_role("main")
    expect(main.get_by_role("button", name="Import 1,500 packages")).to_be_visible(timeout=120_000)
    operator.press("Import 1,500 packages")
    expect(main.get_by_role("progressbar")).to_be_visible(timeout=WAIT)
    expect(main.get_by_text("left", exact=False).first).to_be_visible(timeout=WAIT)
    operator.press("Cancel import")
    operator.shows("Cancelled.")


def test_files_that_are_none_are_refused_in_words(operator: Visitor) -> None:
    choose(operator, "trips.xlsx", b"PK\x03\x04")
    operator.shows("This is neither a CSV nor a JSON file.")
    choose(operator, "trips.csv", b'title,price\nA,1\n"B,2\n')
    operator.shows("a text begins with a quote that is never closed")
    operator.open("/provider/import?id=00000000-0000-4000-8000-000000000000")
    operator.shows("There is no such import")


def test_an_export_is_a_file(operator: Visitor) -> None:
    with operator.page.expect_download(timeout=120_000) as download:
        operator.page.get_by_role("link", name="Packages as CSV").click()
    assert download.value.suggested_filename.startswith("packages-")
    content = download.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,slug,status,title")
