"""What an agency earns, booking by booking."""

from dataclasses import replace

import pytest

from ecosystem.domain.changes import WholeBooking
from ecosystem.domain.errors import Forbidden, Invalid
from tests.product import GUEST, Product
from tests.services.test_desks import agent, provider, sell


def test_an_agency_reads_what_it_earns_and_nobody_elses(product: Product) -> None:
    ann, rival = (
        replace(agent(product, name), agency_role="agent") for name in ("Maple", "Rival Tours")
    )
    made = product.offer(seats=20)
    first, second = (sell(product, made, ann) for _ in range(2))
    sell(product, made, rival)
    product.book(product.hold(made, actor=ann), actor=ann)  # not paid: not earned
    commissions = product.services.commissions
    page = commissions.rows(ann, limit=1)
    assert page.next is not None
    rest = commissions.rows(ann, cursor=page.next, limit=5)
    assert ([page.items[0].reference, *[one.reference for one in rest.items]], rest.next) == (
        [second, first],
        None,
    )
    listed = {row.reference: row for row in product.services.bookings.rows(ann).items}
    assert page.items[0].earned == listed[second].commission
    assert (page.items[0].sent.minor, page.items[0].owed) == (0, page.items[0].earned)
    product.services.changes.carry_out(ann, second, WholeBooking())
    assert commissions.rows(ann).items[0].earned.minor == 0
    with pytest.raises(Invalid):
        commissions.rows(ann, cursor="x")
    assistant = replace(ann, agency_role="assistant")
    for stranger in (GUEST, provider(made.operator_id), assistant):
        with pytest.raises(Forbidden):
            commissions.rows(stranger)
