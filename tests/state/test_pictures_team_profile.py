"""The handlers of pictures, team, profile and invitation, called as a hostile client may."""

from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.errors import Invalid, Unavailable
from ecosystem.domain.pictures import MOST_PICTURES
from ecosystem.state.agent.profile import AgentProfileState
from ecosystem.state.join import JoinState
from ecosystem.state.provider.package_pictures import PackagePicturesState, picture_form
from ecosystem.state.provider.profile import ProviderProfileState
from ecosystem.state.provider.team import ProviderTeamState
from ecosystem.state.sending import chosen
from tests.picture_files import photo
from tests.product import Product
from tests.services.test_clients import agent_of
from tests.services.test_desks import provider
from tests.state.test_desk_pages import page
from tests.state.test_package_editor import HOSTILE, run

pytestmark = pytest.mark.anyio

FILE = {"key": "f1-1", "name": "bay.jpg", "type": "image/jpeg", "size": 1000}
PICTURE_HANDLERS = {
    "choose": 1, "progress": 2, "broke": 2, "retry": 1, "dismiss": 1, "arrange": 2, "describe": 2,
    "remove": 1, "restore": 1,
}  # fmt: skip
TEAM_HANDLERS = {"invite": 1, "resend": 1, "revoke": 1, "change_role": 2, "ask_to_remove": 1}


async def pictures(installed: Product) -> Any:
    """The pictures of a package with one in it, and one file on its way."""
    made = installed.offer()
    actor = provider(made.operator_id)
    state: Any = page(
        installed, actor, PackagePicturesState, f"/provider/packages/{made.package_id}"
    )
    await run(state, "open")
    assert state.phase == "shown"
    await run(state, "choose", [FILE])
    installed.files.post(installed.files.forms[-1], photo())
    installed.services.pictures.finish(actor, state._sending["f1-1"].id)
    await run(state, "open")
    await run(state, "choose", [FILE])
    return state


@pytest.mark.parametrize(("name", "count"), PICTURE_HANDLERS.items())
async def test_pictures_stand_whatever_is_sent(installed: Product, name: str, count: int) -> None:
    state = await pictures(installed)
    before = [one.id for one in state.tiles]
    others = ["f1-1", *(before if name not in ("remove", "describe") else ())]
    for value in HOSTILE:
        for other in (*others, value):
            await run(state, name, *(other, value)[-count:])
            await run(state, name, *(value, other)[-count:])
    await run(state, "open")
    assert [one.id for one in state.tiles] == before


def test_only_what_makes_sense_is_taken_of_what_was_chosen() -> None:
    wrong: list[Any] = [
        {**FILE, "key": "../x"},
        {**FILE, "key": "x" * 41},
        {**FILE, "size": "big"},
        {**FILE, "size": -1},
        {"key": "f1"},
        "file",
        None,
    ]
    taken = []
    for key, name, told in chosen([*wrong, FILE]):
        with suppress(Invalid):
            taken.append((key, picture_form(name, told).file_name))
    assert taken == [("f1-1", FILE["name"])]
    ((_key, name, told),) = chosen([{**FILE, "name": "a\x00\u202eb" * 500, "type": {"x": 1}}])
    assert len(picture_form(name, told).file_name) == 200
    for junk in HOSTILE:
        assert list(chosen(junk)) == []
    assert len(list(chosen([{**FILE, "key": f"f{n}"} for n in range(500)]))) == 100


async def test_no_package_no_pictures(installed: Product) -> None:
    actor = provider(installed.offer().operator_id)
    state: Any = page(installed, actor, PackagePicturesState, f"/provider/packages/{uuid4()}")
    await run(state, "open")
    assert (state.phase, state.problem) == ("failed", "This package does not exist.")


async def test_only_as_many_files_are_kept_as_a_package_can_have(installed: Product) -> None:
    made = installed.offer()
    state: Any = page(
        installed,
        provider(made.operator_id),
        PackagePicturesState,
        f"/provider/packages/{made.package_id}",
    )
    await run(state, "open")
    for start in (0, 30):
        files = [{**FILE, "key": f"f{n}"} for n in range(start, start + 30)]
        await run(state, "choose", files)
    assert len(state.uploads) == len(state._sending) == MOST_PICTURES


async def test_files_wait_for_their_turn(installed: Product) -> None:
    made = installed.offer()
    state: Any = page(
        installed,
        provider(made.operator_id),
        PackagePicturesState,
        f"/provider/packages/{made.package_id}",
    )
    await run(state, "open")
    await run(state, "choose", [{**FILE, "key": f"f{n}"} for n in range(5)])
    assert [job["key"] for job in state.jobs] == ["f0", "f1", "f2"]
    await run(state, "broke", "f1", "lost")
    assert [job["key"] for job in state.jobs] == ["f0", "f2", "f3"]
    await run(state, "retry", "f1")
    assert state.jobs[1] == state._sending["f1"].job
    assert state.jobs[1]["id"] == "f1:2"
    await run(state, "dismiss", "f0")
    assert "f0" not in [line.key for line in state.uploads]


@pytest.mark.parametrize(("name", "count"), TEAM_HANDLERS.items())
async def test_the_team_stands_whatever_is_sent(installed: Product, name: str, count: int) -> None:
    made = installed.offer()
    founder = installed.services.team.show(provider(made.operator_id)).members[0]
    actor = replace(provider(made.operator_id), user_id=founder.user_id)
    state: Any = page(installed, actor, ProviderTeamState, "/provider/team")
    await run(state, "open")
    for value in HOSTILE:
        await run(state, name, *(str(founder.user_id), value)[-count:])
        await run(state, name, *(value, value)[-count:])
    await run(state, "open")
    assert [(one.id, one.role) for one in state.members] == [(str(founder.user_id), "owner")]
    assert state.invitations == []


async def test_the_profile_stands_whatever_is_sent(installed: Product) -> None:
    made = installed.offer()
    state: Any = page(
        installed, provider(made.operator_id), ProviderProfileState, "/provider/profile"
    )
    await run(state, "open")
    before = state.view
    for value in HOSTILE:
        await run(state, "save", value)
        await run(state, "save", {"name": value, "website": value, "language-<b>": "on"})
        await run(state, "look", value)
    await run(state, "open")
    assert state.view == before


async def test_asking_to_be_verified_does_not_write_over_a_colleague(installed: Product) -> None:
    ann = agent_of(installed, "Ann Delaney", role="owner")
    state, other = (page(installed, ann, AgentProfileState, "/agent/profile") for _ in range(2))
    await run(state, "open")
    await run(other, "open")
    await run(other, "save", {"address": "Kade 1, Gent"})
    await run(state, "ask", {"company": "Delaney Ltd", "number": "12345", "registry": "Dublin"})
    assert state.view.verification == "asked"
    await run(state, "save", {"address": "Quay 7, Cork"})
    assert state.conflict
    assert installed.services.agencies.show(ann).address == "Kade 1, Gent"


async def test_a_file_that_is_let_go_while_it_is_looked_at_breaks_nothing() -> None:
    state: Any = PackagePicturesState(_reflex_internal_init=True)  # type: ignore[call-arg]
    state._choose("f0", "a.png", None)
    state._job("f0", uuid4(), "/", {})
    assert state._arrive("f0")
    state._forget("f0")
    state._not_kept("f0", Unavailable("It is not there yet.", code="not_uploaded"))
    assert state.uploads == []


async def test_an_invitation_is_not_guessed(installed: Product) -> None:
    state: Any = page(
        installed, provider(installed.offer().operator_id), JoinState, "/join/" + "x" * 43
    )
    await run(state, "open")
    assert state.phase == "missing"
    await run(state, "join")
    assert state.problem == "There is no such invitation."
