"""A cancellation policy in words: until which day how much comes back."""

from datetime import date

from ecosystem.domain.cancellation import dated
from ecosystem.state.policy import all_back_until, policy_lines

POLICY = [
    {"days_before": 30, "refund_percent": 100},
    {"days_before": 14, "refund_percent": 50},
    {"days_before": 13, "refund_percent": 15},
]
TIERS = dated(POLICY, date(2027, 5, 14))


def said(today: date) -> list[tuple[str, str]]:
    return [(line.when, line.back) for line in policy_lines(TIERS, today)]


def test_each_tier_has_its_days() -> None:
    assert said(date(2026, 11, 22)) == [
        ("Until 14 April 2027", "everything back"),
        ("15–30 Apr 2027", "half back"),
        ("On 1 May 2027", "15% back"),
        ("From 2 May 2027", "nothing back"),
    ]
    assert all_back_until(TIERS, date(2027, 4, 14)) == "14 April 2027"


def test_what_is_over_is_not_promised() -> None:
    assert said(date(2027, 4, 15)) == [
        ("Until 30 April 2027", "half back"),
        ("On 1 May 2027", "15% back"),
        ("From 2 May 2027", "nothing back"),
    ]
    assert said(date(2027, 5, 3)) == [("From now on", "nothing back")]
    assert all_back_until(TIERS, date(2027, 4, 15)) == ""


def test_a_trip_without_a_policy_gives_nothing_back() -> None:
    assert [line.back for line in policy_lines(dated([], date(2027, 5, 14)), date(2027, 1, 1))] == [
        "nothing back"
    ]
