"""Operators make and change packages: by mouse and keyboard, offline, and two at once."""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import PASSWORD, WAIT, Visitor
from tests.live import Live, eventually

OPERATOR = "operator@demo.example"
SAVED = re.compile(r"^Saved \d\d:\d\d$")
CITIES = (
    ("Naples", "IT", 40.85, 14.27, "Europe/Rome"),
    ("Bari", "IT", 41.12, 16.87, "Europe/Rome"),
    ("Lecce", "IT", 40.35, 18.17, "Europe/Rome"),
)


# Being offline stops new connections only: the open one has to be cut as well.
_NOTE_SOCKETS = """
window.__sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    window.__sockets.push(this);
  }
};
"""


class Operator:
    """The demo operator at the API, to prepare packages and to see what is stored."""

    def __init__(self, live: Live) -> None:
        self.client = httpx.Client(base_url=live.url, headers={"Origin": live.url}, timeout=60)
        signed = self.client.post(
            "/api/auth/sign-in", json={"email": OPERATOR, "password": PASSWORD}
        )
        assert signed.is_success, signed.text

    def make(self) -> str:
        """A draft that lacks only departures; returns its id."""
        body = {
            "title": f"By the Adriatic {secrets.token_hex(3)}",
            "currency": "EUR",
            "price": 129900,
            "policy": [{"days_before": 30, "refund_percent": 100}],
            "stays": [
                {
                    "city": city,
                    "country": country,
                    "latitude": latitude,
                    "longitude": longitude,
                    "timezone": zone,
                    "nights": 3,
                }
                for city, country, latitude, longitude, zone in CITIES
            ],
        }
        answer = self.client.post("/api/operators/me/packages", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def depart(self, package_id: str) -> None:
        """Put a departure on sale."""
        day = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
        answer = self.client.post(
            f"/api/operators/me/packages/{package_id}/departures",
            json={"starts_on": day, "capacity": 12},
        )
        assert answer.is_success, answer.text

    def draft(self, package_id: str) -> dict[str, Any]:
        answer = self.client.get(f"/api/operators/me/packages/{package_id}")
        assert answer.is_success, answer.text
        return answer.json()["draft"]


@dataclass
class Editor:
    """The editor in a tab."""

    visitor: Visitor
    page: Page
    package_id: str

    def open(self) -> None:
        self.visitor.open(f"/provider/packages/{self.package_id}", self.page)

    def field(self, label: str | re.Pattern[str], exact: bool = True) -> Locator:
        return self.page.get_by_role("main").get_by_label(label, exact=exact)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("main").get_by_role("button", name=name, exact=True)

    @property
    def status(self) -> Locator:
        return self.page.locator("[data-keeping-status]")

    def cut(self) -> None:
        """Lose the connection."""
        self.visitor.context.set_offline(True)
        self.page.evaluate("window.__sockets.forEach((one) => one.close())")

    def saved(self) -> None:
        expect(self.status).to_have_text(SAVED, timeout=WAIT)

    def cities(self) -> list[str]:
        rows = self.page.get_by_role("list", name="Cities, in order").get_by_role("combobox")
        labels = rows.evaluate_all("all => all.map((one) => one.id ? one.value : '')")
        return [label.partition(",")[0] for label in labels if "," in label]

    def menu(self, name: str) -> None:
        self.page.get_by_label("More for this package").click()
        self.button(name).click()


@pytest.fixture(scope="session")
def operator(live: Live) -> Iterator[Operator]:
    made = Operator(live)
    yield made
    made.client.close()


@pytest.fixture
def editor(visitor: Visitor, operator: Operator) -> Editor:
    """A draft of the demo operator, open."""
    visitor.sign_in(OPERATOR)
    visitor.context.add_init_script(_NOTE_SOCKETS)
    opened = Editor(visitor, visitor.page, operator.make())
    opened.open()
    return opened


def test_from_an_empty_page_to_a_trip_the_public_finds(
    live: Live, visit: Callable[..., Visitor], operator: Operator
) -> None:
    visitor = visit()
    visitor.sign_in(OPERATOR)
    visitor.open("/provider/packages")
    page = visitor.page
    title = f"Heel of the boot {secrets.token_hex(3)}"
    visitor.press("New package")
    question = page.get_by_role("dialog", name="New package")
    question.get_by_label("Title").fill("A")
    question.get_by_role("button", name="Create").click()
    expect(question.get_by_text("at least 4 characters")).to_be_visible(timeout=WAIT)
    question.get_by_label("Title").fill(title)
    question.get_by_label("Currency").select_option("EUR")
    page.keyboard.press("Tab")
    question.get_by_role("button", name="Create").click()
    page.wait_for_url(re.compile(r"/provider/packages/[0-9a-f-]{36}$"))
    visitor.heading(title)
    editor = Editor(visitor, page, page.url.rpartition("/")[2])
    visitor.settled()

    editor.field("Summary").fill("Four days of stone, sea and slow trains.")
    editor.field("Tags").fill("Rail, food")
    page.keyboard.press("Enter")
    expect(editor.button("Remove tag rail")).to_be_visible(timeout=WAIT)
    area = page.get_by_role("textbox", name="Description", exact=True)
    area.fill("# What you see\n\nOld towns <b>by foot</b>\n")
    area.press("Control+End")
    editor.button("Bold").click()
    preview = page.locator(".rich")
    expect(preview.locator("h3")).to_have_text("What you see", timeout=WAIT)
    expect(preview.locator("strong")).to_have_text("bold words", timeout=WAIT)
    expect(preview).to_contain_text("<b>by foot</b>")
    expect(preview.locator("b")).to_have_count(0)

    for number, (typed, choice) in enumerate((("lecc", "Lecce, Italy"), ("bari", "Bari, Italy"))):
        editor.button("+ Add a city").click()
        city = editor.field(f"City {number + 1}")
        city.focus()
        page.keyboard.type(typed)
        expect(page.get_by_role("option", name=choice).first).to_be_visible(timeout=WAIT)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(city).to_have_value(choice, timeout=WAIT)
    visitor.shows("4 nights in 2 cities")
    editor.button("More nights").first.click()
    visitor.shows("5 nights in 2 cities")
    page.get_by_label(re.compile("^Price per adult, EUR")).fill("1,250")
    editor.button("+ Add a rule").click()
    editor.field("Days before, rule 1").fill("30")
    editor.field("Back in %, rule 1").fill("100")
    page.keyboard.press("Tab")
    visitor.shows("Cancelled 30 days or more before: everything comes back.")
    visitor.shows("What a family would pay")
    editor.saved()

    editor.button("Publish").click()
    expect(page.get_by_role("alert").filter(has_text="open departure")).to_be_visible(timeout=WAIT)
    operator.depart(editor.package_id)
    editor.open()
    visitor.shows("Nothing is missing")
    editor.button("Publish").click()
    visitor.shows("It is on sale")
    slug = operator.draft(editor.package_id)["slug"]
    eventually(lambda: live.get("/api/packages", q=title)["items"], "trip in the search")
    guest = visit()
    guest.open(f"/packages/{slug}")
    guest.heading(title)
    guest.shows("Old towns <b>by foot</b>")
    visitor.look_over("package-editor-published")


def test_cities_are_put_in_order_by_hand_and_by_keys(editor: Editor, operator: Operator) -> None:
    page = editor.page
    assert editor.cities() == ["Naples", "Bari", "Lecce"]
    editor.button("Order of Naples").evaluate("(one) => one.scrollIntoView()")
    page.mouse.wheel(0, -150)
    page.wait_for_timeout(300)
    start = editor.button("Order of Bari").bounding_box()
    target = editor.button("Order of Naples").bounding_box()
    assert start
    assert target
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 10, target["y"] + 20, steps=8)
    page.mouse.move(target["x"] + 10, target["y"] + 5, steps=4)
    page.mouse.up()
    editor.visitor.shows("Bari is now 1 of 3.")
    assert editor.cities() == ["Bari", "Naples", "Lecce"]
    editor.button("Order of Bari").focus()
    page.keyboard.press("ArrowDown")
    editor.visitor.shows("Bari is now 2 of 3.")
    editor.button("Move down Bari").focus()
    page.keyboard.press("Enter")
    editor.visitor.shows("Bari is now 3 of 3.")
    expect(editor.button("Move down Bari")).to_be_focused()
    editor.button("Move up Bari").click()
    editor.visitor.shows("Bari is now 2 of 3.")
    assert editor.cities() == ["Naples", "Bari", "Lecce"]
    editor.button("Remove Bari").click()
    expect(editor.button("Remove Bari")).to_have_count(0, timeout=WAIT)
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(editor.button("Remove Bari")).to_be_visible(timeout=WAIT)
    stored = [stay["city"] for stay in operator.draft(editor.package_id)["stays"]]
    assert stored == ["Naples", "Bari", "Lecce"]


def test_what_is_typed_saves_itself_and_is_there_after_a_reload(editor: Editor) -> None:
    editor.field("Summary").press_sequentially("Saved while I type")
    editor.saved()
    editor.field("Hotel").first.fill("Hotel Miramare")
    editor.page.keyboard.press("Tab")
    editor.saved()
    editor.open()
    expect(editor.field("Summary")).to_have_value("Saved while I type")
    expect(editor.field("Hotel").first).to_have_value("Hotel Miramare")
    editor.field("Title").fill("A")
    editor.page.get_by_label(re.compile("^Price per adult, EUR")).fill("a lot")
    editor.button("Save").click()
    expect(editor.status).to_have_text("Not saved: see what is marked", timeout=WAIT)
    for label in (re.compile("^Title"), re.compile("^Price per adult, EUR")):
        wrong = editor.page.get_by_role("main").get_by_label(label)
        expect(wrong).to_have_attribute("aria-invalid", "true", timeout=WAIT)
    editor.visitor.look_over("package-editor-mistakes")


@pytest.mark.parametrize("choice", ["Keep what is here", "Discard what is here"])
def test_the_second_of_two_editors_decides(editor: Editor, operator: Operator, choice: str) -> None:
    second = Editor(editor.visitor, editor.visitor.tab(), editor.package_id)
    second.open()
    editor.field("Title").fill("What the first tab says")
    editor.field("Summary").fill("By the first tab")
    editor.button("Save").click()
    editor.saved()
    second.field("Title").fill("What the second tab says")
    second.page.get_by_label(re.compile("^Price per adult, EUR")).fill("1400")
    second.button("Save").click()
    notice = second.page.get_by_role("alert").filter(has_text="You have changed this package")
    expect(notice).to_contain_text("Changed there: Title, Summary.", timeout=WAIT)
    expect(notice).to_contain_text("Changed here: Title, Price per adult.")
    expect(notice).to_contain_text("Changed in both: Title")
    second.button("See both").click()
    dialog = second.page.get_by_role("dialog", name="What was changed")
    expect(dialog).to_contain_text("By the first tab")
    second.page.keyboard.press("Escape")
    editor.visitor.page = second.page
    editor.visitor.look_over(f"package-editor-{choice.split()[0].lower()}")
    second.button(choice).click()
    expect(notice).to_have_count(0, timeout=WAIT)
    mine = choice.startswith("Keep")
    title = "What the second tab says" if mine else "What the first tab says"
    expect(second.field("Title")).to_have_value(title, timeout=WAIT)
    expect(second.field("Summary")).to_have_value("By the first tab")
    stored = operator.draft(editor.package_id)
    assert (stored["title"], stored["summary"]) == (title, "By the first tab")


def test_different_fields_of_two_tabs_both_stand(editor: Editor, operator: Operator) -> None:
    second = Editor(editor.visitor, editor.visitor.tab(), editor.package_id)
    second.open()
    editor.field("Title").fill("What the first tab says")
    editor.button("Save").click()
    editor.saved()
    second.field("Summary").fill("By the second tab")
    second.button("Save").click()
    expect(second.field("Title")).to_have_value("What the first tab says", timeout=WAIT)
    expect(second.field("Summary")).to_have_value("By the second tab", timeout=WAIT)
    second.saved()
    stored = operator.draft(editor.package_id)
    assert (stored["title"], stored["summary"]) == ("What the first tab says", "By the second tab")


def test_a_connection_cut_half_way_loses_no_word(editor: Editor, operator: Operator) -> None:
    visitor, page = editor.visitor, editor.page
    with visitor.forgiving("ERR_INTERNET_DISCONNECTED", "WebSocket", "websocket"):
        editor.cut()
        editor.field("Summary").fill("Typed in a tunnel")
        page.keyboard.press("Tab")
        expect(editor.status).to_contain_text("Not saved: no connection", timeout=WAIT)
        expect(editor.field("Summary")).to_have_value("Typed in a tunnel")
        visitor.context.set_offline(False)
        editor.saved()
    expect(editor.field("Summary")).to_have_value("Typed in a tunnel")
    eventually(
        lambda: operator.draft(editor.package_id)["summary"] == "Typed in a tunnel",
        "saved words from the tunnel",
    )


@pytest.mark.parametrize("choice", ["Use them", "Discard"])
def test_unsaved_words_are_offered_after_a_reload(
    editor: Editor, operator: Operator, choice: str
) -> None:
    visitor, page = editor.visitor, editor.page
    with visitor.forgiving("ERR_INTERNET_DISCONNECTED", "WebSocket", "websocket"):
        editor.cut()
        editor.field("Summary").fill("Typed before the crash")
        editor.field("Hotel").nth(1).fill("Hotel of the crash")
        page.close()
        visitor.context.set_offline(False)
    age_kept_words(editor)
    page = editor.page
    offer = page.get_by_role("status").filter(has_text="You have unsaved words from")
    expect(offer).to_be_visible(timeout=WAIT)
    visitor.page = page
    visitor.look_over("package-editor-offer")
    offer.get_by_role("button", name=choice).click()
    expect(offer).to_be_hidden()
    if choice == "Use them":
        editor.saved()
        expect(editor.field("Summary")).to_have_value("Typed before the crash")
        stored = operator.draft(editor.package_id)
        assert stored["summary"] == "Typed before the crash"
        assert stored["stays"][1]["hotel_name"] == "Hotel of the crash"
    else:
        assert operator.draft(editor.package_id)["summary"] == ""
        editor.open()
        expect(page.get_by_text("You have unsaved words")).to_be_hidden()


def age_kept_words(editor: Editor) -> None:
    """Open the package in a new tab, long after the words in the old one were typed."""
    editor.page = editor.visitor.tab()
    editor.page.goto("/robots.txt")
    editor.page.evaluate(
        """() => { for (const name of Object.keys(localStorage)) {
          if (!name.startsWith("package-draft:")) continue;
          const words = JSON.parse(localStorage.getItem(name));
          localStorage.setItem(name, JSON.stringify({ ...words, at: words.at - 60000 }));
        } }"""
    )
    editor.open()


def test_history_brings_a_version_back_and_that_can_be_undone(
    editor: Editor, operator: Operator
) -> None:
    page, before = editor.page, operator.draft(editor.package_id)["title"]
    editor.field("Title").fill("A title by mistake")
    editor.button("Save").click()
    editor.saved()
    editor.menu("History")
    history = page.get_by_role("dialog", name="History")
    expect(history).to_contain_text("Edited", timeout=WAIT)
    expect(history).to_contain_text("Created")
    history.get_by_text("Title", exact=True).first.click()
    expect(history.locator("del").first).to_contain_text(before)
    expect(history.locator("ins").first).to_contain_text("A title by mistake")
    editor.visitor.look_over("package-editor-history")
    history.get_by_role("button", name=re.compile("^Restore")).last.click()
    page.get_by_role("dialog", name="Bring this version back").get_by_role(
        "button", name="Restore"
    ).click()
    expect(editor.field("Title")).to_have_value(before, timeout=WAIT)
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(editor.field("Title")).to_have_value("A title by mistake", timeout=WAIT)


def test_a_copy_is_a_draft_of_its_own(editor: Editor, operator: Operator) -> None:
    title = operator.draft(editor.package_id)["title"]
    editor.menu("Duplicate")
    editor.page.wait_for_url(lambda url: not url.endswith(editor.package_id))
    editor.visitor.heading(f"Copy of {title}")
    copy = Editor(editor.visitor, editor.page, editor.page.url.rpartition("/")[2])
    copy.field("Title").fill("A trip of its own")
    copy.button("Save").click()
    copy.saved()
    assert operator.draft(editor.package_id)["title"] == title
    assert [stay["city"] for stay in operator.draft(copy.package_id)["stays"]] == [
        "Naples",
        "Bari",
        "Lecce",
    ]


def test_another_operators_package_is_not_there(
    visit: Callable[..., Visitor], editor: Editor
) -> None:
    stranger = visit()
    stranger.sign_in("newoperator@demo.example")
    stranger.open(f"/provider/packages/{editor.package_id}")
    stranger.heading("This package does not exist")
    stranger.open(f"/provider/packages/{editor.package_id}/preview")
    stranger.heading("This trip is not offered any more")
