"""What the console says of a group: always what is so now, what comes next, and the way back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import uuid4

import pytest

from ecosystem.domain.moving import (
    GROUP_ACTIONS,
    SINK_ACTIONS,
    Action,
    Condition,
    Difference,
    GroupState,
    Job,
    Kept,
    Option,
    Paused,
    SignInCounts,
    SinkState,
    Switched,
    TableState,
    TimelineLine,
    Verified,
)
from ecosystem.state.ops.migration.questions import asked_pause, asked_step, found_line
from ecosystem.state.ops.migration.steps import PHASES, SINK_STANDINGS, SINK_STEPS, STANDINGS, STEPS
from ecosystem.state.ops.migration.times import ago, lasting, size
from ecosystem.state.ops.migration.words import (
    event_line,
    group_line,
    leading,
    sink_line,
    worker_words,
)

NOW = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
TABLE = TableState("users", 412, 400, 400, 97, 12, 3.4)


def group(phase: str = "in_sync", **more: object) -> GroupState:
    known = GroupState(
        "accounts", phase, "supabase", "supabase", "rds", (TABLE,), NOW, worker_at=NOW
    )
    return replace(known, **more)  # type: ignore[arg-type]


def offered(*met: bool, actions: tuple[Action, ...] = GROUP_ACTIONS) -> dict[str, Option]:
    conditions = tuple(
        Condition(f"thing {n}", one, "" if one else "not so") for n, one in enumerate(met)
    )
    return {name: Option(name, ("it happens",), conditions, name == "switch") for name in actions}


def job(state: str, **more: object) -> Job:
    known = Job(uuid4(), "accounts", "switch", False, "waiting", "Ops", NOW - timedelta(seconds=20))
    return replace(known, state=state, **more)  # type: ignore[arg-type]


def test_every_action_and_phase_has_its_words() -> None:
    assert set(STEPS) >= set(get_args(Action))
    assert set(SINK_STEPS) <= set(SINK_ACTIONS)
    assert set(STANDINGS) == set(PHASES)
    for standing in (*STANDINGS.values(), *SINK_STANDINGS.values()):
        assert all((standing.now, standing.next, standing.back))
        assert {standing.action, *standing.others} <= {"", *STEPS}


@pytest.mark.parametrize("phase", list(PHASES))
def test_each_phase_says_what_is_so_what_comes_and_how_to_go_back(phase: str) -> None:
    line = group_line(group(phase), offered(), NOW)
    assert all((line.now, line.next, line.back))
    assert [one.state for one in line.phases].count("current") == 1
    begun = dict.fromkeys(("capturing", "copying", "in_sync"), "give_up")
    assert line.undo.action == (begun | {"switched": "rollback"}).get(phase, "")
    assert line.step.action == STANDINGS[phase].action
    if phase == "retired":
        assert (line.step.label, line.can_pause) == ("", False)


def test_an_unknown_phase_is_shown_as_it_is() -> None:
    line = group_line(group("frozen"), {}, NOW)
    assert (line.phase, line.now, line.step.label) == ("frozen", "frozen", "")


def test_rows_stand_under_the_database_they_are_in() -> None:
    before = group_line(group(), offered(), NOW).tables[0]
    after = group_line(group("switched", authority="rds"), offered(), NOW).tables[0]
    assert (before.rows_supabase, before.rows_rds, before.written) == (
        "412",
        "400",
        "written in Supabase",
    )
    assert (after.rows_supabase, after.rows_rds, after.written) == ("400", "412", "written in RDS")
    assert (before.waiting, before.age, before.copied) == ("12", "for 3.4 s", "97%")
    assert group_line(group("planned"), offered(), NOW).tables[0].copied == "–"


def test_all_that_is_missing_is_said_at_the_step() -> None:
    ready = group_line(group(), offered(True, True), NOW)
    assert (ready.missing, ready.held) == ([], "All that it needs is met.")
    line = group_line(group(), offered(False, True, False), NOW)
    assert [(one.words, one.ok, one.now) for one in line.missing] == [
        ("thing 0", False, "not so"),
        ("thing 2", False, "not so"),
    ]
    assert line.held == ""
    assert group_line(group("retired"), offered(True), NOW).held == "", "there is no next step"


def test_what_helps_is_named_as_the_button_that_does_it_where_there_is_one() -> None:
    why = "the columns have changed: `ecosystem migrate prepare accounts` begins again"
    line = group_line(group(throttled=why), offered(), NOW)
    assert line.trouble == "The columns have changed: “Prepare…” begins again."
    assert "Prepare…" in [one.label for one in line.options]
    gone = group_line(group("switched", throttled=why), offered(), NOW)
    assert "“ecosystem migrate prepare accounts” begins" in gone.trouble, "it has no such button"
    for error, told in (
        ("run `ecosystem migrate prepare` first", "Press “Prepare…” first."),
        ("`ecosystem migrate prepare packages` does it", "“ecosystem migrate prepare packages”"),
        ("run there `grant a to b`", "Run there “grant a to b”."),
        ("run `ecosystem db upgrade`", "Run “ecosystem db upgrade”."),
        ("`ecosystem migrate`, ``", "“ecosystem migrate”, “”."),
    ):
        failed = group("copying", last_job=job("failed", error=error))
        assert told in group_line(failed, offered(), NOW).trouble
    paused = group(paused=Paused(NOW, "Ops", ""))
    needs = Condition("Not paused", False, "`ecosystem migrate resume accounts` lets it go on")
    option = Option("switch", ("it happens",), (needs,), True)
    question = asked_step("accounts", option, paused)
    assert question.conditions[0].now == "“Resume” lets it go on"


def test_rows_that_differ_while_nobody_logs_changes_are_no_riddle() -> None:
    table = replace(TABLE, verified=Verified(NOW, False, differing=3))
    line = group_line(group(tables=(table,), throttled="no trigger logs it"), offered(), NOW)
    assert line.trouble_title == "Its changes are not followed"


@pytest.mark.parametrize("phase", ["in_sync", "switched"])
def test_a_group_whose_changes_are_not_followed_is_in_trouble(phase: str) -> None:
    why = "Supabase does not log the changes of users any more"
    line = group_line(group(phase, keeper="worker a:1", throttled=why), offered(), NOW)
    assert (line.tone, line.trouble_title) == ("bad", "Its changes are not followed")
    assert line.trouble == f"{why}."
    assert line.now.endswith("Its changes are not carried over.")
    assert line.summary == "changes are not followed"
    assert (line.numbers[0].value, line.numbers[0].tone) == ("not known", "bad")
    assert ("prepare" in [one.action for one in line.options]) == (phase == "in_sync")
    waits = group_line(group(phase, throttled="it waits: RDS has much to do"), offered(), NOW)
    assert (waits.trouble_title, waits.summary.endswith("much to do")) == ("", True)
    old = group_line(group("capturing", throttled=why), offered(), NOW)
    assert why not in old.summary


def test_a_group_says_whose_turn_comes_before() -> None:
    options = {name: offered() for name in ("a", "b", "c")}
    options["marketplace"] = offered(actions=SINK_ACTIONS)
    lines = [
        group_line(group("retired", name="a", authority="rds"), options["a"], NOW),
        group_line(group("in_sync", name="b"), options["b"], NOW),
        group_line(group("planned", name="c"), options["c"], NOW),
        sink_line(SinkState("in_sync", 0, 0.0, NOW), options["marketplace"], NOW),
    ]
    assert [one.held.partition("met.")[2] for one in leading(lines, options)] == [
        "",
        "",
        " The plan has b move first.",
        "",
    ]


def test_one_button_of_the_page_stands_out_and_never_one_that_closes_a_way_back() -> None:
    states = [group("retired", name="a"), group("switched", name="b"), group("planned", name="c")]
    options = {one.name: offered() for one in states}
    lines = [group_line(one, options[one.name], NOW) for one in states]
    assert [one.step.kind for one in leading(lines, options)] == ["plain", "danger", "primary"]
    busy = [group_line(group("planned", name="c", job=job("running")), offered(), NOW)]
    assert leading(busy, {"c": offered()})[0].step.label == ""
    assert leading(lines[2:], {"c": offered(False)})[0].step.kind == "plain"


def test_a_job_is_shown_from_asking_to_its_refusal() -> None:
    waits = group_line(group(job=job("waiting")), offered(False), NOW)
    assert (waits.job, waits.missing) == ("Switching to RDS waits for the worker", [])
    assert waits.held.startswith("It can be asked for when")
    assert (bool(waits.job_id), waits.job_runs) == (True, False), "it can be called off"
    runs = group_line(
        group(job=job("running", step="comparing", started_at=NOW - timedelta(seconds=12))),
        offered(),
        NOW,
    )
    assert (runs.job, runs.job_runs) == ("Switching to RDS: comparing", True)
    assert runs.step.label == "", "one thing at a time"
    assert runs.job_note == "Asked by Ops, began 12 s ago"
    ended = group(last_job=job("refused", error="a long transaction", finished_at=NOW))
    line = group_line(ended, offered(), NOW)
    assert line.trouble_title == "Switching to RDS was refused just now"
    assert line.trouble == "A long transaction."
    assert "prepare" in [one.action for one in line.options], "after a drift it is begun again"
    assert group_line(group(last_job=job("done")), offered(), NOW).trouble_title == ""


def test_rows_that_differ_are_told_and_can_be_looked_at() -> None:
    rows = tuple(Difference(str(uuid4()), "missing in RDS") for _ in range(2))
    verified = Verified(NOW, False, True, 412, 0, 5, 0.2, rows)
    table = replace(TABLE, verified=verified)
    line = group_line(group(tables=(table,)), offered(), NOW)
    assert line.trouble_title == "5 rows differ for good"
    assert (line.tables[0].check, line.tables[0].checked, line.tables[0].differing) == (
        "5 rows differ",
        "just now, deep",
        True,
    )
    found = found_line(table, NOW)
    assert [one.id for one in found.rows] == [one.id for one in rows]
    assert found.more == "And 3 other ones."
    assert found_line(TABLE, NOW).key == ""


def test_who_paused_it_and_what_else_is_known() -> None:
    one = group(
        paused=Paused(NOW - timedelta(minutes=5), "Ops Person", "payday"),
        keeper="",
        last_switch=Switched(NOW - timedelta(hours=3), "supabase", "rds", 184.4, "Ops Person"),
        last_backup=Kept(NOW - timedelta(minutes=40), 412, 4_100_000, True),
        sign_in=SignInCounts(NOW, 12, 30, {"banned": 2}, {"second_factor": 4}),
    )
    line = group_line(one, offered(), NOW)
    assert line.paused == "Paused by Ops Person, 5 min ago: payday"
    assert (line.can_pause, line.tone) == (False, "warn")
    told = {number.label: (number.value, number.note) for number in line.numbers}
    assert told["Writes paused"] == ("184 ms", "switched to RDS 3 h ago by Ops Person")
    assert told["Last backup"] == ("40 min ago", "412 rows, 4.1 MB, read back")
    assert told["Sign-in moved to Cognito"] == (
        "12 of 44",
        "26 at their next sign-in, 4 after a step of their own, 2 need somebody; just now",
    )
    assert told["Carried by"] == ("nobody", "it is paused")
    off = group_line(replace(one, sign_in=None), offered(), NOW).numbers[-1]
    assert (off.label, off.value) == ("Sign-in moved to Cognito", "not counted")
    other = group_line(replace(one, sign_in=None, name="packages"), offered(), NOW).numbers[-1]
    assert other.label == "Last backup"


@pytest.mark.parametrize("phase", ["copying", "in_sync", "switched"])
def test_changes_are_only_said_to_be_carried_while_somebody_does(phase: str) -> None:
    standing = STANDINGS[phase]
    carried = group(phase, keeper="worker a:1")
    assert group_line(carried, offered(), NOW).now.endswith(standing.carried or standing.now)
    for waits in (
        replace(carried, keeper=""),
        replace(carried, paused=Paused(NOW, "Ops")),
        replace(carried, worker_at=NOW - timedelta(minutes=1)),
        replace(carried, worker_at=None, job=job("running")),
    ):
        assert group_line(waits, offered(), NOW).now.endswith(standing.waits)
    busy = replace(carried, keeper="", job=job("running"))
    assert group_line(busy, offered(), NOW).now.endswith(standing.carried or standing.now)


def test_figures_say_how_old_they_are() -> None:
    old = group_line(group(seen_at=NOW - timedelta(minutes=3)), offered(), NOW)
    assert old.summary.endswith("figures of 3 min ago")
    told = {number.label: (number.value, number.note) for number in old.numbers}
    assert told["Behind"] == ("12 rows", "as of 3 min ago")
    silent = group_line(group(keeper="worker a:1", worker_at=None), offered(), NOW)
    told = {number.label: (number.value, number.note) for number in silent.numbers}
    assert told["Carried by"] == ("nobody", "no worker is there")
    assert group_line(group(seen_at=None), offered(), NOW).summary.endswith("not counted yet")
    quick = replace(TABLE, rate=18_400.4, seconds_left=40.2)
    line = group_line(group("copying", tables=(quick,), throttled="RDS is slow"), offered(), NOW)
    assert line.summary == "18,400 rows/s · about 40 s left · RDS is slow"


def test_the_read_model_is_told_in_the_same_words() -> None:
    options = offered(actions=SINK_ACTIONS)
    known = SinkState("in_sync", 0, 0.0, NOW, verified=Verified(NOW, True))
    line = sink_line(known, options, NOW)
    assert (line.phase, line.step.action, line.phases) == ("in sync", "verify", [])
    assert [one.action for one in line.options] == ["rebuild"]
    assert [one.value for one in line.numbers] == ["0 rows", "equal"]
    wrong = Verified(NOW, False, differing=1, differences=(Difference("OPERATOR#7", "old"),))
    differs = sink_line(replace(known, verified=wrong), options, NOW)
    assert (differs.trouble_title, differs.differing) == ("1 item differs", "marketplace")
    assert found_line(replace(known, verified=wrong), NOW).rows[0].what == "old"
    down = sink_line(replace(known, phase="unavailable"), options, NOW)
    assert (down.tone, down.step.label) == ("bad", "")
    step = asked_step("marketplace", options["verify"], known)
    assert (step.title, step.deep) == ("Compare marketplace with the databases", False)


def test_the_question_says_all_before_anything_is_done() -> None:
    asked = asked_step("accounts", offered(True, False)["switch"], group())
    assert (asked.typed, asked.allowed, asked.does) == (True, False, ["it happens"])
    assert [one.ok for one in asked.conditions] == [True, False]
    assert asked.not_yet == "Not possible yet: 1 of 2 needs not met."
    assert asked_step("accounts", offered(True)["switch"], group()).not_yet == ""
    assert (bool(asked.back), asked.danger) == (True, False)
    assert asked_step("accounts", offered()["retire"], group()).danger
    assert asked_pause("accounts").reason


def test_a_worker_that_is_silent_is_said() -> None:
    assert worker_words(NOW - timedelta(seconds=3), NOW)[1:] == ("good", "")
    assert worker_words(None, NOW)[1] == "bad"
    assert "3 min ago" in worker_words(NOW - timedelta(minutes=3), NOW)[2]


def test_times_and_sizes() -> None:
    assert [ago(NOW - timedelta(seconds=s), NOW) for s in (0, 40, 200, 7200)] == [
        "just now",
        "40 s ago",
        "3 min ago",
        "2 h ago",
    ]
    assert ago(NOW - timedelta(days=2), NOW) == "on 20 Nov 2026, 21:30 UTC"
    assert [lasting(s) for s in (0.4, 59, 600, 9000)] == ["0.4 s", "59 s", "10 min", "2 h"]
    assert [size(n) for n in (1, 812, 8_120, 4_100_000, 2_500_000_000)] == [
        "1 byte",
        "812 bytes",
        "8.1 kB",
        "4.1 MB",
        "2.5 GB",
    ]


def test_an_entry_of_the_timeline() -> None:
    line = event_line(TimelineLine(7, NOW, "accounts", "Ops", "Copying began", {}))
    assert (line.at, line.what) == ("22 Nov 2026, 21:30:00 UTC", "Copying began")
    why = "Copying failed: users is not prepared: run `ecosystem migrate prepare` first"
    old = event_line(TimelineLine(8, NOW, "accounts", "Ops", why, {}))
    assert old.what.endswith("run “ecosystem migrate prepare” first")
