"""``/provider/reviews``: what travellers say, reviewing them, answering."""

from typing import Any

import reflex as rx

from ecosystem.domain.reviews import REVEALED_AFTER
from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.choices import chip, chips
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.reviews import review_fields, review_words
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import paging
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.provider.reviews import PATH, ProviderReviewsState

S: Any = ProviderReviewsState
CHOICES = (("all", "All"), ("review", "To review"), ("answer", "To answer"))


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Reviews",
            below="After a trip the traveller and you each write once. Neither sees the other's "
            f"words before both are in, or {REVEALED_AFTER.days} days have passed since the first.",
        ),
        chips(
            *(
                chip(label, on=S.show == value, href=f"{PATH}?show={value}")
                for value, label in CHOICES
            ),
            label="Which",
        ),
        rx.el.div(
            loading_or_failed(
                S.phase,
                S.problem,
                S.open,
                card(skeleton_rows(6), padded=False),
                rx.cond(S.rows.length() > 0, _list(), _nothing()),
            ),
            class_name="mt-5 max-w-[820px]",
        ),
        area="provider",
        current=PATH,
    )


def _list() -> rx.Component:
    return rx.fragment(
        rx.el.ul(rx.foreach(S.rows, _trip), class_name="grid gap-4"),
        rx.el.div(
            paging(
                S.position,
                previous=S.previous,
                following=S.following,
                has_previous=S.previous != "",
                has_following=S.following != "",
            ),
            class_name="mt-4",
        ),
    )


def _nothing() -> rx.Component:
    return card(
        rx.match(
            S.show,
            (
                "review",
                empty_state("Nobody waits for your review", "All completed trips are done."),
            ),
            ("answer", empty_state("No review waits for an answer")),
            empty_state(
                "No completed trip yet",
                "On the day after a trip's last one, both of you are asked to review it.",
            ),
        )
    )


def _trip(row: Any) -> rx.Component:
    return rx.el.li(
        card(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(link(row.title, href=row.href), class_name="font-strong break-words"),
                    rx.el.p(row.who, class_name="text-sm text-soft break-words"),
                    class_name="min-w-0",
                ),
                badge(row.stage_words, row.tone),
                class_name="flex flex-wrap items-start justify-between gap-x-4 gap-y-2",
            ),
            when(row.has_theirs, _part("The traveller", review_words(row.theirs))),
            when(row.has_mine, _part("You", review_words(row.mine))),
            rx.el.p(row.note, class_name="mt-3 max-w-[64ch] text-md text-soft empty:hidden"),
            when(S.may_edit & (row.stage == "open"), _writing(row)),
            when(S.may_edit & row.may_answer, _answering(row)),
        ),
        key=row.reference,
    )


def _part(title: str, words: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.h3(title, class_name="mb-1 text-sm text-soft"),
        words,
        class_name="mt-4 border-t border-line pt-4",
    )


def _writing(row: Any) -> rx.Component:
    return rx.cond(
        S.writing == row.reference,
        rx.el.form(
            *review_fields(
                S.rating_error,
                S.body_error,
                prefix="about",
                hint="How were they as guests? Only they and you read this.",
            ),
            rx.el.div(
                button("Send review", type="submit", kind="primary"),
                button("Not now", kind="quiet", on_click=S.write(row.reference)),
                class_name="flex flex-wrap gap-3",
            ),
            on_submit=S.send_review,
            no_validate=True,
            class_name="mt-4 grid gap-4 border-t border-line pt-4",
        ),
        button("Review the traveller", on_click=S.write(row.reference), extra="mt-4"),
    )


def _answering(row: Any) -> rx.Component:
    return rx.cond(
        S.answering == row.theirs.key,
        rx.el.form(
            field(
                "Your answer",
                "reply",
                control="textarea",
                field_id="review-answer",
                hint="Stands under the review for everybody, and can't be changed later.",
                error=S.body_error,
                rows="3",
                max_length=2000,
            ),
            rx.el.div(
                button("Publish answer", type="submit", kind="primary"),
                button("Not now", kind="quiet", on_click=S.answer(row.theirs.key)),
                class_name="flex flex-wrap gap-3",
            ),
            on_submit=S.send_answer,
            no_validate=True,
            class_name="mt-4 grid gap-4 border-t border-line pt-4",
        ),
        button("Answer", on_click=S.answer(row.theirs.key), extra="mt-4"),
    )
