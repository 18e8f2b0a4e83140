"""Writing a review, and the operator's answer to one."""

from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings
from ecosystem.database.queries import reviews as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.language import _, language
from ecosystem.domain.reviews import REVEALED_AFTER, BookingReviews, public_name
from ecosystem.services.operator_access import editing
from ecosystem.services.ports import Clock
from ecosystem.services.reviews.access import find, seen_by
from ecosystem.services.reviews.forms import ReplyForm, ReviewForm
from ecosystem.services.reviews.keys import ReviewKeys
from ecosystem.services.reviews.revealing import reveal


class Writing:
    """Reviews are decided under their booking's row lock, so the second one sees the first."""

    def __init__(self, database: Database, clock: Clock, keys: ReviewKeys) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys

    def write(
        self, actor: Actor, reference: str, form: ReviewForm, *, key: str = ""
    ) -> BookingReviews:
        """Say how a completed trip was, for the caller's side, once.

        If the other side has said so before, both are revealed in the same transaction.

        Args:
            key: of the link in the e-mail, for a lead who did not book herself.

        Raises:
            NotFound: no such booking, or not the caller's.
            Forbidden: a member of the operator's team who may only look.
            Conflict: ``not_completed``, ``already_reviewed`` or ``reviews_closed``.
        """
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            booking, side = find(session, actor, reference, key, self._keys)
            if side == "operator":
                editing(actor)
            booking = bookings.lock(session, booking.id) or booking
            stage = seen_by(side, booking, queries.of_booking(session, booking.id), now).stage
            if stage != "open":
                raise _refusal(stage)
            by_traveller = side == "traveller"
            queries.add(
                session,
                id=uuid7(),
                booking_id=booking.id,
                package_id=booking.package_id,
                operator_id=booking.operator_id,
                author=side,
                author_id=actor.user_id,
                author_name=public_name(booking.lead_name)
                if by_traveller
                else booking.snapshot["operator"]["name"],
                rating=form.rating,
                body=form.body,
                language=language().code,
                created_at=now,
            )
            reviews = queries.of_booking(session, booking.id)
            if len(reviews) > 1:
                reveal(session, [booking.id], now)
                reviews = queries.of_booking(session, booking.id)
            return seen_by(side, booking, reviews, now)

    def reply(self, actor: Actor, review_id: UUID, form: ReplyForm) -> None:
        """Answer a traveller's review in public, once.

        Raises:
            NotFound: no revealed review of the caller's operator.
            Forbidden: no operator, or a member of its team who may only look.
            Conflict: ``already_answered``.
        """
        operator_id = editing(actor)
        with self._database.unit(RDS) as session:
            done = queries.answer(session, operator_id, review_id, form.reply, self._clock.now())
            if done:
                audit.record(session, actor, "review.answered", "review", review_id)
            elif queries.readable(session, operator_id, review_id) is None:
                raise NotFound(_("This review does not exist."), code="review_not_found")
            else:
                raise Conflict(
                    _("This review has an answer already; there is one each."),
                    code="already_answered",
                )


def _refusal(stage: str) -> Conflict:
    match stage:
        case "early":
            return Conflict(_("A trip can be reviewed once it is over."), code="not_completed")
        case "never":
            return Conflict(
                _("This booking came to nothing, so there is no trip to review."),
                code="not_completed",
            )
        case "closed":
            return Conflict(
                _(
                    "The time for this review is over: it ended {days} days after the other side's."
                ).format(days=REVEALED_AFTER.days),
                code="reviews_closed",
            )
        case _:
            return Conflict(
                _("You have reviewed this trip; there is one review each."),
                code="already_reviewed",
            )
