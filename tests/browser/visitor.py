"""A person at a browser of their own, and a note of everything the browser complains about."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from tests.live import ROOT, Live

SCREENSHOTS = ROOT / ".local" / "screenshots"
PASSWORD = "Demo-Pass-2026!"
WAIT = 30_000
"""Milliseconds: how long anything on a page may take on a machine that is busy."""
expect.set_options(timeout=WAIT)

PHONE, DESK = 360, 1280
TALLEST = 2000
"""Pixels of a page that a picture shows: long lists go on in the same way."""

HEIGHTS = {PHONE: 740, DESK: 860}

# Reflex says over the socket when a page's own handlers have run. What is pressed before that
# is lost on any page that only scripts can answer.
_NOTE_HYDRATION = """
window.__hydrated = new Promise((done, fail) => {
  setTimeout(() => fail(new Error("the page did not start")), 30000);
  window.WebSocket = class extends WebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", (event) => {
        if (typeof event.data === "string" && /"is_hydrated[^"]*":\\s*true/.test(event.data))
          done(true);
      });
    }
  };
});
window.__hydrated.catch(() => undefined);
"""

_STRUCTURE = """() => {
  const shown = (node) => node.checkVisibility() && node.getClientRects().length > 0;
  const root = document.documentElement;
  const edge = root.clientWidth;
  return {
    headings: [...document.querySelectorAll("h1")].filter(shown).length,
    mains: [...document.querySelectorAll("main")].filter(shown).length,
    wider: root.scrollWidth - edge,
    beyond: [...document.querySelectorAll("body *")]
      .filter((node) => shown(node) && node.getBoundingClientRect().right > edge + 0.5)
      .slice(0, 3).map((node) => node.outerHTML.slice(0, 160)),
    unnamed: [...document.querySelectorAll("button, a[href], input, select, textarea")]
      .filter(shown)
      .filter((node) => node.type !== "hidden" && !(
        node.innerText?.trim() || node.ariaLabel || node.labels?.length || node.title
        || node.querySelector("img[alt]:not([alt='']), [aria-label]")))
      .slice(0, 3).map((node) => node.outerHTML.slice(0, 160)),
  };
}"""

_LAID_OUT = """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
  () => done(document.documentElement.scrollHeight))))"""

_THEME_IS = """(scheme) => new Promise((done, fail) => {
  const list = document.documentElement.classList;
  const end = Date.now() + 10000;
  const look = () => {
    // The hosted payment page has no theme of its own.
    if (list.contains(scheme) || !(list.contains("light") || list.contains("dark"))) done();
    else if (Date.now() > end) fail(new Error(`the page did not turn ${scheme}`));
    else requestAnimationFrame(look);
  };
  look();
})"""

# Colours on their way from one theme to the other are nobody's. What a busy browser never reports
# as finished is not waited for longer than three seconds.
_AT_REST = """() => Promise.race([
  new Promise((done) => setTimeout(done, 3000)),
  new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
    () => Promise.allSettled(document.getAnimations()
      .filter((a) => a.effect?.getTiming().iterations !== Infinity)
      .map((a) => a.finished)).then(() => done())))),
])"""

_PICTURES = """() => Promise.all(
  [...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight)
    .map((i) => i.complete || new Promise((done) => { i.onload = i.onerror = done; })))"""

_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
ALL_RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOURS: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
_VIOLATIONS = """async (rules) => {
  const found = await axe.run({ resultTypes: ["violations"], ...rules });
  return found.violations.map(({ id, nodes }) => ({
    id, times: nodes.length, why: nodes[0].failureSummary, html: nodes[0].html,
  }));
}"""

_NONSENSE = re.compile(r"Traceback|Internal Server Error|\bundefined\b|\bNaN\b|\[object Object\]")
Scheme = Literal["light", "dark"]


def new_email(name: str) -> str:
    """An address nobody has used, so that tests can be repeated on a stack that goes on."""
    return f"{name}.{secrets.token_hex(3)}@guest.example"


class Visitor:
    """One browser window with its own cookies.

    ``problems`` collects console errors, uncaught exceptions, requests that failed, answers
    of 400 and above, requests to anywhere but the product and the hosted payment page, and
    what ``look_over`` finds; the ``visit`` fixture fails the test for them.
    """

    pictures: ClassVar[bool] = False
    """Whether ``look_over`` saves what it sees."""

    def __init__(self, browser: Browser, live: Live, *, width: int = DESK) -> None:
        self.live = live
        self.context = browser.new_context(
            base_url=live.url,
            viewport={"width": width, "height": HEIGHTS[width]},
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        self.context.set_default_timeout(WAIT)
        self.context.add_init_script(_NOTE_HYDRATION)
        self.problems: list[str] = []
        self._forgiven: list[str] = []
        self._origins = {_origin(live.url), _origin(live.settings["STRIPE_API_BASE"])}
        self.page = self.tab()

    def tab(self) -> Page:
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.on("request", self._asked)
        return page

    def open(self, path: str, page: Page | None = None) -> None:
        """Load an address and wait until the page is whole and answers."""
        page = page or self.page
        page.goto(path, wait_until="domcontentloaded")
        self.settled(page)

    def settled(self, page: Page | None = None) -> None:
        """Wait until a page of the product has loaded what it shows."""
        page = page or self.page
        try:
            page.evaluate("window.__hydrated")
        except Error as error:
            # It was on its way to another page, which is the one to wait for.
            if "context was destroyed" not in error.message:
                raise
            page.wait_for_load_state("domcontentloaded")
            page.evaluate("window.__hydrated")
        expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=WAIT)
        expect(page.locator("h1").first).to_be_visible(timeout=WAIT)

    def heading(self, text: str | re.Pattern[str], page: Page | None = None) -> None:
        """Wait for the page's heading."""
        found = (page or self.page).get_by_role("heading", level=1, name=text)
        expect(found).to_be_visible(timeout=WAIT)

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Get a session without the form, which other tests prove."""
        answer = self.context.request.post(
            f"{self.live.url}/api/auth/sign-in",
            data={"email": email, "password": password},
            headers={"Origin": self.live.url},
            timeout=WAIT,
        )
        assert answer.ok, answer.text()

    def sign_in_by_form(self, email: str, password: str = PASSWORD) -> None:
        """Fill in the sign-in form that is on screen."""
        self.field("Email").fill(email)
        self.field("Password").fill(password)
        self.press("Sign in")

    def field(self, label: str) -> Locator:
        """The field with this label."""
        return self.page.get_by_role("main").get_by_label(label, exact=True)

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press the button in the page's content with this name."""
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    def shows(self, text: str | re.Pattern[str]) -> None:
        """Wait until the content has this text."""
        expect(self.page.get_by_role("main")).to_contain_text(text, timeout=WAIT)

    def look_over(self, name: str) -> None:
        """Check this page, narrow and wide, light and dark: its structure and what axe says of
        it. ``pytest --pictures`` saves pictures of it, too."""
        page = self.page
        before = page.viewport_size
        for width in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            tall = page.evaluate(_LAID_OUT)
            self._check_structure(width)
            page.set_viewport_size({"width": width, "height": min(tall, TALLEST)})
            for scheme in _schemes():
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.evaluate(_THEME_IS, scheme)
                page.evaluate(_AT_REST)
                # In the other theme nothing but colours is another.
                self._check_with_axe(width, scheme, ALL_RULES if scheme == "light" else COLOURS)
                if self.pictures:
                    self._take_picture(f"{name}-{width}-{scheme}.png")
        page.emulate_media(color_scheme="light")
        if before:
            page.set_viewport_size(before)
        self.sensible()

    def _take_picture(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.evaluate(_PICTURES)
        self.page.screenshot(path=SCREENSHOTS / name, animations="disabled")

    def sensible(self) -> None:
        """Check that nothing on the page is what only programs can read."""
        found = _NONSENSE.search(self.page.locator("body").inner_text())
        if found is not None:
            self._note(f"{self.page.url} shows {found.group()!r}")

    def _check_structure(self, width: int) -> None:
        found = self.page.evaluate(_STRUCTURE)
        where = f"{self.page.url} at {width}"
        if found["headings"] != 1:
            self._note(f"{where} has {found['headings']} h1")
        if found["mains"] != 1:
            self._note(f"{where} has {found['mains']} main landmarks")
        if found["wider"] > 0:
            self._note(f"{where} is {found['wider']} px too wide: {found['beyond']}")
        if found["unnamed"]:
            self._note(f"{where} has controls without a name: {found['unnamed']}")

    def _check_with_axe(self, width: int, scheme: Scheme, rules: dict[str, Any]) -> None:
        """Note what axe finds wrong: names, roles, order of headings, contrast."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(_AXE)
        found = self.page.evaluate(_VIOLATIONS, rules)
        if found:
            # On a busy machine a colour may still be on its way; what is wrong stays wrong.
            self.page.wait_for_timeout(500)
            found = self.page.evaluate(_VIOLATIONS, rules)
        for rule in found:
            self._note(
                f"axe at {self.page.url}, {width} px, {scheme}: {rule['id']} × {rule['times']}:"
                f" {' '.join(rule['why'].split())[:160]} | {rule['html'][:160]}"
            )

    @contextmanager
    def forgiving(self, *texts: str) -> Iterator[None]:
        """Let problems with one of these texts happen inside."""
        self._forgiven += texts
        try:
            yield
        finally:
            self._forgiven = self._forgiven[: -len(texts)]

    def close(self) -> None:
        self.context.close()

    def _note(self, problem: str) -> None:
        if not any(text in problem for text in self._forgiven):
            self.problems.append(problem[:500])

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Request) -> None:
        # The browser drops what it no longer needs when a page is left; nothing failed then.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"answer: {response.status} {response.url}")

    def _asked(self, request: Request) -> None:
        if request.url.startswith("http") and _origin(request.url) not in self._origins:
            self._note(f"foreign: {request.url}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _schemes() -> tuple[Scheme, Scheme]:
    return ("light", "dark")
