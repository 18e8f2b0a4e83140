"""Reviews: what the public reads, the traveller's form on the trip's page, parts of both."""

from typing import Any

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button
from ecosystem.pages.components.feedback import bone, error_state, skeleton_text
from ecosystem.pages.components.forms import field, field_error
from ecosystem.pages.components.surfaces import heading
from ecosystem.pages.components.values import Child, Text, when
from ecosystem.state.reviews import ReviewFormState, ReviewsState

R: Any = ReviewsState
F: Any = ReviewFormState

STAR = "text-brand tracking-[0.08em]"


def reviews(*, with_trips: bool = False, extra: str = "mt-10") -> rx.Component:
    """Draw what travellers said of the package or operator whose page this is.

    It loads itself when it is put on the page.

    Args:
        with_trips: whether each review says which trip it is about.
        extra: more class names, for its place.
    """
    return rx.el.section(
        heading(_("What travellers say"), "mb-4"),
        rx.match(
            R.phase,
            ("loading", _coming()),
            (
                "failed",
                error_state(
                    _("The reviews could not be loaded"),
                    R.problem,
                    button(_("Try again"), on_click=R.open),
                ),
            ),
            rx.cond(R.count != "", _list(with_trips), _nothing()),
        ),
        on_mount=R.open,
        id="reviews",
        class_name=extra,
        custom_attrs={"aria-busy": rx.cond(R.phase == "loading", "true", "false")},
    )


def _coming() -> rx.Component:
    return rx.el.div(
        bone("h-28 w-full max-w-[420px]"),
        rx.el.div(skeleton_text(3), class_name="mt-8 max-w-[64ch]"),
    )


def _nothing() -> rx.Component:
    return rx.el.p(
        _("Nobody has reviewed this yet. Only those who travelled can."), class_name="text-soft"
    )


def _list(with_trips: bool) -> rx.Component:
    return rx.fragment(
        _summary(),
        rx.el.ul(
            rx.foreach(R.items, lambda item: review_item(item, with_trip=with_trips)),
            class_name="mt-4",
        ),
        when(
            R.more_there,
            button(_("More reviews"), on_click=R.more, extra="mt-4"),
        ),
        rx.el.p(
            _(
                "Written after the trip, by those who booked it. Both sides write before either"
                " can read the other."
            ),
            class_name="mt-4 max-w-[64ch] text-sm text-soft",
        ),
    )


def _summary() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.span(R.average, class_name="font-serif text-[44px] leading-none"),
            rx.el.span(_(" of 5"), class_name="sr-only"),
            rx.el.span(R.count, class_name="mt-1.5 block text-md text-soft"),
            class_name="shrink-0",
        ),
        rx.el.ul(
            rx.foreach(
                R.bars,
                lambda bar: rx.el.li(
                    rx.el.span(bar.label, class_name="w-16 shrink-0 whitespace-nowrap"),
                    rx.el.span(
                        rx.el.span(
                            style={"width": bar.percent},
                            class_name="block h-full rounded-full bg-brand",
                        ),
                        class_name="h-1.5 min-w-0 flex-1 rounded-full bg-sunk",
                        custom_attrs={"aria-hidden": "true"},
                    ),
                    rx.el.span(bar.count, class_name="w-8 shrink-0 text-end tabular-nums"),
                    class_name="flex items-center gap-3 text-sm text-soft",
                ),
            ),
            class_name="grid min-w-0 max-w-[340px] flex-1 gap-1",
        ),
        class_name="flex flex-wrap items-center gap-x-10 gap-y-4",
    )


def review_item(item: Any, *, with_trip: bool = False) -> rx.Component:
    """Draw one review in a list; ``item`` is a Var of ``ReviewLine``."""
    return rx.el.li(
        review_words(item, with_trip=with_trip),
        key=item.key,
        class_name="border-t border-line py-5",
    )


def review_words(item: Any, *, with_trip: bool = False) -> rx.Component:
    """Draw a review: who, when, how many stars, the words, the operator's answer."""
    return rx.el.article(
        rx.el.p(
            rx.el.span(item.author, class_name="font-strong"),
            rx.el.span(item.when, class_name="text-sm text-soft"),
            class_name="flex flex-wrap items-baseline gap-x-3",
        ),
        rx.el.p(
            rx.el.span(item.stars, class_name=STAR, custom_attrs={"aria-hidden": "true"}),
            rx.el.span(item.said, class_name="sr-only"),
            rx.el.span(item.trip, class_name="text-sm text-soft") if with_trip else rx.fragment(),
            class_name="mt-0.5 flex flex-wrap items-baseline gap-x-3",
        ),
        rx.el.div(
            rx.foreach(item.paragraphs, lambda text: rx.el.p(text)),
            class_name="mt-2 grid max-w-[64ch] gap-2 [overflow-wrap:anywhere]",
            custom_attrs={"lang": item.language, "dir": "auto"},
        ),
        when(
            item.reply.length() > 0,
            rx.el.div(
                rx.el.p(_("The operator's answer"), class_name="text-sm font-strong"),
                rx.foreach(item.reply, lambda text: rx.el.p(text, dir="auto")),
                class_name="mt-3 grid max-w-[64ch] gap-1 border-s-2 border-line ps-4 text-soft "
                "[overflow-wrap:anywhere]",
            ),
        ),
    )


def rating_field(error: Text, *, prefix: str) -> rx.Component:
    """Draw the choice from 1 to 5; ``prefix`` makes its ids its own on the page."""
    words = (_("Poor"), _("Fair"), _("Good"), _("Very good"), _("Excellent"))
    return rx.el.fieldset(
        rx.el.legend(_("Rating"), class_name="mb-1.5 text-sm font-strong"),
        rx.el.div(
            *(
                rx.el.label(
                    rx.el.input(
                        type="radio",
                        name="rating",
                        value=str(number),
                        id=f"{prefix}-{number}",
                        class_name="sr-only",
                        custom_attrs={"aria-describedby": f"{prefix}-error"},
                    ),
                    rx.el.span(
                        f"{number} ★",
                        class_name="tabular-nums",
                        custom_attrs={"aria-hidden": "true"},
                    ),
                    rx.el.span(f"{number}: ", class_name="sr-only"),
                    rx.el.span(word, class_name="text-sm text-soft"),
                    class_name="flex cursor-pointer items-center gap-2 rounded-md border "
                    "border-edge/60 px-3 py-2 hover:border-edge has-checked:border-brand "
                    "has-checked:bg-brand-soft has-focus-visible:outline-2 "
                    "has-focus-visible:outline-offset-2 has-focus-visible:outline-brand",
                )
                for number, word in enumerate(words, start=1)
            ),
            class_name="flex flex-wrap gap-2",
        ),
        field_error(prefix, error),
        class_name="grid min-w-0 gap-1.5",
    )


def review_fields(
    rating_error: Text, body_error: Text, *, prefix: str, hint: Text = ""
) -> tuple[Child, ...]:
    """Draw the fields of a review: the rating and the words."""
    return (
        rating_field(rating_error, prefix=f"{prefix}-rating"),
        field(
            _("Your words"),
            "body",
            control="textarea",
            field_id=f"{prefix}-body",
            hint=hint,
            error=body_error,
            rows="5",
            max_length=4000,
        ),
    )


def review_form() -> rx.Component:
    """Draw the traveller's side of a trip's reviews, for the trip's own page.

    Nothing for whom it is not, and before the trip is over. It loads itself.
    """
    return rx.el.div(
        rx.match(
            F.stage,
            ("open", _frame(_("How was it?"), _form())),
            (
                "waiting",
                _frame(_("Your review"), review_words(F.mine), _note()),
            ),
            ("closed", _frame(_("Reviews"), _note(), _theirs())),
            ("revealed", _frame(_("Your review"), review_words(F.mine), _theirs())),
            rx.fragment(),
        ),
        on_mount=F.open,
        id="review",
    )


def _frame(title: str, *content: Child) -> rx.Component:
    return rx.el.section(
        heading(title, "mb-3"),
        *content,
        class_name="mt-10 rounded-lg border border-line bg-card p-5 md:p-6",
    )


def _note() -> rx.Component:
    return rx.el.p(F.note, class_name="mt-3 max-w-[64ch] text-md text-soft empty:hidden")


def _theirs() -> rx.Component:
    return when(
        F.has_theirs,
        rx.el.div(
            rx.el.h3(_("What the operator says of you"), class_name="mb-2 font-strong"),
            review_words(F.theirs),
            class_name="mt-6 border-t border-line pt-5",
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.p(F.note, class_name="max-w-[64ch] text-md text-soft"),
        *review_fields(
            F.rating_error,
            F.body_error,
            prefix="review",
            hint=_("What should the next ones know? Your first name and initial stand beside it."),
        ),
        rx.el.p(
            F.problem,
            class_name="text-sm text-bad empty:hidden",
            custom_attrs={"aria-live": "polite"},
        ),
        rx.el.div(button(_("Send review"), type="submit")),
        on_submit=F.submit,
        no_validate=True,
        class_name="grid gap-4",
    )
