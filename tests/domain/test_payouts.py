"""Who is sent what of a payment: never too much, never lost, whatever the rounding."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.payouts import PARTIES, PaidPart, shares, taken_back
from ecosystem.domain.split import split

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
COMMISSION = st.integers(0, 9700).map(lambda basis: Decimal(basis) / 100)
CUTS = st.lists(st.integers(1, 10**6), min_size=1, max_size=5)


def _parted(total: int, cuts: list[int]) -> list[int]:
    """``total`` in as many parts of at least one unit as it allows."""
    whole, parts, left = sum(cuts), [], total
    for cut in cuts[:-1]:
        part = min(max(1, total * cut // whole), left - 1)
        if part < 1:
            break
        parts.append(part)
        left -= part
    return [*parts, left]


@given(st.integers(1, 10**9), CUTS, COMMISSION, CURRENCIES, st.booleans())
def test_paid_in_parts_a_party_gets_its_part_exactly(
    minor: int, cuts: list[int], commission: Decimal, currency: str, by_agency: bool
) -> None:
    total = Money(minor, currency)
    parts = split(total, commission, by_agency=by_agency)
    wanted = {"operator": parts.operator.minor, "agency": parts.agency.minor}
    here: list[PaidPart] = []
    got = dict.fromkeys(PARTIES, 0)
    for stays in _parted(minor, cuts):
        here.append(PaidPart(uuid7(), stays))
        sent = {one.payment_id: dict(one.planned) for one in here}
        for share in shares(total, parts, here):
            assert share.amount > 0
            got[share.party] += share.amount
            of_one = sent[share.payment_id]
            of_one[share.party] = of_one.get(share.party, 0) + share.amount
        here = [PaidPart(one.payment_id, one.stays, sent[one.payment_id]) for one in here]
        assert all(sum(one.planned.values()) <= one.stays for one in here)
        paid = sum(one.stays for one in here)
        for party in PARTIES:
            assert got[party] <= wanted[party]
            assert got[party] * minor <= wanted[party] * paid or paid >= minor
        assert shares(total, parts, here) == [], "asked again, nothing is left to send"
    assert got == wanted


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=6))
def test_as_much_comes_back_as_there_is(surplus: int, left: list[int]) -> None:
    transfers = [(uuid7(), amount) for amount in left]
    back = taken_back(surplus, transfers)
    available = dict(transfers)
    assert sum(amount for _, amount in back) == min(surplus, sum(left))
    assert all(0 < amount <= available[transfer_id] for transfer_id, amount in back)
