"""E-mails about bookings, as text and HTML, in the language in which the trip was booked."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from ecosystem.database.unit_of_work import Database
from ecosystem.services.emails.asking import AskingLetters
from ecosystem.services.emails.bookings import BookingLetters
from ecosystem.services.emails.disputes import DisputeLetters
from ecosystem.services.emails.payments import PaymentLetters
from ecosystem.services.emails.quotes import QuoteLetters
from ecosystem.services.emails.sending import Desk
from ecosystem.services.emails.transfers import TransferLetters
from ecosystem.services.ports import Mail


def handlers(
    database: Database,
    mail: Mail,
    origin: str,
    operations: str,
    review_key: Callable[[UUID], str],
) -> dict[str, Callable[[dict[str, Any]], None]]:
    """What carries out the ``email.*`` topics about bookings.

    Args:
        origin: the product's address.
        operations: where e-mails to the people who run it go.
        review_key: makes the key of an invitation to review a booking.
    """
    desk = Desk(database, mail, origin, operations, review_key)
    booking, payment, quote = BookingLetters(desk), PaymentLetters(desk), QuoteLetters(desk)
    asking = AskingLetters(desk)
    return {
        "email.names_missing": asking.names_missing,
        "email.pay_link": asking.pay_link,
        "email.booking_confirmed": booking.confirmed,
        "email.booking_cancelled": booking.cancelled,
        "email.booking_changed": booking.changed,
        "email.booking_expired": booking.expired,
        "email.review_invitation": booking.review_invitation,
        "email.payment_received": payment.received,
        "email.payment_declined": payment.declined,
        "email.payment_given_back": payment.given_back,
        "email.refund_sent": payment.refund_sent,
        "email.refund_failed": payment.refund_failed,
        "email.booked_on_account": payment.booked_on_account,
        "email.balance_due": payment.balance_due,
        "email.balance_overdue": payment.balance_overdue,
        "email.quote_sent": quote.sent,
        "email.quote_ending": quote.ending,
        "email.quote_accepted": quote.accepted,
        "email.quote_declined": quote.declined,
        "email.quote_asked": quote.asked,
        "email.quote_answered": quote.answered,
        "email.dispute_opened": DisputeLetters(desk).opened,
        "email.transfer_refused": TransferLetters(desk).refused,
    }
