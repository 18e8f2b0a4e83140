"""``/provider/packages``: the operator's own packages."""

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import Column, data_table, paging
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.provider.packages import PATH, ProviderPackagesState

State = ProviderPackagesState


def page() -> rx.Component:
    """Draw the page."""
    nothing = rx.cond(
        State.words != "",
        empty_state(
            "No package fits these words",
            "Look for fewer of them.",
            link_button("Show all packages", href=PATH),
        ),
        empty_state("No package yet", "Packages of your operator appear here."),
    )
    return desk_page(
        page_header("Packages", below="What you offer, latest change first."),
        card(
            rx.el.form(
                field(
                    "Search",
                    "q",
                    type="search",
                    placeholder="Title",
                    default_value=State.words,
                    key=State.words,
                    extra="flex-[1_1_16rem]",
                    max_length=100,
                ),
                button("Search", type="submit", extra="max-sm:w-full"),
                on_submit=State.find,
                role="search",
                class_name="flex flex-wrap items-end gap-3 border-b border-line px-5 py-4",
                custom_attrs={"aria-label": "Packages"},
            ),
            loading_or_failed(
                State.phase,
                State.problem,
                State.open,
                skeleton_rows(10),
                data_table(
                    State.rows,
                    (
                        Column(
                            "Title",
                            lambda row: rx.el.span(row.title, class_name="font-strong"),
                            phone="lead",
                        ),
                        Column("Nights", lambda row: row.nights, phone="under", whole=True),
                        Column("Price per adult", lambda row: row.price, align="end", phone="end"),
                        Column("Changed", lambda row: row.changed, whole=True),
                        Column(
                            "Status",
                            lambda row: badge(row.status, row.tone),
                            phone="under-end",
                            whole=True,
                        ),
                    ),
                    caption="Your packages, latest change first",
                    row_href=lambda row: row.href,
                    empty=nothing,
                ),
                rx.cond(
                    State.position != "",
                    paging(
                        State.position,
                        previous=State.previous_href,
                        following=State.following_href,
                        has_previous=State.previous_href != "",
                        has_following=State.following_href != "",
                    ),
                ),
            ),
            padded=False,
        ),
        area="provider",
        current=PATH,
    )
