"""Reviews in words: what the public reads, and the form of a trip's own traveller."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from babel.numbers import format_decimal
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, Invalid, NotFound
from ecosystem.domain.language import _, language, ngettext
from ecosystem.domain.reviews import (
    REVEALED_AFTER,
    STARS,
    BookingReviews,
    RatingSummary,
    ReviewView,
)
from ecosystem.domain.views import Page
from ecosystem.services.forms import parse
from ecosystem.services.reviews import ReviewForm
from ecosystem.state import formats
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PER_PAGE = 6
MOST_SHOWN = 120
"""Beyond that the list stays as it is: every reading sends all of it to the browser."""


@dataclass(frozen=True)
class ReviewLine:
    """One review, ready to be shown. ``stars`` is drawn, ``said`` read out."""

    key: str = ""
    author: str = ""
    stars: str = ""
    said: str = ""
    when: str = ""
    trip: str = ""
    language: str = ""
    paragraphs: list[str] = field(default_factory=list)
    reply: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class StarBar:
    """How many reviews have so many stars; ``percent`` of all, for the bar's length."""

    label: str
    count: str
    percent: str


def review_line(review: ReviewView) -> ReviewLine:
    """A review in words; the day someone travelled is said by its month only."""
    return ReviewLine(
        key=str(review.id),
        author=review.author_name,
        stars="★" * review.rating + "☆" * (5 - review.rating),
        said=_("{rating} of 5").format(rating=review.rating),
        when=_("Travelled in {month}").format(month=formats.month(review.travelled_on)),
        trip=review.trip,
        language=review.language,
        paragraphs=_paragraphs(review.body),
        reply=_paragraphs(review.reply or ""),
    )


def star_bars(summary: RatingSummary) -> list[StarBar]:
    """A bar for each number of stars, five first."""
    return [
        StarBar(
            ngettext("{count} star", "{count} stars", stars).format(count=stars),
            formats.number(count),
            f"{round(100 * count / summary.count)}%" if summary.count else "0%",
        )
        for stars, count in zip(STARS, summary.by_stars, strict=True)
    ]


def typed_review(form: Any) -> ReviewForm:
    """The review in what a form sent. Raises ``Invalid`` on ``rating`` and ``body``."""
    typed = form if isinstance(form, dict) else {}
    rating, body = typed.get("rating"), typed.get("body")
    if rating not in ("1", "2", "3", "4", "5"):
        raise Invalid.one("rating", _("Choose from 1 to 5."))
    return parse(ReviewForm, {"rating": int(rating), "body": body})


class ReviewsState(rx.State):
    """What travellers said of the package or operator that the address names.

    ``phase`` is loading, shown or failed. Without reviews ``count`` is empty.
    """

    phase: str = "loading"
    problem: str = ""
    count: str = ""
    average: str = ""
    bars: list[StarBar] = []
    items: list[ReviewLine] = []
    more_there: bool = False

    _cursor: str = ""

    @rx.event
    @allow("*", limit="search")
    async def open(self) -> None:
        """Load the summary and the newest reviews."""
        self.reset()
        try:
            summary, page = await call(_public, self._path(), "")
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        average = summary.average
        self.average = (
            "" if average is None else format_decimal(average, "0.0", locale=language().locale)
        )
        self.count = _reviews(summary.count)
        self.bars = star_bars(summary)
        self._add(page)
        self.phase = "shown"

    @rx.event
    @allow("*", limit="search")
    async def more(self) -> EventSpec | None:
        """Add the next reviews."""
        if not self._cursor or len(self.items) >= MOST_SHOWN:
            return None
        try:
            _summary, page = await call(_public, self._path(), self._cursor)
        except EcosystemError as error:
            return failed(error)
        self._add(page)
        return None

    def _path(self) -> tuple[str, str]:
        kind = "operator" if "/operators/" in str(self.router.url) else "package"
        return kind, last_part(self)

    def _add(self, page: Page[ReviewView]) -> None:
        self.items = [*self.items, *map(review_line, page.items)]
        self._cursor = page.next or ""
        self.more_there = bool(page.next) and len(self.items) < MOST_SHOWN


class ReviewFormState(rx.State):
    """The traveller's side of a trip's reviews, on the trip's page.

    ``stage`` is as in ``BookingReviews``, empty for who is not its traveller.
    """

    stage: str = ""
    note: str = ""
    mine: ReviewLine = ReviewLine()
    theirs: ReviewLine = ReviewLine()
    has_theirs: bool = False
    rating_error: str = ""
    body_error: str = ""
    problem: str = ""

    @rx.event
    @allow("*")
    async def open(self) -> None:
        """Learn how far the reviews of this booking are."""
        self.reset()
        try:
            actor = await current_actor(self)
            if actor.role == "provider":
                return
            self._show(await call(_of_booking, actor, *self._which()))
        except EcosystemError:
            # Not this person's trip, or no answer: the page itself says so.
            self.stage = ""

    @rx.event
    @allow("*", limit="book")
    async def submit(self, form: dict[str, Any]) -> EventSpec | None:
        """Send the review."""
        self.rating_error = self.body_error = self.problem = ""
        try:
            wanted = typed_review(form)
            reference, key = self._which()
            actor = await current_actor(self)
            self._show(await call(services().reviews.write, actor, reference, wanted, key=key))
        except EcosystemError as error:
            self._explain(error)
            return None
        return toast(_("Thank you. Your review is in."), "done")

    def _which(self) -> tuple[str, str]:
        asked = query(self)
        return last_part(self).upper(), (asked.get("review") or asked.get("key", ""))[:200]

    def _explain(self, error: EcosystemError) -> None:
        wrong = field_errors(error)
        self.rating_error, self.body_error = wrong.get("rating", ""), wrong.get("body", "")
        self.problem = "" if wrong else error.detail

    def _show(self, reviews: BookingReviews) -> None:
        self.stage, self.note = reviews.stage, note_of(reviews)
        self.mine = review_line(reviews.mine) if reviews.mine else ReviewLine()
        self.has_theirs = reviews.theirs is not None
        self.theirs = review_line(reviews.theirs) if reviews.theirs else ReviewLine()


def note_of(reviews: BookingReviews) -> str:
    """What happens next, in a sentence; empty when nothing does."""
    days, name = REVEALED_AFTER.days, reviews.other_name
    match reviews.stage:
        case "open" if reviews.reveals_at is not None:
            return _(
                "{name} has written about this trip. You see it as soon as your own is in. You"
                " have until {moment}."
            ).format(name=name, moment=formats.full_day(reviews.reveals_at.date()))
        case "open":
            return _(
                "{name} is asked as well. Neither of you sees the other's words before both are"
                " in, or {days} days have passed since the first."
            ).format(name=name, days=days)
        case "waiting" if reviews.reveals_at is not None:
            return _(
                "Your review is in. It appears together with that of {name}, on {moment} at the"
                " latest."
            ).format(name=name, moment=formats.full_day(reviews.reveals_at.date()))
        case "closed":
            return _(
                "The time for your review is over: it ended {days} days after that of {name}."
            ).format(name=name, days=days)
        case _:
            return ""


def _of_booking(actor: Actor, reference: str, key: str) -> BookingReviews:
    return services().reviews.of_booking(actor, reference, key=key)


def _public(path: tuple[str, str], cursor: str) -> tuple[RatingSummary, Page[ReviewView]]:
    kind, slug = path
    reviews = services().reviews
    find = reviews.of_operator if kind == "operator" else reviews.of_package
    try:
        return find(slug, cursor=cursor, limit=PER_PAGE)
    except NotFound:
        # The page around says that there is no such thing.
        return RatingSummary(), Page((), None)


def _reviews(count: int) -> str:
    if not count:
        return ""
    return ngettext("{count} review", "{count} reviews", count).format(count=formats.number(count))


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n") if part]
