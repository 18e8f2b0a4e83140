"""``/provider/packages``: the operator's own packages."""

from typing import Any

import reflex as rx

from ecosystem.domain.currencies import SHOWN
from ecosystem.pages.components.buttons import anchor, button, link_button
from ecosystem.pages.components.choices import CHIP, CHIP_OFF, CHIP_ON
from ecosystem.pages.components.dialogs import closer, dialog
from ecosystem.pages.components.feedback import empty_state, skeleton_rows
from ecosystem.pages.components.forms import field
from ecosystem.pages.components.navigation import MENU_LINE, menu
from ecosystem.pages.components.surfaces import badge, card, page_header
from ecosystem.pages.components.tables import Column, data_table, paging, two_lines
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.state.provider.packages import PATH, ProviderPackagesState

S: Any = ProviderPackagesState  # whose fields are Vars when a page is drawn
NEW = "new-package"
NEW_FORM = "new-package-form"


def page() -> rx.Component:
    """Draw the page."""
    return desk_page(
        page_header(
            "Packages",
            link_button("Import and export", href="/provider/import"),
            when(
                S.may_edit,
                button("New package", kind="primary", on_click=S.begin),
            ),
            below="What you offer, and what is being prepared.",
        ),
        card(
            rx.el.div(
                _filters(), _search(), class_name="grid gap-3 border-b border-line px-5 py-4"
            ),
            loading_or_failed(
                S.phase,
                S.problem,
                S.open,
                skeleton_rows(10),
                _table(),
                when(
                    S.position != "",
                    paging(
                        S.position,
                        previous=S.previous_href,
                        following=S.following_href,
                        has_previous=S.previous_href != "",
                        has_following=S.following_href != "",
                    ),
                ),
            ),
            padded=False,
        ),
        _new(),
        area="provider",
        current=PATH,
    )


def _filters() -> rx.Component:
    return rx.el.nav(
        rx.foreach(
            S.filters,
            lambda one: anchor(
                one.label,
                rx.el.span(one.count, class_name="tabular-nums opacity-70"),
                href=one.href,
                class_name=[CHIP, rx.cond(one.on, CHIP_ON, CHIP_OFF)],
                custom_attrs={"aria-current": rx.cond(one.on, "true", "false")},
            ),
        ),
        class_name="flex min-h-[34px] flex-wrap gap-2",
        custom_attrs={"aria-label": "Status"},
    )


def _search() -> rx.Component:
    return rx.el.form(
        field(
            "Search",
            "q",
            type="search",
            placeholder="Title or city",
            default_value=S.words,
            key=S.words,
            extra="flex-[1_1_14rem]",
            max_length=100,
        ),
        button("Search", type="submit", extra="max-sm:w-full"),
        on_submit=S.find,
        role="search",
        class_name="flex flex-wrap items-end gap-3",
        custom_attrs={"aria-label": "Packages"},
    )


def _table() -> rx.Component:
    nothing = rx.cond(
        S.any_at_all,
        empty_state(
            "No package fits this",
            "Look for fewer words, or in all of them.",
            link_button("Show all packages", href=PATH),
        ),
        empty_state(
            "No package yet",
            "Begin with a title; everything else can follow while you work on it.",
            when(S.may_edit, button("New package", on_click=S.begin)),
        ),
    )
    return data_table(
        S.rows,
        (
            Column(
                "Title",
                lambda row: two_lines(rx.el.span(row.title, class_name="font-strong"), row.facts),
                phone="lead",
                width="36%",
                sort=S.by_title,
                sorted=rx.cond(S.sort == "title", "ascending", "none"),
            ),
            Column(
                "Next departure",
                lambda row: two_lines(row.departs, row.seats),
                phone="under",
                whole=True,
            ),
            Column(
                "Price per adult",
                lambda row: row.price,
                align="end",
                phone="end",
                sort=S.by_price,
                sorted=rx.cond(S.sort == "price", "ascending", "none"),
            ),
            Column(
                "Status",
                lambda row: rx.el.span(
                    badge(row.status, row.tone),
                    when(row.missing != "", badge(row.missing, "warn")),
                    class_name="inline-flex flex-wrap gap-1.5",
                ),
                phone="under-end",
            ),
            Column(
                "Changed",
                lambda row: row.changed,
                whole=True,
                sort=S.by_change,
                sorted=rx.cond(S.sort == "changed", "descending", "none"),
            ),
            Column(rx.el.span("Actions", class_name="sr-only"), _more, align="end"),  # type: ignore[arg-type]
        ),
        caption="Your packages",
        row_href=lambda row: row.href,
        empty=nothing,
    )


def _more(row: Any) -> rx.Component:
    return when(
        S.may_edit,
        menu(
            "···",
            rx.el.button(
                "Duplicate", type="button", on_click=S.duplicate(row.key), class_name=MENU_LINE
            ),
            when(
                row.can_archive,
                rx.el.button(
                    "Archive", type="button", on_click=S.archive(row.key), class_name=MENU_LINE
                ),
            ),
            name="More for " + row.title,
            extra="z-20 inline-block text-start",
        ),
    )


def _new() -> rx.Component:
    return dialog(
        "New package",
        rx.el.form(
            field(
                "Title",
                "title",
                field_id="new-title",
                error=S.title_error,
                max_length=200,
                auto_complete="off",
                hint="4 to 120 characters. Say where it goes.",
            ),
            field(
                "Currency",
                "currency",
                control="select",
                field_id="new-currency",
                options=tuple((code, code) for code in SHOWN),
                default_value=S.currency,
                key=S.currency,
                error=S.currency_error,
                hint="All prices of the package are in it.",
            ),
            id=NEW_FORM,
            on_submit=S.create,
            no_validate=True,
            class_name="grid gap-5 pt-2",
        ),
        dialog_id=NEW,
        actions=(
            closer("Cancel"),
            button("Create", kind="primary", type="submit", form=NEW_FORM),
        ),
        shown=S.creating,
        on_close=S.leave,
        strict=True,
    )
