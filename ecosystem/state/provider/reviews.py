"""The operator's side of reviews: whom to review, what travellers said, answering them."""

from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.reviews import OwnTrip
from ecosystem.services.forms import parse
from ecosystem.services.reviews import ReplyForm
from ecosystem.services.reviews.reading import Show
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.provider.bookings import PATH as BOOKINGS
from ecosystem.state.reviews import ReviewLine, note_of, review_line, typed_review
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/provider/reviews"
PER_PAGE = 10
FURTHEST = 1_000
SHOWS = get_args(Show)
STAGES = {
    "open": ("to review", "warn"),
    "waiting": ("waits for the traveller", "plain"),
    "revealed": ("both revealed", "good"),
    "closed": ("time is over", "plain"),
}


@dataclass(frozen=True)
class OwnReview:
    """A completed booking with both sides' words, as far as this operator may read them."""

    reference: str
    href: str
    title: str
    who: str
    stage: str
    stage_words: str
    tone: str
    note: str
    may_answer: bool
    has_mine: bool
    has_theirs: bool
    mine: ReviewLine
    theirs: ReviewLine


class ProviderReviewsState(rx.State):
    """``phase`` is loading, shown or failed; ``writing`` and ``answering`` are open forms."""

    phase: str = "loading"
    problem: str = ""
    show: str = "all"
    may_edit: bool = False
    rows: list[OwnReview] = []
    position: str = ""
    previous: str = ""
    following: str = ""
    writing: str = ""
    answering: str = ""
    rating_error: str = ""
    body_error: str = ""

    _offset: int = 0

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load what the address asks for."""
        self.reset()
        ask = query(self)
        self.show = ask["show"] if ask.get("show") in SHOWS else "all"
        page = ask.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1
        self._offset = (min(max(number, 1), FURTHEST) - 1) * PER_PAGE
        try:
            await self._load(await current_actor(self))
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    def write(self, reference: str) -> None:
        """Open the form about one trip's travellers, or close it."""
        self._open_forms(writing=reference)

    @rx.event
    @allow("provider")
    def answer(self, review_id: str) -> None:
        """Open the form that answers one review, or close it."""
        self._open_forms(answering=review_id)

    @rx.event
    @allow("provider", limit="book")
    async def send_review(self, form: dict[str, Any]) -> EventSpec | None:
        """Send what was written about the travellers."""
        try:
            wanted, actor = typed_review(form), await current_actor(self)
            done = await call(services().reviews.write, actor, self.writing, wanted)
            await self._load(actor)
        except EcosystemError as error:
            return self._explain(error, "body")
        revealed = done.stage == "revealed"
        said = "Both reviews can be read now." if revealed else "Your review is in."
        return toast(said, "done")

    @rx.event
    @allow("provider", limit="book")
    async def send_answer(self, form: dict[str, Any]) -> EventSpec | None:
        """Publish the answer to a traveller's review."""
        typed = form.get("reply") if isinstance(form, dict) else None
        try:
            wanted, actor = parse(ReplyForm, {"reply": typed}), await current_actor(self)
            await call(services().reviews.reply, actor, UUID(self.answering), wanted)
            await self._load(actor)
        except EcosystemError as error:
            return self._explain(error, "reply")
        except ValueError:
            return None
        return toast("Your answer stands under the review.", "done")

    def _open_forms(self, writing: Any = "", answering: Any = "") -> None:
        known = {row.reference for row in self.rows} | {row.theirs.key for row in self.rows}
        writing, answering = (
            one if isinstance(one, str) and one in known else "" for one in (writing, answering)
        )
        self.writing = "" if writing == self.writing else writing
        self.answering = "" if answering == self.answering else answering
        self.rating_error = self.body_error = ""

    def _explain(self, error: EcosystemError, words: str) -> EventSpec | None:
        wrong = field_errors(error)
        self.rating_error, self.body_error = wrong.get("rating", ""), wrong.get(words, "")
        return None if wrong else failed(error)

    async def _load(self, actor: Actor) -> None:
        show: Any = self.show
        found, total = await call(
            services().reviews.own, actor, show=show, limit=PER_PAGE, offset=self._offset
        )
        self.rows = [_row(trip) for trip in found]
        self.may_edit = actor.operator_role in ("owner", "editor")
        self.position = formats.range_of(self._offset, len(found), total) if found else ""
        page = self._offset // PER_PAGE + 1
        here = f"{PATH}?show={self.show}&page="
        self.previous = f"{here}{page - 1}" if page > 1 else ""
        self.following = f"{here}{page + 1}" if self._offset + len(found) < total else ""
        self.writing = self.answering = self.rating_error = self.body_error = ""
        self.phase = "shown"


def _row(trip: OwnTrip) -> OwnReview:
    reviews = trip.reviews
    words, tone = STAGES.get(reviews.stage, ("", "plain"))
    theirs = review_line(reviews.theirs) if reviews.theirs else ReviewLine()
    if reviews.theirs and not reviews.theirs.reply and reviews.stage != "open":
        words, tone = ("to answer", "warn")
    return OwnReview(
        reference=trip.reference,
        href=f"{BOOKINGS}/{trip.reference}",
        title=trip.title,
        who=f"{trip.lead_name}, back on {formats.full_day(reviews.ends_on)}",
        stage=reviews.stage,
        stage_words=words,
        tone=tone,
        note=note_of(reviews),
        may_answer=reviews.theirs is not None and not reviews.theirs.reply,
        has_mine=reviews.mine is not None,
        has_theirs=reviews.theirs is not None,
        mine=review_line(reviews.mine) if reviews.mine else ReviewLine(),
        theirs=theirs,
    )
