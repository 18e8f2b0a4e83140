"""Voucher, invoice and calendar file: what stands in them, and who may have them."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.domain.money import Money
from ecosystem.services.documents.invoice import included_tax
from tests.documents.papers import booking_row, cancelled, pages, run
from tests.product import GUEST, Product
from tests.services.test_desks import agent, provider, sell


def test_a_voucher_says_who_travels_where_when_and_whom_to_call(product: Product) -> None:
    made = product.offer()
    reference = sell(product, made, GUEST)
    (page,) = pages(product.services.documents.voucher(GUEST, reference).content)
    for said in (
        reference,
        "Rome, Florence & Venice by rail",
        "Via Appia Journeys",
        "Maja Lindqvist",
        "Casa del Lungarno",
        "Florence, Italy",
        "2 travellers",
        "Paid in full",
        "City tax",
    ):
        assert said in page
    assert "€" not in page  # what was paid is nobody's business on the way


def test_papers_are_in_the_language_of_the_booking(product: Product) -> None:
    reference = sell(product, product.offer(), GUEST)
    run(product, "update bookings set language = 'de' where reference = :r", r=reference)
    assert "Reisende" in pages(product.services.documents.voucher(GUEST, reference).content)[0]
    assert "Rechnung" in pages(product.services.documents.invoice(GUEST, reference).content)[0]


def test_an_invoice_has_the_seller_the_lines_and_the_tax_in_them(product: Product) -> None:
    made = product.offer(price="1190.00")
    reference = sell(product, made, GUEST)
    run(
        product,
        "insert into operator_terms (operator_id, invoice_name, invoice_address, tax_number,"
        " tax_percent) values (:o, 'Via Appia S.r.l.', E'Via Appia 1\\n00100 Roma',"
        " 'IT01234567890', 19)",
        o=made.operator_id,
    )
    text = pages(product.services.documents.invoice(GUEST, reference).content)[0]
    for said in ("Via Appia S.r.l.", "Via Appia 1", "IT01234567890", "Adults 2 €2,380", "19 %"):
        assert said in text
    total = Money(booking_row(product, reference).total_minor, "EUR")
    tax = included_tax(total, Decimal(19)).decimal
    assert f"€{tax:,.2f}".removesuffix(".00") in text
    assert "Still to be paid" in text


def test_a_cancellation_is_a_credit_note_and_the_rest_is_what_was_kept(product: Product) -> None:
    made = product.offer(price="1000.00")
    reference = sell(product, made, GUEST)
    total = booking_row(product, reference).total_minor
    cancelled(product, reference, retained=total // 2)
    first, second = pages(product.services.documents.invoice(GUEST, reference).content)
    assert "What was booked" in first
    assert f"Credit note {reference}-1" in second
    assert "The booking was cancelled" in second
    assert "Refunded to the card" in second
    kept = f"€{total // 2 / 100:,.2f}".removesuffix(".00")
    assert f"With all corrections the trip costs {kept}." in " ".join(second.split())
    with pytest.raises(Conflict):
        product.services.documents.voucher(GUEST, reference)


def test_a_calendar_takes_a_cancelled_trip_out_again(product: Product) -> None:
    reference = sell(product, product.offer(), GUEST)
    before = product.services.documents.calendar(GUEST, reference)
    cancelled(product, reference, retained=0)
    after = product.services.documents.calendar(GUEST, reference)
    booked, gone = (Calendar.from_ical(one.content.decode()) for one in (before, after))
    (first,), (second,) = booked.walk("VEVENT"), gone.walk("VEVENT")
    row = booking_row(product, reference)
    assert booked["METHOD"] == "PUBLISH"
    assert gone["METHOD"] == "CANCEL"
    assert first["UID"] == second["UID"]
    assert (int(first["SEQUENCE"]), int(second["SEQUENCE"])) == (0, 1)
    assert second["STATUS"] == "CANCELLED"
    assert first["DTSTART"].dt == row.starts_on
    assert first["DTEND"].dt == row.ends_on + timedelta(days=1)
    assert "METHOD=CANCEL" in after.kind.upper()
    assert str(first["ORGANIZER"]).startswith("mailto:")


def test_nothing_is_written_about_a_booking_that_was_never_confirmed(product: Product) -> None:
    booking = product.book(product.hold(product.offer()))
    documents = product.services.documents
    for write in (documents.voucher, documents.invoice, documents.calendar):
        with pytest.raises(Conflict):
            write(GUEST, booking.reference)


def test_a_paper_is_for_those_it_belongs_to(product: Product) -> None:
    made, other = product.offer(), product.offer()
    ann, rival = agent(product), agent(product, "Rival Tours")
    reference = sell(product, made, ann)
    documents = product.services.documents
    key = booking_row(product, reference).view_key
    for actor in (ann, provider(made.operator_id)):
        assert documents.voucher(actor, reference).content.startswith(b"%PDF")
    assert documents.voucher(GUEST, reference, key=key).content.startswith(b"%PDF")
    for actor, wrong in ((rival, ""), (provider(other.operator_id), ""), (GUEST, "x" * 43)):
        for write in (documents.voucher, documents.invoice, documents.calendar, documents.money):
            with pytest.raises(NotFound):
                write(actor, reference, key=wrong)


def test_who_knows_only_the_reference_of_a_guest_gets_no_paper(
    product: Product, http: httpx.Client
) -> None:
    reference = sell(product, product.offer(), GUEST)
    key = booking_row(product, reference).view_key
    for name in ("voucher.pdf", "invoice.pdf", "calendar.ics", "money"):
        path = f"/api/bookings/{reference}/{name}"
        assert http.get(path).status_code == 404
        answer = http.get(path, params={"key": key})
        assert answer.status_code == 200, answer.text
        if name == "money":
            continue
        assert reference in answer.headers["content-disposition"]
        assert answer.headers["cache-control"] == "private, no-store"
    assert http.get(f"/api/bookings/{reference}/voucher.pdf?key={'k' * 200}").status_code == 422
    # What a buyer took is evidence if she disputes the payment later.
    looks = product.one("select array_agg(what order by what) as taken from booking_accesses")
    assert looks.taken == ["calendar", "invoice", "voucher"]


@given(
    minor=st.integers(0, 10**9),
    percent=st.decimals(0, 50, places=2),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_tax_and_net_make_the_amount(minor: int, percent: Decimal, currency: str) -> None:
    amount = Money(minor, currency)
    tax = included_tax(amount, percent)
    exact = Decimal(minor) * percent / (100 + percent)
    assert abs(Decimal(tax.minor) - exact) <= Decimal("0.5")
    assert 0 <= tax.minor <= amount.minor
