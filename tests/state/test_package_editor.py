"""The package editor's handlers, called as a hostile client may; two editors at once."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.money import Money
from ecosystem.state.packages import PackageState
from ecosystem.state.provider.package import ProviderPackageState
from ecosystem.state.provider.package.history import PackageHistoryState
from ecosystem.state.provider.package.typed import MOST_ROWS, percentage, read, typed_of
from ecosystem.state.provider.package_preview import PackagePreviewState
from ecosystem.state.provider.packages import ProviderPackagesState
from tests.product import Offer, Product
from tests.services.test_desks import provider
from tests.state.test_desk_pages import page

pytestmark = pytest.mark.anyio

HOSTILE: tuple[Any, ...] = (
    None,
    "",
    "text",
    7,
    -1,
    True,
    [],
    {},
    {"tag": {"a": 1}},
    {"title": "x" * 100_000, "currency": ["EUR"]},
    "\x00" * 50,
    "x" * 500_000,
    "[" * 100_000,
    json.dumps({"seq": 1}),
    json.dumps(["title"]),
)


async def run(state: Any, name: str, *arguments: Any) -> Any:
    """Run a handler to its end; what it returned, if anything."""
    answer = type(state).event_handlers[name].fn(state, *arguments)
    if hasattr(answer, "__aiter__"):
        return [each async for each in answer]
    return await answer


class Desk:
    """An editor with a package open."""

    def __init__(self, product: Product, actor: Actor, made: Offer) -> None:
        self.product, self.actor, self.made = product, actor, made
        path = f"/provider/packages/{made.package_id}"
        self.state: Any = page(product, actor, ProviderPackageState, path)
        self.seq = 0

    async def open(self) -> "Desk":
        await run(self.state, "open")
        assert self.state.phase == "shown"
        return self

    async def type(self, **changes: str) -> None:
        """Let the browser send what was typed; ``__`` stands for a dot."""
        await self.send({name.replace("__", "."): text for name, text in changes.items()})

    async def send(self, changes: Any, **other: Any) -> None:
        self.seq += 1
        batch = {
            "seq": self.seq,
            "package": self.state.package_id,
            "load": self.state.load,
            "version": self.state.version,
            "changes": changes,
        }
        await run(self.state, "keep", json.dumps({**batch, **other}))

    def stored(self) -> Any:
        return self.product.services.editor.open(self.actor, self.made.package_id)


@pytest.fixture
def made(installed: Product) -> Offer:
    return installed.offer(price="1340.00")


@pytest.fixture
def actor(made: Offer) -> Actor:
    return provider(made.operator_id)


@pytest.fixture
def desk(installed: Product, actor: Actor, made: Offer) -> Desk:
    return Desk(installed, actor, made)


async def test_what_is_typed_is_saved_and_only_once(desk: Desk) -> None:
    await desk.open()
    await desk.type(title="Slow trains of Italy", price="1,299.50", room_2="1199")
    assert (desk.state.outcome, desk.state.acked, desk.state.errors) == ("saved", 1, {})
    stored = desk.stored()
    assert (stored.title, stored.base_price.minor, stored.version) == (
        "Slow trains of Italy",
        129950,
        desk.state.version,
    )
    assert [row.price.minor for row in stored.occupancy_prices] == [119900]
    await desk.type(title="Slow trains of Italy", price="1299.5")
    assert desk.state.outcome == "same"
    assert desk.stored().version == stored.version


async def test_what_is_wrong_stays_unsaved_and_the_rest_is_saved(desk: Desk) -> None:
    await desk.open()
    await desk.type(title="A", price="a lot", summary="Four cities by rail")
    assert desk.state.outcome == "partly"
    assert set(desk.state.errors) == {"title", "price"}
    assert desk.state.unsaved == "price title"
    stored = desk.stored()
    assert (stored.summary, stored.base_price.minor) == ("Four cities by rail", 134000)
    assert desk.state.wanting == ["basics", "prices"]
    await desk.type(title="A longer title", price="1400")
    assert (desk.state.outcome, desk.state.errors) == ("saved", {})
    assert desk.stored().base_price.minor == 140000


async def test_lists_are_ordered_removed_and_put_back(desk: Desk) -> None:
    state = (await desk.open()).state
    for name in ("Bari", "Lecce"):
        await run(state, "add_row", "stays")
        key = state.stays[-1].key
        await run(state, "look_up", key, name)
        await run(state, "choose_place", key, state.places[0]["value"])
    cities = [stay.city for stay in state.stays]
    assert cities[-2:] == ["Bari", "Lecce"]
    assert [stay.city for stay in desk.stored().stays] == cities
    await run(state, "arrange", "stays", state.stays[-1].key, 0)
    assert state.said == f"Lecce is now 1 of {len(cities)}."
    assert next(stay.city for stay in desk.stored().stays) == "Lecce"
    await run(state, "move_row", "stays", state.stays[0].key, 1)
    await run(state, "move_row", "stays", state.stays[-1].key, 1)
    assert [stay.city for stay in desk.stored().stays].index("Lecce") == 1
    gone = state.stays[1].key
    await desk.type(**{f"stays__{gone}__hotel_name": "Hotel Barocco"})
    await run(state, "remove_row", "stays", gone)
    assert "Lecce" not in [stay.city for stay in desk.stored().stays]
    await run(state, "put_back", gone)
    back = desk.stored().stays[1]
    assert (back.city, back.hotel_name) == ("Lecce", "Hotel Barocco")


async def test_a_new_line_counts_once_something_is_in_it(desk: Desk) -> None:
    state = (await desk.open()).state
    before = desk.stored()
    for name in MOST_ROWS:
        await run(state, "add_row", name)
    await desk.type(summary=before.summary)
    assert (desk.stored().version, state.errors) == (before.version, {})
    key = state.addons[-1].key
    await desk.type(**{f"addons__{key}__price": "30"})
    assert set(state.errors) == {f"addons.{key}.name"}
    await desk.type(**{f"addons__{key}__name": "Museum pass"})
    assert desk.stored().addons[-1].price.minor == 3000


async def test_bands_that_overlap_are_refused(desk: Desk) -> None:
    state = (await desk.open()).state
    for first, last in (("2", "11"), ("11", "15")):
        await run(state, "add_row", "child_bands")
        key = state.child_bands[-1].key
        names = {"from_age": first, "to_age": last, "discount_percent": "50"}
        await desk.send({f"child_bands.{key}.{part}": text for part, text in names.items()})
    assert "same age" in state.errors["child_bands"]
    await desk.type(**{f"child_bands__{state.child_bands[-1].key}__from_age": "12"})
    assert [band.from_age for band in desk.stored().child_bands] == [2, 12]


async def test_two_editors_nothing_is_overwritten(installed: Product, desk: Desk) -> None:
    first = await desk.open()
    second = await Desk(installed, first.actor, first.made).open()
    await first.type(title="What the first one says", summary="By the first")
    await second.type(title="What the second one says", price="1500")
    clash = second.state.clash
    assert (clash.shown, second.state.outcome, clash.overlap) == (True, "clash", "Title")
    assert {line.label for line in clash.theirs} == {"Title", "Summary"}
    assert {line.label for line in clash.mine} == {"Title", "Price per adult"}
    assert first.stored().title == "What the first one says"
    await second.type(single_supplement="90")
    assert first.stored().base_price.minor == 134000
    await run(second.state, "keep_mine")
    stored = first.stored()
    assert (stored.title, stored.summary) == ("What the second one says", "By the first")
    assert (stored.base_price.minor, stored.single_supplement.minor) == (150000, 9000)
    assert (second.state.clash.shown, second.state.settled) == (False, True)
    assert second.state.fields["summary"] == "By the first"
    await first.type(title="Late again")
    assert first.state.clash.own
    await run(first.state, "take_theirs")
    assert first.state.fields["title"] == "What the second one says"
    assert first.stored().version == stored.version


async def test_changes_of_different_fields_both_stand(installed: Product, desk: Desk) -> None:
    first = await desk.open()
    second = await Desk(installed, provider(first.made.operator_id), first.made).open()
    load = second.state.load
    await first.type(title="What the first one says")
    await second.type(summary="By the second")
    stored = first.stored()
    assert (stored.title, stored.summary) == ("What the first one says", "By the second")
    assert (second.state.clash.shown, second.state.outcome, second.state.acked) == (
        False, "saved", second.seq
    )  # fmt: skip
    # Drawn anew, with what the other changed; words typed meanwhile are not let go.
    assert (second.state.load != load, second.state.settled) == (True, False)
    assert second.state.fields["title"] == "What the first one says"


async def test_what_may_not_stand_beside_each_other_is_for_a_decision(
    installed: Product, desk: Desk
) -> None:
    first = await desk.open()
    second = await Desk(installed, provider(first.made.operator_id), first.made).open()
    await first.type(summary="By the first", **{"stays__#0__nights": "4"})
    await second.type(title="By the second")
    assert second.state.clash.shown, "a list was changed there"
    assert not second.state.clash.own
    await run(second.state, "take_theirs")
    await first.type(summary="Once more")
    await second.type(title="x", price="what")
    await second.type(price="1500")
    assert second.state.clash.shown, "what can't be read must not be lost"
    assert second.stored().title != "x"


async def test_words_of_an_older_version_are_laid_beside_the_newer(
    installed: Product, desk: Desk
) -> None:
    await desk.open()
    other = await Desk(installed, desk.actor, desk.made).open()
    old = desk.state.version
    await desk.send({"stays.#0.hotel_name": "Kept in the browser"})
    await other.open()
    older = {"load": "", "version": old}
    await other.send({"title": "From before", "stays.#0.nights": "9"}, **older)
    assert other.state.clash.shown
    assert {line.label for line in other.state.clash.mine} == {"Title", "Cities"}
    await run(other.state, "keep_mine")
    assert other.stored().title == "From before"
    await other.send({"title": "From before"}, load="", version=other.state.version)
    assert other.state.outcome == "same"


async def test_address_and_currency_change_until_they_are_fixed(
    installed: Product, desk: Desk, actor: Actor, made: Offer
) -> None:
    await desk.open()
    assert (desk.state.head.slug_fixed, desk.state.head.currency_fixed) == (True, True)
    await desk.type(slug="somewhere-else", currency="JPY")
    assert set(desk.state.errors) == {"slug", "currency"}
    assert desk.stored().base_price == Money(134000, "EUR"), "1,340 of another currency is no price"
    fresh = installed.services.editor.create(actor, "Not public yet", "EUR")
    draft = await Desk(installed, actor, replace(made, package_id=fresh.id)).open()
    assert (draft.state.head.slug_fixed, draft.state.head.currency_fixed) == (False, False)
    await draft.type(price="1299")
    await draft.type(slug="an-address-of-its-own", currency="JPY", single_supplement="100.50")
    stored = draft.stored()
    assert (stored.slug, stored.base_price) == ("an-address-of-its-own", Money(1299, "JPY"))
    assert set(draft.state.errors) == {"single_supplement"}, "yen have no decimal places"
    await draft.type(slug=made.slug, currency="XYZ", single_supplement="100")
    assert set(draft.state.errors) == {"slug", "currency"}
    assert draft.stored().single_supplement == Money(100, "JPY")


async def test_departures_that_a_price_makes_worth_nothing_are_named(
    installed: Product, actor: Actor
) -> None:
    made = installed.offer(price="1000.00", occupancy_prices={"2": "1000.00", "4": "600.00"})
    installed.change("update departures set price_minor = 50000")
    desk = await Desk(installed, provider(made.operator_id), made).open()
    assert desk.state.without_price == ""
    await desk.type(price="1100")
    assert "a room would cost nothing" in desk.state.without_price
    await desk.type(price="1099.99")
    assert desk.state.without_price == ""


async def test_a_connection_that_comes_back_leaves_the_fields_alone(desk: Desk) -> None:
    await desk.open()
    load = desk.state.load
    await desk.type(title="Typed just now")
    await desk.open()
    assert (desk.state.load, desk.state.fields["title"]) == (load, "Typed just now")


async def test_history_is_read_and_a_version_comes_back(installed: Product, desk: Desk) -> None:
    await desk.open()
    before = desk.stored()
    await desk.type(title="A title that was a mistake")
    history = page(installed, desk.actor, PackageHistoryState, "/provider/packages")
    history.parent_state.substates[desk.state.get_name()] = desk.state
    await run(history, "open")
    assert history.lines[0].current
    assert history.lines[0].fields == "Title"
    await run(history, "choose", before.version)
    await run(history, "restore")
    assert desk.stored().title == before.title
    for junk in HOSTILE:
        await run(history, "choose", junk)
        await run(history, "undo", junk)
        await run(history, "restore")
    assert desk.stored().title == before.title


async def test_someone_who_may_only_look_changes_nothing(
    installed: Product, made: Offer, actor: Actor
) -> None:
    from dataclasses import replace

    viewer = replace(actor, operator_role="viewer", user_id=uuid4())
    desk = await Desk(installed, viewer, made).open()
    before = desk.stored()
    assert "Ask an owner" in desk.state.locked
    await desk.type(title="Not mine to change")
    await run(desk.state, "add_row", "stays")
    for act in ("publish", "archive", "back_to_draft", "duplicate", "keep_mine"):
        await run(desk.state, act)
    assert (desk.stored(), len(desk.state.stays)) == (before, len(before.stays))


async def test_the_editor_survives_anything(desk: Desk) -> None:
    state = desk.state
    names = [
        name
        for name in type(state).event_handlers
        if name not in ("open", "setvar") and not name.startswith("set_is")
    ]
    counts = {"move_row": 3, "arrange": 3, "remove_row": 2, "look_up": 2, "choose_place": 2}
    none = {"publish", "archive", "back_to_draft", "duplicate", "keep_mine", "take_theirs"}

    async def all_of_them() -> None:
        for name in names:
            if name in none:
                continue
            for junk in HOSTILE:
                await run(state, name, *[junk] * counts.get(name, 1))

    await all_of_them()
    await desk.open()
    before = desk.stored()
    await all_of_them()
    await run(state, "move_row", "stays", state.stays[0].key, 10**9)
    await run(state, "arrange", "__class__", state.stays[0].key, 0)
    await desk.send({"status": "archived", "slug": "mine", "stays.x.nights": "1", "stays": "[]"})
    await desk.send({f"stays.#{number}.city": "x" for number in range(1500)})
    await desk.send({f"f{number}": "x" for number in range(10_000)})
    await desk.send({"description": "x" * 40_000})
    await desk.send({"title": "Another's"}, package=str(uuid4()))
    await desk.send({"title": "Long ago"}, load="x", version=10**6)
    assert desk.stored() == before
    await run(state, "arrange", "stays", state.stays[0].key, 10**9)
    assert [stay.id for stay in desk.stored().stays] == [
        *(stay.id for stay in before.stays[1:]),
        before.stays[0].id,
    ]


async def test_no_list_grows_without_end(desk: Desk) -> None:
    state = (await desk.open()).state
    for _ in range(60):
        await run(state, "add_row", "policy")
        await run(state, "add_tag", {"tag": ",".join(f"tag {n}" for n in range(60))})
    assert (len(state.policy), len(state.tags)) == (MOST_ROWS["policy"], MOST_ROWS["tags"])


async def test_a_preview_is_for_the_own_team(installed: Product, desk: Desk) -> None:
    await desk.open()
    await run(desk.state, "back_to_draft")
    path = f"/provider/packages/{desk.made.package_id}/preview"
    for asked, title in (("", desk.stored().title), (f"?version={desk.state.version}", None)):
        state = page(installed, desk.actor, PackagePreviewState, path + asked)
        await run(state, "open")
        public = await state.get_state(PackageState)
        assert (public.phase, public._preview) == ("shown", True)
        assert title in (None, public.view.title)
    stranger = provider(installed.offer().operator_id)
    for other in (path, "/provider/packages/x/preview", "/provider", f"{path}?version=999"):
        state = page(installed, stranger, PackagePreviewState, other)
        await run(state, "open")
        assert (await state.get_state(PackageState)).phase == "missing"


async def test_the_list_finds_counts_and_archives(installed: Product, desk: Desk) -> None:
    async def opened(asked: str) -> Any:
        state = page(installed, desk.actor, ProviderPackagesState, f"/provider/packages{asked}")
        await run(state, "open")
        assert state.phase == "shown"
        return state

    state = await opened("")
    assert [(row.status, row.missing) for row in state.rows] == [("published", "")]
    assert state.rows[0].departs
    for asked, found in (
        ("?status=draft", 0),
        ("?status=published&sort=price", 1),
        ("?status=nonsense&sort=nonsense&page=0", 1),
        ("?q=no+such+words", 0),
        ("?q=%25", 0),
    ):
        assert len((await opened(asked)).rows) == found, asked
    key = state.rows[0].key
    await run(state, "archive", key)
    assert [(one.label, one.count) for one in state.filters][-1] == ("Archived", "1")
    await run(state, "undo", key, "published")
    assert desk.stored().status == "published"
    for junk in HOSTILE:
        for name, more in (("archive", []), ("duplicate", []), ("undo", ["published"])):
            await run(state, name, junk, *more)
        await run(state, "undo", key, junk)
        await run(state, "find", junk)
        await run(state, "create", junk)
    assert len((await opened("")).rows) == 1
    stranger = provider(installed.offer().operator_id)
    theirs = page(installed, stranger, ProviderPackagesState, "/provider/packages")
    await run(theirs, "archive", key)
    await run(theirs, "duplicate", key)
    assert desk.stored().status == "published"


@pytest.mark.parametrize("text", ["-1", "101", "x", "NaN", "Infinity", "1e2", "12.5.1", "0x1"])
def test_what_is_no_percentage_is_said(text: str) -> None:
    from ecosystem.domain.errors import Invalid

    try:
        assert percentage(text) == "100"
        assert text == "1e2"
    except Invalid as error:
        assert "percentage" in error.detail


async def test_what_is_stored_reads_back_as_itself(desk: Desk) -> None:
    from ecosystem.domain.drafts import content_of

    content = content_of(desk.stored())
    reading = read(typed_of(content))
    assert reading.errors == {}
    assert reading.content == {name: content[name] for name in reading.content}
