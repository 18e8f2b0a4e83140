"""``/ops/disputes/[id]``: one dispute and the answer to the bank."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import link, link_button
from ecosystem.pages.components.dialogs import closer, dialog, opener
from ecosystem.pages.components.feedback import empty_state, skeleton_fields, skeleton_rows
from ecosystem.pages.components.forms import field, problem_summary
from ecosystem.pages.components.numbers import fact
from ecosystem.pages.components.surfaces import (
    badge,
    breadcrumbs,
    card,
    page_header,
    section_card,
)
from ecosystem.pages.components.tables import Column, data_table, two_lines
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.ops.dispute import OpsDisputeState
from ecosystem.state.ops.payments import PATH

State = OpsDisputeState
SEND = "send-evidence"
FORM = "evidence"


def page() -> rx.Component:
    """Draw the page."""
    view: Any = State.view
    return desk_page(
        page_header(
            rx.cond(view.row.reference != "", f"Dispute of {view.row.reference}", "Dispute"),
            rx.cond(
                view.pdf != "",
                link_button("Evidence (PDF)", href=view.pdf, reload=True),
            ),
            above=breadcrumbs(("Payments", PATH)),
            below=view.row.reason,
        ),
        rx.cond(
            State.phase == "missing",
            card(
                empty_state(
                    "There is no such dispute",
                    "Its address may be cut off.",
                    link_button("All disputes", href=PATH),
                )
            ),
            loading_or_failed(
                State.phase,
                State.problem,
                State.open,
                card(skeleton_fields(6), skeleton_rows(3)),
                _content(view),
            ),
        ),
        area="ops",
        current=PATH,
    )


def _content(view: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            section_card(
                "The dispute",
                rx.el.dl(
                    fact("State", badge(view.row.state, view.row.tone), view.row.due),
                    fact("Amount", view.row.amount, "taken by the bank"),
                    fact("Fee", view.fee, "kept by Stripe, also if it is won"),
                    fact("Opened", view.row.opened),
                    fact(
                        "Booking",
                        link(view.row.reference, href="/trips/" + view.row.reference),
                        view.booking,
                    ),
                    fact("Trip", view.title),
                    fact("Buyer", view.buyer),
                    fact("Paid", view.paid),
                    rx.cond(
                        view.row.unrecovered != "",
                        fact("Not recovered", view.row.unrecovered, "owed by the parties"),
                    ),
                    class_name="grid gap-5 p-5 sm:grid-cols-2",
                ),
            ),
            section_card(
                "Taken back from the parties",
                data_table(
                    view.back,
                    [
                        Column(
                            "From",
                            lambda row: two_lines(row.party, row.failure, row.failure != ""),
                            phone="lead",
                        ),
                        Column("Amount", lambda row: row.amount, align="end", phone="end"),
                        Column(
                            "State",
                            lambda row: badge(row.state, row.tone),
                            phone="under-end",
                            whole=True,
                        ),
                    ],
                    caption="Money of transfers that comes back",
                    empty=empty_state(
                        "Nothing had been sent on", "There is nothing to take back.", compact=True
                    ),
                ),
            ),
            class_name="grid min-w-0 gap-6",
        ),
        _answer(view),
        class_name="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_420px]",
    )


def _answer(view: Any) -> rx.Component:
    return section_card(
        "Answer",
        rx.cond(
            view.answerable,
            rx.el.form(
                problem_summary(State.refused),
                rx.el.p(
                    "The bank gets the PDF with the booking, the policy and its dates, the "
                    "e-mails, what the buyer opened and what was written: ",
                    view.known,
                    ".",
                    class_name="text-soft",
                ),
                field(
                    "Statement",
                    "statement",
                    control="textarea",
                    rows="8",
                    hint="What happened, in your words and in English. It may be left empty.",
                    error=State.statement_error,
                    max_length=10_000,
                ),
                opener(
                    "Send evidence…",
                    opens=SEND,
                    kind="primary",
                    busy=State.sending,
                    extra="justify-self-start",
                ),
                dialog(
                    "Send the evidence to the bank?",
                    rx.el.p(
                        "It can be sent once. Read the PDF before; nothing can be added later.",
                        class_name="text-soft",
                    ),
                    dialog_id=SEND,
                    actions=(
                        closer("Not yet"),
                        closer("Send evidence", kind="primary", type="submit", form=FORM),
                    ),
                ),
                id=FORM,
                on_submit=State.submit,
                no_validate=True,
                class_name="grid gap-4 p-5 [&>[role=alert]:empty]:hidden",
            ),
            rx.el.p(
                rx.cond(
                    view.row.due != "",
                    rx.fragment("Nothing can be sent any more: ", view.row.due, "."),
                    "Nothing can be sent any more.",
                ),
                class_name="p-5 text-soft",
            ),
        ),
    )
