"""An operator's team: invited by e-mail, what a viewer can't do, and being removed while signed in."""

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import expect

from tests.browser.visitor import PASSWORD, WAIT, Visitor, new_email
from tests.live import Live

OWNER = "operator@demo.example"


def _code(live: Live, email: str) -> str:
    found = re.search(r"\b([0-9]{6,8})\b", live.mail(email, "")["text"])
    assert found is not None
    return found[1]


def test_a_viewer_is_invited_joins_sees_everything_changes_nothing_and_is_removed(
    visit: Callable[..., Visitor], live: Live
) -> None:
    email = new_email("vera.viewer")
    owner = visit()
    owner.sign_in(OWNER)
    owner.open("/provider/team")
    owner.field("Email").fill("nobody")
    owner.press("Send invitation")
    owner.shows("This is not an e-mail address")
    owner.field("Email").fill(email)
    owner.field("Role").select_option("viewer")
    owner.press("Send invitation")
    row = owner.page.get_by_role("listitem").filter(has_text=email)
    expect(row).to_contain_text("Good until", timeout=WAIT)
    owner.look_over("provider-team-invited")

    mail = live.mail(email, "invites you to their team")
    link = re.search(r"(/join/\S+)", mail["text"])
    assert link is not None
    wrong = visit()
    wrong.sign_in("newoperator@demo.example")
    wrong.open(link[1])
    wrong.shows(f"This invitation is for {email}")

    vera = visit()
    vera.open(link[1])
    vera.heading(re.compile("^Join "))
    vera.look_over("join")
    vera.field("Full name").fill("Vera Viewer")
    vera.field("Password").fill("short")
    vera.press("Create account")
    vera.page.wait_for_url(re.compile("/join/"))
    vera.settled()
    vera.shows("Use at least 10 characters")
    vera.field("Password").fill(PASSWORD)
    vera.press("Create account")
    vera.page.wait_for_url(re.compile("/confirm"))
    vera.settled()
    vera.field("Code").fill(_code(live, email))
    vera.press("Confirm")
    vera.page.wait_for_url(re.compile("/sign-in"))
    vera.settled()
    vera.sign_in_by_form(email)
    vera.page.wait_for_url(re.compile("/join/"))
    vera.settled()
    vera.press("Join the team")
    vera.page.wait_for_url(re.compile("/provider/?$"))
    vera.settled()

    vera.open("/provider/profile")
    vera.shows("only an owner of the team can change it")
    expect(vera.field("Name")).to_be_disabled()
    vera.open("/provider/team")
    vera.shows(email)
    expect(vera.page.get_by_role("button", name="Send invitation")).to_have_count(0)
    program = httpx.Client(base_url=live.url, headers={"Origin": live.url}, timeout=30)
    program.post("/api/auth/sign-in", json={"email": email, "password": PASSWORD})
    me = "/api/operators/me"
    package = program.get(f"{me}/packages", params={"limit": 1}).json()["items"][0]["id"]
    seen = program.get(me).json()["updated_at"]
    for answer in (
        program.patch(me, json={"updated_at": seen, "city": "Mine"}),
        program.post(f"{me}/packages/{package}/archive"),
        program.post(f"{me}/packages/{package}/duplicate"),
        program.post(f"{me}/team/invitations", json={"email": email, "role": "owner"}),
        program.post(
            f"{me}/packages/{package}/pictures",
            json={"file_name": "a.jpg", "content_type": "image/jpeg", "size": 10},
        ),
    ):
        assert answer.status_code == 403, answer.text
    program.close()

    vera.open("/provider/packages")
    owner.open("/provider/team")
    row = owner.page.get_by_role("listitem").filter(has_text=email)
    expect(row).to_contain_text("Vera Viewer")
    row.get_by_role("button", name="Remove").click()
    dialog = owner.page.get_by_role("dialog", name="Remove from the team")
    dialog.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0, timeout=WAIT)
    # Her open page: the next thing she does ends at the sign-in page.
    vera.page.get_by_role("link", name=re.compile("^Bookings")).click()
    vera.page.wait_for_url(re.compile("/sign-in"), timeout=WAIT)


def test_a_profile_is_changed_and_a_second_editor_is_told(
    visit: Callable[..., Visitor], live: Live
) -> None:
    first, second = visit(), visit()
    for one in (first, second):
        one.sign_in("newoperator@demo.example")
        one.open("/provider/profile")
    first.field("Website").fill("javascript:alert(1)")
    first.press("Save")
    first.shows("Write an address of the web")
    first.look_over("provider-profile-wrong")
    first.field("Website").fill("www.example.com")
    first.field("City").fill(new_email("City").partition("@")[0])
    first.press("Save")
    first.shows("Saved")
    expect(first.field("Website")).to_have_value("www.example.com")
    second.field("City").fill("Somewhere else")
    second.press("Save")
    second.shows("Somebody else has changed the profile")
    second.press("Reload")
    expect(second.field("Website")).to_have_value("https://www.example.com", timeout=WAIT)
