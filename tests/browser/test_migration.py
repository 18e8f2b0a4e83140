"""The console of tables that move: it says what is so, asks before it does, and shows it live."""

import re

from playwright.sync_api import expect

from tests.browser.visitor import WAIT, Visitor

OPS = "ops@demo.example"


def test_a_step_is_explained_asked_for_and_seen_to_its_end(visitor: Visitor) -> None:
    visitor.sign_in(OPS)
    visitor.open("/ops/migration")
    page = visitor.page
    visitor.heading("From Supabase to AWS")
    for group in ("package_extras", "packages", "accounts"):
        card = page.get_by_role("region", name=group, exact=True)
        for part in ("Now", "Way back"):
            expect(card.get_by_role("heading", name=part)).to_be_visible(timeout=WAIT)
        expect(card.locator("[aria-current=step]")).to_have_count(1)
        expect(card.get_by_role("table")).to_be_visible()

    places = page.get_by_role("navigation", name="On this page")
    expect(places.get_by_role("link")).to_have_count(5)
    places.get_by_role("link", name="Timeline").click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_in_viewport(timeout=WAIT)

    sink = page.get_by_role("region", name="marketplace", exact=True)
    sink.get_by_role("button", name=re.compile("^Build anew")).click(timeout=WAIT)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Build marketplace anew")).to_be_visible(timeout=WAIT)
    for part in ("What happens", "What it needs", "Way back"):
        expect(dialog.get_by_role("heading", name=part)).to_be_visible()
    visitor.look_over("ops-migration-question")
    confirm = dialog.get_by_role("button", name="Build anew", exact=True)
    expect(confirm).to_be_enabled(timeout=WAIT)
    dialog.get_by_label(re.compile("^Type marketplace")).fill("market")
    confirm.click()
    typed = dialog.get_by_label(re.compile("^Type marketplace"))
    expect(typed).to_have_attribute("aria-invalid", "true", timeout=WAIT)
    expect(typed).to_have_value("market")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0, timeout=WAIT)

    sink.get_by_role("button", name=re.compile("^Compare")).click()
    page.get_by_role("dialog").get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_text("Asked for. The worker begins")).to_be_visible(timeout=WAIT)
    # Nobody loads the page anew: it says by itself how it went.
    expect(sink.get_by_text("just now")).to_be_visible(timeout=3 * WAIT)
    timeline = page.locator("section", has=page.get_by_role("heading", name="Timeline"))
    expect(timeline.get_by_text(OPS).first).to_be_visible()
