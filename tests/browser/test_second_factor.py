"""An authenticator app: set up on one's account, asked for at the next sign-in."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visitor import WAIT, Visitor, new_email

PASSWORD = "Long-Way-Home-7"


def code(secret: str, at: float | None = None) -> str:
    """What an authenticator app shows at a time, now by default (RFC 6238: SHA-1, 30 s)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = int(time.time() if at is None else at) // 30
    digest = hmac.digest(key, struct.pack(">Q", step), hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def test_the_code_is_what_the_standard_says() -> None:
    # RFC 6238, appendix B; the last six of its eight digits.
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code(secret, at=59) == "287082"
    assert code(secret, at=1111111109) == "081804"


def test_an_app_is_set_up_and_then_asked_for(
    visitor: Visitor, new_customer: Callable[[str, str], None]
) -> None:
    page, email = visitor.page, new_email("ines.duarte")
    new_customer(email, PASSWORD)
    visitor.sign_in(email, PASSWORD)
    visitor.open("/account")
    visitor.press("Set up an app")
    visitor.shows("Enter this key")
    secret = page.locator("main .font-mono").inner_text().replace(" ", "")
    visitor.look_over("account-setting-up-an-app")
    visitor.field("Code").fill("000000" if code(secret) != "000000" else "111111")
    visitor.press("Turn on")
    wrong = visitor.field("Code")
    expect(wrong).to_have_attribute("aria-invalid", "true", timeout=WAIT)
    expect(wrong).to_have_accessible_description(re.compile(r"\w{3,} "))
    wrong.fill(code(secret))
    visitor.press("Turn on")
    visitor.shows("At sign-in we ask for a code of your app")

    visitor.press("Sign out")
    page.wait_for_url(visitor.live.url + "/")
    visitor.open("/sign-in")
    visitor.sign_in_by_form(email, PASSWORD)
    page.wait_for_url(re.compile("/second-factor"))
    visitor.settled()
    visitor.look_over("second-factor")
    visitor.field("Code").fill(code(secret))
    visitor.press("Continue")
    page.wait_for_url(re.compile("/trips"))
    visitor.heading("My bookings")
    visitor.open("/account")
    visitor.shows("At sign-in we ask for a code of your app")
