"""The real server: quick to start and stop, and one build for any port."""

import re
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

SOCKET_ADDRESS = """() => new Promise((done, fail) => {
  const end = Date.now() + 20000;
  const look = () => {
    const state = window.__reflex?.["$/utils/state"];
    if (state) done(state.getBackendURL("ws://localhost:8000/_event").href);
    else if (Date.now() > end) fail(new Error("the page did not start"));
    else requestAnimationFrame(look);
  };
  look();
})"""

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_it_starts_and_stops_quickly(
    serve_for_a_moment: Callable[[], tuple[float, float]],
) -> None:
    # The aim is 4 s to start; four times that is a fault even on a machine busy with other tests.
    start, stop = serve_for_a_moment()
    assert start < 16
    assert stop < 5


def test_the_socket_goes_to_where_the_page_came_from(
    browser: Browser, two_sites: list[str]
) -> None:
    for site in two_sites:
        page = browser.new_page()
        page.goto(site, wait_until="networkidle")
        address = page.evaluate(SOCKET_ADDRESS)
        assert address == site.replace("http://", "ws://") + "/_event"
        page.close()


def test_the_release_names_no_port_of_a_stack(release: Path, two_sites: list[str]) -> None:
    ports = {site.rsplit(":", 1)[1] for site in two_sites} | {"3000"}
    for script in (release / "assets").glob("*.js"):
        assert not set(re.findall(r"localhost:(\d+)", script.read_text())) & ports


def test_pages_run_under_their_own_policy(browser: Browser, site: str) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site, wait_until="networkidle")
    heading = page.get_by_role("heading", level=1).inner_text()
    assert heading.split() == ["Trips", "with", "more", "than", "one", "good", "city"]
    assert complaints == []
    page.close()


def test_the_first_page_needs_no_script_to_be_read(site: str) -> None:
    with urllib.request.urlopen(site) as answer:
        html = answer.read().decode()
    assert "than one good city" in html
    assert 'action="/search"' in html
