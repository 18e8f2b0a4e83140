"""A client's document: sent from her page, shared by a link with a code word, taken out, taken back."""

import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.proposing import AGENT, agent_program
from tests.browser.visitor import PHONE, WAIT, Visitor
from tests.document_files import pdf, script
from tests.live import Live

GOOD, BAD = pdf(), pdf(script)


def test_a_document_is_sent_shared_and_taken_back(
    visit: Callable[..., Visitor], live: Live
) -> None:
    name = f"Olga {secrets.token_hex(3).title()}"
    with agent_program(live) as program:
        client = program.post("/api/agents/me/clients", json={"name": name}).json()["id"]
    agent, guest = visit(), visit(width=PHONE)
    # The store is the one other origin that a page talks to.
    store = urlsplit(live.settings["AWS_ENDPOINT_URL"])
    agent._origins.add(f"{store.scheme}://{store.netloc}")

    agent.sign_in(AGENT)
    agent.open(f"/agent/clients/{client}")
    section = agent.page.locator("#files")
    section.get_by_label("Kind").select_option("Visa")
    chooser = section.locator("input[type=file]")
    chooser.set_input_files({"name": "trap.pdf", "mimeType": "application/pdf", "buffer": BAD})
    expect(section.get_by_text("It contains a script")).to_be_visible(timeout=WAIT)
    section.get_by_role("button", name="Dismiss").click()
    chooser.set_input_files({"name": "visa.pdf", "mimeType": "text/html", "buffer": GOOD})
    kept = section.get_by_role("listitem").filter(has_text="visa.pdf")
    expect(kept).to_contain_text("Visa · PDF · 1 KB", timeout=WAIT)

    section.get_by_role("link", name="visa.pdf", exact=True).click()
    agent.heading("visa.pdf")
    agent.press("Share by link")
    dialog = agent.page.get_by_role("dialog")
    dialog.get_by_label("For whom").fill("The consulate")
    dialog.get_by_label("Code word").fill("Blue Heron")
    dialog.get_by_role("button", name="Make link").click()
    copy = dialog.get_by_role("button", name="Copy link")
    expect(copy).to_be_visible(timeout=WAIT)
    link = str(copy.get_attribute("data-copy"))
    dialog.get_by_role("button", name="Done").click()

    guest.open(urlsplit(link).path)
    guest.heading("Maple Travel shares a document with you")
    guest.field("Code word").fill("blue heron")
    guest.press("Open")
    guest.heading("visa.pdf")
    with guest.page.expect_download() as taken:
        guest.page.get_by_role("link", name="Download").click()
    assert taken.value.suggested_filename == "visa.pdf"
    assert Path(taken.value.path()).read_bytes() == GOOD
    agent.shows("Downloaded by link")

    agent.page.get_by_role("button", name="Take back").click()
    agent.shows("Link taken back")
    guest.open(urlsplit(link).path)
    guest.heading("This link has ended")
