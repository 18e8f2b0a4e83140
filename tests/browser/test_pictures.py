"""Pictures of a package: sent from the browser to the store, described, put in order, refused."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import WAIT, Visitor
from tests.live import Live
from tests.picture_files import photo

OPERATOR, OTHER = "operator@demo.example", "newoperator@demo.example"


@dataclass(frozen=True)
class Draft:
    """A package of the demo operator that only this test uses, not public yet."""

    id: str
    title: str
    client: httpx.Client


@pytest.fixture
def draft(live: Live) -> Iterator[Draft]:
    """A new draft, made by its operator with a program."""
    with _program(live, OPERATOR) as client:
        source = client.get("/api/operators/me/packages", params={"limit": 1}).json()["items"][0]
        made = client.post(f"/api/operators/me/packages/{source['id']}/duplicate")
        assert made.status_code == 201, made.text
        for old in _pictures(client, made.json()["id"]):
            client.delete(f"/api/operators/me/pictures/{old['id']}")
        yield Draft(made.json()["id"], made.json()["title"], client)


@contextmanager
def _program(live: Live, email: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live.url, headers={"Origin": live.url}, timeout=30) as client:
        answer = client.post(
            "/api/auth/sign-in", json={"email": email, "password": "Demo-Pass-2026!"}
        )
        assert answer.is_success, answer.text
        yield client


def _pictures(client: httpx.Client, package_id: str) -> list[dict[str, str]]:
    return client.get(f"/api/operators/me/packages/{package_id}/pictures").json()["items"]


def _open(visitor: Visitor, live: Live, draft: Draft) -> Locator:
    """The editor of the draft; its pictures."""
    # The store is the one other origin that a page talks to.
    store = urlsplit(live.settings["AWS_ENDPOINT_URL"])
    visitor._origins.add(f"{store.scheme}://{store.netloc}")
    visitor.sign_in(OPERATOR)
    visitor.open(f"/provider/packages/{draft.id}")
    section = visitor.page.locator("#pictures")
    expect(section.get_by_text("Choose pictures, or drop them here")).to_be_visible(timeout=WAIT)
    return section


def _choose(section: Locator, *files: tuple[str, str, bytes]) -> None:
    section.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    )


def _alts(section: Locator) -> list[str]:
    return [field.input_value() for field in section.locator("ol textarea").all()]


def test_pictures_are_sent_described_and_put_in_order(
    visitor: Visitor, live: Live, draft: Draft
) -> None:
    section = _open(visitor, live, draft)
    _choose(
        section,
        ("one.jpg", "image/jpeg", photo(1600, 1000)),
        ("two.png", "image/png", photo(900, 1200, "PNG")),
        ("three.webp", "image/webp", photo(800, 600, "WEBP")),
    )
    entries = section.locator("ol > li")
    expect(entries).to_have_count(3, timeout=WAIT)
    expect(section.get_by_label("Files on their way")).to_have_count(0, timeout=WAIT)
    expect(entries.first).to_contain_text("Cover")
    for place, words in enumerate(("Bay", "Tower", "Market")):
        field = section.locator("ol textarea").nth(place)
        field.fill(words)
        field.blur()
        expect(section.get_by_role("button", name=f"Move {words}, {place + 1} of 3")).to_be_visible(
            timeout=WAIT
        )
    expect(section.get_by_text("Needs a description")).to_have_count(0)
    visitor.look_over("provider-package-pictures")

    # By keys, without a mouse.
    section.get_by_role("button", name="Move Market, 3 of 3").press("ArrowUp")
    expect(section.get_by_role("button", name="Move Market, 2 of 3")).to_be_visible(timeout=WAIT)
    expect(section.get_by_role("button", name="Move Market, 2 of 3")).to_be_focused()
    # By the handle, dragged above the first.
    _drag(visitor.page, section.get_by_role("button", name="Move Tower, 3 of 3"), entries.first)
    expect(section.get_by_role("button", name="Move Tower, 1 of 3")).to_be_visible(timeout=WAIT)
    assert _alts(section) == ["Tower", "Bay", "Market"]
    visitor.open(f"/provider/packages/{draft.id}")
    expect(section.get_by_role("button", name="Move Tower, 1 of 3")).to_be_visible(timeout=WAIT)

    section.get_by_role("button", name="Take this picture off").first.click()
    expect(entries).to_have_count(2, timeout=WAIT)
    visitor.page.get_by_role("button", name="Undo").click()
    expect(entries).to_have_count(3, timeout=WAIT)
    assert [one["alt"] for one in _pictures(draft.client, draft.id)] == ["Tower", "Bay", "Market"]


def _drag(page: Page, handle: Locator, above: Locator) -> None:
    start, end = handle.bounding_box(), above.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + end["height"] / 2, steps=4)
    page.mouse.move(end["x"] + 60, end["y"] + 6, steps=4)
    page.mouse.up()


def test_what_is_no_picture_is_refused_in_words(visitor: Visitor, live: Live, draft: Draft) -> None:
    section = _open(visitor, live, draft)
    _choose(
        section,
        ("holiday.jpg", "image/jpeg", b"MZ\x90\x00 This program cannot be run in DOS mode." * 50),
        ("huge.jpg", "image/jpeg", bytes(10 * 1024 * 1024 + 1)),
        ("dot.png", "image/png", photo(1, 1, "PNG")),
        ("page.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("cut.jpg", "image/jpeg", photo(1600, 1000)[:9000]),
    )
    for name, words in (
        ("holiday.jpg", "whatever its name says"),
        ("huge.jpg", "A picture can have at most 10 MB"),
        ("dot.png", "1 × 1 pixels"),
        ("page.svg", "It is not a JPEG, PNG or WebP picture"),
        ("cut.jpg", "It is damaged"),
    ):
        line = section.get_by_role("listitem").filter(has_text=name)
        expect(line.get_by_role("alert")).to_contain_text(words, timeout=WAIT)
    visitor.look_over("provider-package-pictures-refused")
    section.get_by_role("button", name="Dismiss dot.png").click()
    expect(section.get_by_role("listitem").filter(has_text="dot.png")).to_have_count(0)
    assert _pictures(draft.client, draft.id) == []


def test_a_connection_lost_half_way_loses_nothing(
    visitor: Visitor, live: Live, draft: Draft
) -> None:
    section = _open(visitor, live, draft)
    store = re.compile(re.escape(live.settings["AWS_ENDPOINT_URL"]) + "/.*")
    visitor.page.route(store, lambda route: route.abort("connectionfailed"))
    with visitor.forgiving("net::ERR_CONNECTION_FAILED", "ERR_FAILED"):
        _choose(section, ("bay.jpg", "image/jpeg", photo(1600, 1000)))
        expect(section.get_by_role("alert")).to_contain_text(
            "The connection was lost on the way", timeout=WAIT
        )
    visitor.page.unroute(store)
    section.get_by_role("button", name="Send again").click()
    expect(section.locator("ol > li")).to_have_count(1, timeout=WAIT)
    expect(section.get_by_label("Files on their way")).to_have_count(0, timeout=WAIT)


def test_drafts_pictures_are_their_operators_alone(
    visit: Callable[..., Visitor], live: Live, draft: Draft
) -> None:
    mine = visit()
    section = _open(mine, live, draft)
    _choose(section, ("bay.jpg", "image/jpeg", photo(1600, 1000)))
    expect(section.locator("ol > li")).to_have_count(1, timeout=WAIT)
    picture = _pictures(draft.client, draft.id)[0]
    path = f"/pictures/{picture['id']}/480.webp"
    own = draft.client.get(path)
    assert (own.status_code, own.headers["content-type"]) == (200, "image/webp")
    assert own.headers["cache-control"].startswith("private")
    again = draft.client.get(path, headers={"If-None-Match": own.headers["etag"]})
    assert again.status_code == 304

    with _program(live, OTHER) as other, httpx.Client(base_url=live.url, timeout=30) as nobody:
        assert nobody.get(path).status_code == 404
        assert other.get(path).status_code == 404
        api = "/api/operators/me"
        body = {"file_name": "x.jpg", "content_type": "image/jpeg", "size": 10}
        for answer in (
            other.get(f"{api}/packages/{draft.id}/pictures"),
            other.post(f"{api}/packages/{draft.id}/pictures", json=body),
            other.post(f"{api}/pictures/{picture['id']}/finish"),
            other.patch(f"{api}/pictures/{picture['id']}", json={"alt": "mine"}),
            other.put(f"{api}/packages/{draft.id}/pictures/order", json={"ids": []}),
            other.delete(f"{api}/pictures/{picture['id']}"),
            other.post(f"{api}/pictures/{picture['id']}/restore"),
        ):
            assert answer.status_code == 404, answer.text
        store, bucket = live.settings["AWS_ENDPOINT_URL"], live.settings["S3_BUCKET_NAME"]
        assert nobody.get(f"{store}/{bucket}/pictures/{picture['id']}/480.webp").status_code == 403
    rival = visit()
    rival.sign_in(OTHER)
    rival.open(f"/provider/packages/{draft.id}")
    rival.heading("This package does not exist")
    assert picture["id"] not in rival.page.content()
