"""``/ops/payments``: money that needs somebody, and whether the books agree."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.dialogs import dialog
from ecosystem.pages.components.feedback import empty_state, skeleton_figures, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.numbers import figure, number_strip
from ecosystem.pages.components.surfaces import badge, card, page_header, section_card
from ecosystem.pages.components.tables import Column, data_table, row_actions, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.ops.payments import PATH, OpsPaymentsState

State = OpsPaymentsState
BY_HAND = "by-hand"


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Payments",
            button("Refresh", on_click=State.open),
            below="Money that needs somebody, and whether the books agree.",
        ),
        loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _content()),
        _by_hand(),
        area="ops",
        current=PATH,
    )


def _content() -> rx.Component:
    return rx.el.div(
        number_strip(
            figure("Open disputes", State.open_disputes, "the bank has the money", live=True),
            figure("Failed", State.failed_count, "refunds and transfers for a person", live=True),
            figure("Stuck payments", State.stuck_count, "longer on their way than usual"),
            figure("Parties that owe", State.owing.length(), "paid out, and not theirs any more"),
            label="What waits",
        ),
        rx.el.p(State.cut, class_name="text-sm text-warn empty:hidden"),
        _checks(),
        section_card(
            "Disputes",
            data_table(
                State.disputes,
                _dispute_columns(),
                caption="Disputes, open ones first",
                row_href=lambda row: row.href,
                empty=empty_state("No dispute", "Nobody's bank has taken a payment back."),
            ),
            note="The buyer's bank took a payment back. What was sent on of it is taken back too.",
        ),
        section_card(
            "Refunds",
            data_table(
                State.refunds,
                _columns(_refund_buttons),
                caption="Refunds that did not arrive",
                empty=empty_state("No refund is in trouble", compact=True),
            ),
            note=State.refunds_moving,
        ),
        section_card(
            "Transfers",
            data_table(
                State.transfers,
                _columns(_retry_button),
                caption="Shares that can't leave and money that does not come back",
                empty=empty_state("No transfer is in trouble", compact=True),
            ),
            note=State.transfers_moving,
        ),
        section_card(
            "Stuck payments",
            data_table(
                State.payments,
                _columns(_ask_button),
                caption="Payments that should have come to an end",
                empty=empty_state("No payment is stuck", compact=True),
            ),
        ),
        section_card(
            "Not recovered",
            data_table(
                State.owing,
                _owing_columns(),
                caption="Operators and agencies that have more than is theirs",
                empty=empty_state("Nobody has more than is theirs", compact=True),
            ),
            note="What was paid out, went back to a buyer, and is not back from the party.",
        ),
        class_name="grid gap-6",
    )


def _checks() -> rx.Component:
    columns = [
        Column(
            "Rule",
            lambda row: two_lines(row.rule, row.differences, row.differences != ""),
            phone="lead",
        ),
        Column("State", lambda row: badge(row.state, row.tone), phone="end", whole=True),
    ]
    return section_card(
        "Do the books agree?",
        loading_or_failed(
            State.checks_phase,
            State.checks_problem,
            State.check,
            skeleton_rows(6),
            data_table(State.checks, columns, caption="Checks of the ledger"),
        ),
        aside=rx.fragment(
            rx.el.span(State.checked, class_name="text-sm text-soft tabular-nums"),
            button("Check again", size="sm", on_click=State.check),
        ),
    )


def _dispute_columns() -> list[Column]:
    return [
        Column(
            "Booking",
            lambda row: two_lines(rx.el.span(row.reference, class_name="font-strong"), row.reason),
            phone="lead",
            width="36%",
        ),
        Column("Amount", lambda row: row.amount, align="end", phone="end"),
        Column("State", lambda row: badge(row.state, row.tone), phone="under-end", whole=True),
        Column(
            "When",
            lambda row: two_lines(f"opened {row.opened}", row.due, row.due != ""),
            phone="under",
        ),
        Column("Not recovered", lambda row: row.unrecovered, align="end"),
    ]


def _columns(act: Any) -> list[Column]:
    return [
        Column(
            "Booking",
            lambda row: two_lines(
                link(row.reference, href=row.href, extra="font-strong"), row.facts
            ),
            phone="lead",
            width="28%",
        ),
        Column("Amount", lambda row: row.amount, align="end", phone="end"),
        Column("State", lambda row: badge(row.state, row.tone), whole=True),
        Column("Why it waits", lambda row: row.failure, phone="under"),
        Column("Since", lambda row: row.since, whole=True),
        Column(rx.el.span("Do", class_name="sr-only"), act, align="end", phone="under-end"),
    ]


def _owing_columns() -> list[Column]:
    def adjust(row: Any) -> rx.Component:
        return link("Adjust", href="/ops/adjustments?reference=" + row.href.split("/")[-1])

    return [
        Column("Who", lambda row: two_lines(row.facts, row.what), phone="lead", width="34%"),
        Column("Owes", lambda row: row.amount, align="end", phone="end"),
        Column("Of booking", lambda row: link(row.reference, href=row.href), phone="under"),
        Column(rx.el.span("Do", class_name="sr-only"), adjust, align="end", phone="under-end"),
    ]


def _named(row: Any) -> rx.Component:
    return rx.el.span(" ", row.amount, " of ", row.reference, class_name="sr-only")


def _retry_button(row: Any) -> rx.Component:
    return rx.cond(
        row.act != "",
        button(row.act, _named(row), size="sm", on_click=State.retry(row.what, row.id)),
    )


def _refund_buttons(row: Any) -> rx.Component:
    return rx.cond(
        row.act != "",
        row_actions(
            button(
                "By hand…",
                _named(row),
                size="sm",
                kind="quiet",
                on_click=State.ask_by_hand(row.id),
                custom_attrs={"aria-haspopup": "dialog"},
            ),
            _retry_button(row),
        ),
    )


def _ask_button(row: Any) -> rx.Component:
    return button(row.act, _named(row), size="sm", on_click=State.ask(row.id))


def _by_hand() -> rx.Component:
    one: Any = State.settling
    return dialog(
        "The buyer has it another way",
        rx.el.form(
            rx.el.p(
                one.amount,
                " of booking ",
                one.reference,
                " could not go back to the card. Send it outside Stripe first, then say how: the "
                "ledger records that this refund is done.",
                class_name="text-soft",
            ),
            field(
                "How did it reach the buyer?",
                "note",
                control="textarea",
                hint="For example: bank transfer of 3 May, with its number.",
                error=State.note_error,
                max_length=500,
            ),
            rx.el.div(
                button("Leave it open", on_click=State.keep),
                button("Record it", kind="primary", type="submit"),
                class_name="flex flex-wrap justify-end gap-3",
            ),
            on_submit=State.by_hand,
            key=one.id,
            no_validate=True,
            class_name="grid gap-4",
        ),
        dialog_id=BY_HAND,
        shown=one.id != "",
        on_close=State.keep,
        strict=True,
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        skeleton_figures(4), card(skeleton_rows(8), padded=False), class_name="grid gap-6"
    )
