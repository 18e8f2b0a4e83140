"""What an agency's reports add up to: its own bookings, by the ledger, file and page alike."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import WholeBooking
from ecosystem.domain.errors import Conflict, Forbidden, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.reports import Asked, By, read, read_query
from ecosystem.services import reports as service
from ecosystem.services.reports import SavedForm
from ecosystem.state.agent.report_lines import report_view
from tests.product import GUEST, Product
from tests.quotes.conftest import make_agent, token_of, trip, word
from tests.services.test_desks import sell

BYS: tuple[By, ...] = ("month", "operator", "country", "city", "agent", "booking")


def earned_by_the_ledger(product: Product, agency_id: UUID | None, currency: str) -> Money:
    row = product.one(
        "select -coalesce(sum(l.amount_minor), 0)::bigint as minor from ledger_entries l"
        " join bookings b on b.id = l.booking_id where b.agency_id = :id and l.currency = :currency"
        " and account = 'agency_payable' and cause not like 'transfer:%'"
        " and cause not like 'reversal:%'",
        id=agency_id,
        currency=currency,
    )
    return Money(row.minor, currency)


def test_however_sales_are_divided_they_are_the_same_and_one_agencys_alone(
    product: Product,
) -> None:
    ann, rival = make_agent(product), make_agent(product, "Rival")
    rome, oslo = product.offer(price="1000.00"), product.offer(price="500.00", currency="USD")
    sold = [sell(product, rome, ann.actor), sell(product, oslo, ann.actor)]
    lost = sell(product, product.offer(price="70.00"), ann.actor)
    product.services.changes.carry_out(ann.actor, lost, WholeBooking())
    sell(product, product.offer(price="33.00"), rival.actor)
    sell(product, product.offer(price="44.00"), GUEST)
    rows = {row.reference: row for row in product.services.bookings.rows(ann.actor).items}
    wanted = {
        "EUR": (1, 2, 1, rows[sold[0]].total),
        "USD": (1, 2, 0, rows[sold[1]].total),
    }
    for by in BYS:
        report = product.services.reports.of(ann.actor, Asked(by=by))
        found = {line.currency: (*line.counts, line.sold) for line in report.sums}
        assert found == wanted, by
        for line in report.sums:
            assert line.commission == earned_by_the_ledger(
                product, ann.actor.agency_id, line.currency
            )
            lines = [one for one in report.lines if one.currency == line.currency]
            assert sum(one.counts[0] for one in lines) == line.counts[0]
            assert sum(one.sold.minor for one in lines if one.sold) == (
                line.sold.minor if line.sold else 0
            )
    report = product.services.reports.of(ann.actor, Asked(by="booking"))
    assert {line.key for line in report.lines} == {*sold, lost}
    month = product.services.reports.of(ann.actor, Asked(span="month"))
    today = product.services.agency_desk.today(ann.actor)
    assert {(one.bookings, one.total, one.share) for one in today.sold} == {
        (line.counts[0], line.sold, line.commission) for line in month.sums
    }, "the day says what the report says"


def test_filters_leave_out_the_rest_and_lead_to_the_bookings_of_a_line(product: Product) -> None:
    ann = make_agent(product)
    rome, oslo = product.offer(price="1000.00"), product.offer(price="500.00")
    first, second = sell(product, rome, ann.actor), sell(product, oslo, ann.actor)
    reports = product.services.reports
    whole = reports.of(ann.actor, Asked(by="operator"))
    assert [line.label for line in whole.lines] == [
        product.services.bookings.get(ann.actor, first).operator_name,
        product.services.bookings.get(ann.actor, second).operator_name,
    ]
    for line, reference in zip(whole.lines, (first, second), strict=True):
        down = whole.asked.into(line, whole.first, whole.last)
        assert [one.key for one in reports.of(ann.actor, down).lines] == [reference]
    month = reports.of(ann.actor, Asked())
    [line] = month.lines
    down = month.asked.into(line, month.first, month.last)
    assert reports.of(ann.actor, down).total == 2
    today = product.clock.now().date()
    before = Asked(span="days", first=today - timedelta(days=3), last=today - timedelta(days=1))
    assert reports.of(ann.actor, before).lines == ()
    leaving = replace(before, dates="travel", first=today, last=today + timedelta(days=700))
    assert reports.of(ann.actor, leaving).sums[0].counts[0] == 2
    assert reports.of(ann.actor, Asked(agent_id=uuid7())).total == 0
    assert reports.of(ann.actor, Asked(operator_id=rome.operator_id)).sums[0].counts[0] == 1


@pytest.mark.parametrize("role", ["agent", "assistant"])
def test_the_file_is_the_page_cell_by_cell(
    product: Product, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    ann = make_agent(product)
    for price in ("100.00", "99.95", "1234.56"):
        sell(product, product.offer(price=price), ann.actor)
    actor = replace(ann.actor, agency_role=role)  # type: ignore[arg-type]
    earns = role == "agent"
    monkeypatch.setattr("ecosystem.state.agent.report_lines.PAGE_SIZE", 2)
    for by in BYS:
        text = product.services.reports.csv(actor, Asked(by=by)).decode("utf-8-sig")
        head, *lines = csv.reader(io.StringIO(text))
        pages = [
            report_view(
                product.services.reports.of(actor, Asked(by=by, page=page), rows=2), earns=earns
            )
            for page in (1, 2)
        ]
        assert head == pages[0].heads
        shown = [
            [row.label, *row.values] for row in (*pages[0].rows, *pages[1].rows, *pages[1].totals)
        ]
        assert len(shown) == len(lines)
        for on_page, in_file in zip(shown, lines, strict=True):
            plain = [cell.replace("€", "").replace(",", "") for cell in on_page]
            assert [_number(one) for one in plain] == [
                _number(one.replace(",", "")) for one in in_file
            ], by
        assert ("Commission" in head) is earns
        assert ("ommission" in text) is earns


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def test_an_assistant_is_told_no_commission(product: Product) -> None:
    ann = make_agent(product)
    sell(product, product.offer(), ann.actor)
    report = product.services.reports.of(replace(ann.actor, agency_role="assistant"), Asked())
    assert [line.commission for line in (*report.lines, *report.sums, *report.chart)] == [None] * (
        len(report.lines) + len(report.sums) + len(report.chart)
    )
    assert "ommission" not in str(report_view(report, earns=False))
    for stranger in (GUEST, Actor(role="provider", source="supabase", operator_id=uuid7())):
        with pytest.raises(Forbidden):
            product.services.reports.of(stranger, Asked())


def test_an_agency_that_collects_sells_at_the_public_price(product: Product) -> None:
    ann = make_agent(product)
    reference = sell(product, product.offer(price="1000.00"), ann.actor)
    before = product.services.reports.of(ann.actor, Asked()).sums[0]
    assert before.sold is not None
    product.change(
        "update bookings set agency_model = 'agency_collects', price_factor = 0.8,"
        " total_minor = total_minor * 0.8 where reference = :r",
        r=reference,
    )
    after = product.services.reports.of(ann.actor, Asked()).sums[0]
    assert after.sold == before.sold
    assert after.commission is not None
    assert before.commission is not None
    assert after.commission - before.commission == before.sold.percent(20)


def test_what_came_of_proposals(product: Product) -> None:
    ann, rival = make_agent(product), make_agent(product, "Rival")
    rome = product.offer()
    ann.write([trip(rome)])
    quotes = product.services.quotes
    sent = [ann.send([trip(rome)]) for _ in range(3)]
    quotes.withdraw(ann.actor, sent[0].id)
    quotes.accept(token_of(sent[2]), word(quotes.show(token_of(sent[2]))))
    rival.send([trip(rome)])
    for by in ("month", "agent"):
        report = product.services.reports.of(ann.actor, read({"show": "proposals", "by": by}))
        [line] = report.lines
        assert line.counts[0] == 3, "a draft is not a proposal that was sent"
        assert line.counts[2:] == (1, 0, 1, 1)
        assert line.counts == report.sums[0].counts
    assert "33" in product.services.reports.csv(ann.actor, read({"show": "proposals"})).decode()


def test_filters_are_kept_by_one_person_or_shared_with_her_agency(product: Product) -> None:
    ann, rival = make_agent(product), make_agent(product, "Rival")
    owner = make_agent(product, "Another desk")
    product.change(
        "update travel_agents set agency_id = :agency where id = :id",
        agency=ann.actor.agency_id,
        id=owner.actor.user_id,
    )
    boss = replace(owner.actor, agency_id=ann.actor.agency_id, agency_role="owner")
    reports = product.services.reports
    own = reports.keep(ann.actor, SavedForm(name="  Italy  now ", asked="country=it&by=agent"))
    assert (own.name, own.asked.query) == ("Italy now", "by=agent&country=IT")
    shared = reports.keep(ann.actor, SavedForm(name="All", asked="junk=1&page=7", shared=True))
    assert [one.name for one in reports.saved(ann.actor)] == ["All", "Italy now"]
    assert [(one.name, one.mine, one.by) for one in reports.saved(boss)] == [
        ("All", False, "Ada Berg")
    ]
    assert reports.saved(rival.actor) == ()
    again = reports.keep(ann.actor, SavedForm(name="Italy now", asked="country=FR"))
    assert again.id == own.id
    assert len(reports.saved(ann.actor)) == 2
    colleague = replace(boss, agency_role="agent")
    for stranger, one in (
        (rival.actor, shared),
        (rival.actor, own),
        (boss, own),
        (colleague, shared),
    ):
        with pytest.raises(NotFound):
            reports.forget(stranger, one.id)
    assert reports.forget(boss, shared.id) == "All"
    assert reports.forget(ann.actor, own.id) == "Italy now"


def test_a_person_keeps_only_so_many(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_SAVED", 1)
    ann = make_agent(product)
    product.services.reports.keep(ann.actor, SavedForm(name="One"))
    product.services.reports.keep(ann.actor, SavedForm(name="One", asked="by=city"))
    with pytest.raises(Conflict):
        product.services.reports.keep(ann.actor, SavedForm(name="Two"))


@pytest.mark.parametrize(
    "query",
    [
        "show=proposals&by=agent&span=last-year",
        "by=city&dates=travel&span=year&country=IT&city=Reggio+Emilia&page=3",
        "by=booking&from=2026-01-05&to=2026-02-01",
        "",
    ],
)
def test_an_address_says_again_what_it_was_read_as(query: str) -> None:
    assert read_query(query).query == query


@pytest.mark.parametrize(
    "query",
    [
        "by=password&dates=never&span=always&show=users",
        "from=2026-02-30&to=2026-03-01",
        "from=2026-03-02&to=2026-03-01",
        "from=0001-01-01&to=9999-12-31",
        "operator=1&agent=x&country=ITA&page=-1",
        "country=%C3%A9%C3%A9&page=" + "9" * 400,
        "city=%00&span=days",
    ],
)
def test_junk_in_an_address_is_left_out(query: str) -> None:
    assert read_query(query) == Asked()


def test_spans_move_with_the_calendar() -> None:
    today = datetime(2026, 1, 31, tzinfo=UTC).date()
    days = {
        span: tuple(str(day) for day in Asked(span=span).days(today))
        for span in ("12-months", "month", "last-month", "year", "last-year")
    }
    assert days == {
        "12-months": ("2025-02-01", "2026-01-31"),
        "month": ("2026-01-01", "2026-01-31"),
        "last-month": ("2025-12-01", "2025-12-31"),
        "year": ("2026-01-01", "2026-12-31"),
        "last-year": ("2025-01-01", "2025-12-31"),
    }
