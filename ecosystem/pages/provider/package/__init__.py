"""``/provider/packages/[id]``: one package, edited section by section, saved while one types."""

from typing import Any

import reflex as rx

from ecosystem.pages.components.buttons import button, link_button
from ecosystem.pages.components.dialogs import confirmation
from ecosystem.pages.components.feedback import bone, empty_state, skeleton_fields
from ecosystem.pages.components.keeping import (
    keeping,
    keeping_offer,
    keeping_save,
    keeping_status,
)
from ecosystem.pages.components.marks import mark
from ecosystem.pages.components.navigation import MENU_LINE, menu
from ecosystem.pages.components.surfaces import badge, breadcrumbs, card, page_header
from ecosystem.pages.components.values import when
from ecosystem.pages.desk_page import desk_page, loading_or_failed
from ecosystem.pages.provider.package.deciding import clash_notice
from ecosystem.pages.provider.package.frame import S
from ecosystem.pages.provider.package.history import HISTORY, history_dialog
from ecosystem.pages.provider.package.prices import prices
from ecosystem.pages.provider.package.publishing import departures, publishing
from ecosystem.pages.provider.package.route import route
from ecosystem.pages.provider.package.sections import (
    basics,
    description,
    exclusions,
    extras,
    policy,
)
from ecosystem.pages.provider.package_pictures import pictures_section
from ecosystem.state.provider.package.history import PackageHistoryState
from ecosystem.state.provider.package.views import SECTION_TITLES
from ecosystem.state.provider.packages import PATH

ARCHIVE = "archive-package"
DRAFT = "back-to-draft"


def page() -> rx.Component:
    """Draw the page."""
    shown = S.phase == "shown"
    return desk_page(
        rx.cond(
            S.phase == "missing",
            _missing(),
            rx.fragment(
                page_header(
                    rx.cond(shown, S.head.title, "Package"),
                    above=breadcrumbs(("Packages", PATH)),
                    below=rx.cond(
                        shown,
                        rx.el.span(
                            badge(S.head.status_words, S.head.tone),
                            S.head.facts,
                            class_name="flex flex-wrap items-center gap-2",
                        ),
                        "\u00a0",
                    ),
                ),
                loading_or_failed(S.phase, S.problem, S.open, _skeleton(), _editor()),
            ),
        ),
        area="provider",
        current=PATH,
    )


def _editor() -> rx.Component:
    return keeping(
        rx.el.p(S.said, class_name="sr-only", custom_attrs={"aria-live": "assertive"}),
        _bar(),
        rx.el.div(
            keeping_offer(),
            clash_notice(),
            when(S.locked != "", _locked()),
            class_name="grid gap-4 [&:has(>:not([hidden],dialog))]:mb-5",
        ),
        rx.el.div(
            _index(),
            rx.el.div(
                basics(),
                description(),
                route(),
                prices(),
                extras(),
                exclusions(),
                policy(),
                pictures_section(),
                departures(),
                publishing(),
                class_name="grid min-w-0 gap-6 [&>#pictures]:scroll-mt-32 "
                "lg:[&>#pictures]:scroll-mt-20",
            ),
            class_name="grid items-start gap-6 xl:grid-cols-[160px_minmax(0,1fr)] xl:gap-8",
        ),
        history_dialog(),
        confirmation(
            "Archive this package",
            "It can't be found or booked any more. Bookings that were made stay as they are,"
            " and you can publish it again.",
            dialog_id=ARCHIVE,
            confirm="Archive package",
            on_confirm=S.archive,
        ),
        confirmation(
            "Take it back to draft",
            "It can't be found or booked until you publish it again. Bookings that were made stay"
            " as they are.",
            dialog_id=DRAFT,
            confirm="Back to draft",
            on_confirm=S.back_to_draft,
        ),
        on_keep=S.keep,
        subject=S.package_id,
        load=S.load,
        version=S.version,
        acked=S.acked,
        done=S.done,
        outcome=S.outcome,
        message=S.message,
        unsaved=S.unsaved,
        settled=S.settled,
    )


def _bar() -> rx.Component:
    """What stays in sight: whether everything is saved, and the two things one does."""
    on_sale = S.head.status == "published"
    return rx.el.div(
        keeping_status("min-w-0 flex-[1_1_8rem]"),
        menu(
            rx.fragment("More", mark("down", 14)),
            _menu_link("Preview", "/provider/packages/" + S.package_id + "/preview"),
            when(on_sale, _menu_link("What the public sees", S.head.public_href)),
            _menu_line(
                "History",
                on_click=PackageHistoryState.open,
                custom_attrs={"data-open": HISTORY, "aria-haspopup": "dialog"},
            ),
            when(
                S.locked == "",
                rx.fragment(
                    _menu_line("Duplicate", on_click=S.duplicate),
                    when(
                        S.head.status != "draft",
                        _menu_line("Back to draft", custom_attrs={"data-open": DRAFT}),
                    ),
                    when(
                        S.head.status != "archived",
                        _menu_line("Archive", custom_attrs={"data-open": ARCHIVE}),
                    ),
                ),
            ),
            name="More for this package",
        ),
        when(
            S.locked == "",
            rx.cond(
                on_sale,
                keeping_save(kind="primary"),
                rx.fragment(keeping_save(), button("Publish", kind="primary", on_click=S.publish)),
            ),
        ),
        class_name="sticky top-14 z-10 -mx-4 mb-5 flex flex-wrap items-center justify-end gap-2 "
        "border-b border-line bg-paper px-4 py-2.5 md:-mx-9 md:px-9 lg:top-0 lg:gap-3",
    )


def _menu_line(words: str, **props: Any) -> rx.Component:
    return rx.el.button(words, type="button", class_name=MENU_LINE, **props)


def _menu_link(words: str, href: Any) -> rx.Component:
    return rx.el.a(words, href=href, target="_blank", class_name=MENU_LINE)


def _index() -> rx.Component:
    """The sections, with a sign at those that want something."""

    def line(name: str, title: str) -> rx.Component:
        return rx.el.li(
            rx.el.a(
                title,
                when(
                    S.wanting.contains(name),
                    rx.el.span(
                        rx.el.span("something is missing", class_name="sr-only"),
                        class_name="size-2 shrink-0 rounded-full bg-warn",
                    ),
                ),
                href=f"#{name}",
                class_name="flex min-h-8 items-center justify-between gap-2 rounded-sm px-2 "
                "text-md text-soft hover:bg-sunk hover:text-ink max-xl:rounded-full "
                "max-xl:border max-xl:border-line max-xl:px-3",
            )
        )

    return rx.el.nav(
        rx.el.ol(
            *(line(name, title) for name, title in SECTION_TITLES.items()),
            class_name="flex flex-wrap gap-1.5 xl:grid xl:gap-0.5",
        ),
        class_name="xl:sticky xl:top-20",
        custom_attrs={"aria-label": "Sections"},
    )


def _locked() -> rx.Component:
    return rx.el.p(
        S.locked,
        role="status",
        class_name="rounded-lg border border-line bg-sunk px-5 py-4",
    )


def _missing() -> rx.Component:
    return rx.fragment(
        page_header("This package does not exist", above=breadcrumbs(("Packages", PATH))),
        card(
            empty_state(
                "Nothing is here",
                "It was removed, or it belongs to another operator.",
                link_button("Your packages", href=PATH),
            )
        ),
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        bone("mb-5 h-[61px] w-full"),
        rx.el.div(
            bone("h-80 w-full max-xl:h-8"),
            rx.el.div(card(skeleton_fields(5)), card(skeleton_fields(2)), class_name="grid gap-6"),
            class_name="grid items-start gap-6 xl:grid-cols-[160px_minmax(0,1fr)] xl:gap-8",
        ),
    )
