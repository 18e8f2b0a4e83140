"""The parts in a real browser: by keyboard, by name, in both themes, on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto(f"{site}/_gallery", wait_until="networkidle")
    yield opened
    opened.close()


def test_a_dialog_keeps_the_focus_and_gives_it_back(page: Page) -> None:
    opener = page.get_by_role("button", name="Cancel booking")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel TRV-7K3Q9XHM")
    expect(dialog).to_be_visible()
    page.keyboard.press("Tab")
    assert dialog.evaluate("node => node.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_press_beside_a_drawer_closes_it(page: Page) -> None:
    page.get_by_role("button", name="More filters").click()
    drawer = page.get_by_role("dialog", name="Filters")
    expect(drawer).to_be_visible()
    page.mouse.click(200, 400)
    expect(drawer).to_be_hidden()


def test_a_combobox_works_by_keyboard_and_ignores_accents(page: Page) -> None:
    city = page.get_by_role("combobox", name="City")
    city.fill("mala")
    expect(page.locator("#field-city-list").get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(city).to_have_value("Málaga")
    expect(page.locator("input[name=city]")).to_have_value("mad")
    expect(page.get_by_role("listbox")).to_be_hidden()
    city.fill("Mal")
    expect(page.locator("input[name=city]")).to_have_value("")


def test_a_stepper_stays_within_its_limits(page: Page) -> None:
    nights = page.get_by_label("Nights", exact=True)
    nights.fill("2")
    fewer = page.get_by_role("button", name="Fewer nights")
    for _ in range(3):
        fewer.click()
    expect(nights).to_have_value("1")


def test_a_field_is_tied_to_its_error(page: Page) -> None:
    email = page.get_by_label("Email", exact=True)
    expect(email).to_have_attribute("aria-invalid", "true")
    described = (email.get_attribute("aria-describedby") or "").split()
    texts = [page.locator(f"#{name}").inner_text() for name in described if _there(page, name)]
    assert "This address has no domain ending, like .com. We write to it." in texts


def _there(page: Page, name: str) -> bool:
    return page.locator(f"#{name}").count() > 0


def test_a_toast_is_announced_and_leaves(page: Page) -> None:
    page.get_by_role("button", name="Show a toast").click()
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text("Saved 14:02")
    assert page.locator("#toasts").get_attribute("role") == "status"
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def test_a_chosen_theme_is_there_before_anything_is_drawn(browser: Browser, site: str) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(site, wait_until="networkidle")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_class("dark")
    # With every script file refused, only what stands in the head can have set it.
    page.route("**/*.js", lambda route: route.abort())
    page.reload(wait_until="domcontentloaded")
    expect(page.locator("html")).to_have_class("dark")
    context.close()


@pytest.mark.parametrize("path", ["/", "/_gallery"])
def test_nothing_is_wider_than_a_phone(browser: Browser, site: str, path: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(site + path, wait_until="networkidle")
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide == 0
    page.close()


def test_a_link_of_this_site_does_not_load_the_page_anew(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.goto(site + "/nothing-here", wait_until="networkidle")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="Ecosystem").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Trips with more")
    assert page.evaluate("window.stayed") is True
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser: Browser, site: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(site, wait_until="networkidle")
    low = page.evaluate(CONTRASTS)
    assert low == []
    page.close()


CONTRASTS = """() => {
    const style = getComputedStyle(document.documentElement);
    const parse = (name) => {
        const probe = document.createElement("i");
        probe.style.color = style.getPropertyValue("--" + name).trim();
        document.body.append(probe);
        const found = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
        probe.remove();
        return found;
    };
    const light = (c) => {
        const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (one, other) => {
        const [high, low] = [light(parse(one)), light(parse(other))].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
    };
    const pairs = [["brand-ink", "brand", 4.5], ["edge", "card", 3]];
    for (const text of ["ink", "soft", "brand", "warn", "bad", "good"])
        for (const under of ["paper", "card", "sunk"]) pairs.push([text, under, 4.5]);
    for (const tone of ["brand", "warn", "bad", "good"]) pairs.push([tone, tone + "-soft", 4.5]);
    pairs.push(["soft", "brand-soft", 4.5]);
    return pairs.filter(([a, b, least]) => ratio(a, b) < least).map(([a, b]) => [a, b, ratio(a, b)]);
}"""
