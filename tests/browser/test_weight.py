"""How heavy the pages are that people come to first, and that nothing on them jumps."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.visitor import Visitor
from tests.live import Live

HEAVIEST = 250 * 1024
"""Bytes over the wire of everything a page needs, compressed, with typefaces and pictures."""
MOST_SHIFT = 0.01

_WATCH = """
window.__shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def addresses(live: Live) -> dict[str, str]:
    slug = live.get("/api/packages", sort="rating", limit="1")["items"][0]["slug"]
    return {"home": "/", "package": f"/packages/{slug}"}


def received(page: Page) -> dict[str, int]:
    """Bytes over the wire by address, filled in as they arrive."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    urls: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def began(event: dict[str, Any]) -> None:
        urls[event["requestId"]] = event["request"]["url"]

    def ended(event: dict[str, Any]) -> None:
        url = urls.get(event["requestId"], "?")
        sizes[url] = sizes.get(url, 0) + int(event["encodedDataLength"])

    session.on("Network.requestWillBeSent", began)
    session.on("Network.loadingFinished", ended)
    return sizes


@pytest.mark.parametrize("name", ["home", "package"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_is_light_and_stands_still(
    visit: Callable[..., Visitor], live: Live, name: str, width: int
) -> None:
    address = addresses(live)[name]
    visitor = visit(width=width)
    visitor.context.add_init_script(_WATCH)
    sizes = received(visitor.page)
    visitor.open(address)
    visitor.page.wait_for_load_state("networkidle")
    visitor.page.mouse.wheel(0, 4000)
    visitor.page.wait_for_timeout(400)
    weight = sum(sizes.values())
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:12]
    assert weight <= HEAVIEST, json.dumps(heaviest, indent=1)
    shift = visitor.page.evaluate("window.__shift")
    assert shift < MOST_SHIFT, shift
