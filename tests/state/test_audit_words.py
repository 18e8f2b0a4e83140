"""The audit log in words: amounts with their currency, and nothing called by a column's name."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ecosystem.domain.operations import AuditLine
from ecosystem.state.ops.audit import trail_line

NOW = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)


def entry(action: str, *, subject: str = "booking", currency: str = "", **data: Any) -> AuditLine:
    who = data.pop("who", "ops@example.com")
    return AuditLine(7, NOW, "ops", who, action, subject, "TRV-1", data, currency)


@pytest.mark.parametrize(
    ("line", "action", "detail"),
    [
        (
            entry("booking.date_change_asked", currency="JPY", change="0190", to_pay=12000),
            "Booking: date change asked",
            "to pay: JP¥12,000",
        ),
        (
            entry(
                "adjustment.proposed",
                currency="EUR",
                debit="operator_payable",
                credit="platform_cash",
                amount_minor=1250,
            ),
            "Adjustment: proposed",
            "debit: Owed to the operator; credit: Our cash at Stripe; amount: €12.50",
        ),
        (
            entry("payouts.changed", subject="operator", old="not_started", new="active"),
            "Payouts: changed",
            "not started → active",
        ),
        (
            entry(
                "terms.edited",
                subject="operator",
                old={"pay_after_days": 3, "overdue": ""},
                new={"pay_after_days": 5, "overdue": "cancel"},
            ),
            "Terms: edited",
            "pay after days: 3 → 5; overdue: – → cancel",
        ),
        (
            entry("departures.changed", old=[{"id": "a", "price_minor": 5}], new={"capacity": 9}),
            "Departures: changed",
            "old: id a, price 5 (in the smallest unit); new: capacity 9",
        ),
        (
            entry(
                "migration.job_failed", asked="copy", why="run `ecosystem migrate prepare` first"
            ),
            "Copying failed: run “ecosystem migrate prepare” first",
            "",
        ),
        (
            entry("document.shared", code=False, fields=["valid_until"]),
            "Document: shared",
            "code: no; fields: valid until",
        ),
        (
            entry("package.edited", old={}, new={"title": "x" * 400}),
            "Package: edited",
            "title: " + "x" * 291 + " …",
        ),
    ],
    ids=lambda value: value.action if isinstance(value, AuditLine) else "",
)
def test_an_entry_in_words(line: AuditLine, action: str, detail: str) -> None:
    told = trail_line(line)
    assert (told.action, told.detail) == (action, detail)
    assert told.at == "22 Nov 2026, 21:30 UTC"


def test_who_did_it_when_nobody_signed_in() -> None:
    told = [
        trail_line(entry(action, who="", by=by)).who
        for action, by in (
            ("migration.copying", "command line"),
            ("migration.in_sync", "worker"),
            ("migration.in_sync", "<b>"),
            ("booking.cancelled", "worker"),
        )
    ]
    assert told == ["the command line", "the worker", *["Ecosystem itself"] * 2]
