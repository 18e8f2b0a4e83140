"""The pictures in the package editor."""

from typing import Any

import reflex as rx

from ecosystem.domain.pictures import LONGEST_ALT, MOST_PICTURES
from ecosystem.pages.components.arranging import arranging, entry, handle
from ecosystem.pages.components.buttons import icon_button
from ecosystem.pages.components.feedback import bone
from ecosystem.pages.components.forms import CONTROL
from ecosystem.pages.components.surfaces import badge, section_card
from ecosystem.pages.components.upload_lines import upload_lines
from ecosystem.pages.components.uploader import uploader
from ecosystem.pages.desk_page import loading_or_failed
from ecosystem.state.provider.package_pictures import PackagePicturesState, PictureTile

State = PackagePicturesState
KINDS = "image/jpeg,image/png,image/webp,.jpg,.jpeg,.png,.webp"


def pictures_section() -> rx.Component:
    """Draw the pictures of the package that the address names; it loads them itself."""
    return rx.el.div(
        section_card(
            "Pictures",
            loading_or_failed(State.phase, State.problem, State.open, _skeleton(), _content()),
            note="The first is the cover.",
            aside=rx.cond(State.note != "", badge(State.note, "warn")),
        ),
        on_mount=State.open,
        id="pictures",
    )


def _content() -> rx.Component:
    return rx.el.div(
        rx.cond(
            State.tiles.length() > 0,
            arranging(
                rx.foreach(State.tiles, _tile),
                label="Pictures in their order",
                on_arrange=State.arrange,
                extra="divide-y divide-line border-b border-line",
            ),
        ),
        rx.el.p(State.said, class_name="sr-only", custom_attrs={"aria-live": "polite"}),
        upload_lines(State),
        rx.cond(
            State.may_edit,
            rx.el.div(_chooser(), class_name="p-5"),
            rx.cond(
                State.tiles.length() == 0,
                rx.el.p("There are no pictures yet.", class_name="p-5 text-soft"),
            ),
        ),
    )


def _chooser() -> rx.Component:
    return uploader(
        rx.el.span(
            rx.cond(
                State.room,
                "Choose pictures, or drop them here",
                f"All {MOST_PICTURES} places taken",
            ),
            class_name="font-strong",
        ),
        rx.el.span(
            "JPEG, PNG or WebP, up to 10 MB each, at least 640 × 400 pixels. "
            "Where a picture was taken is removed from it.",
            class_name="max-w-[64ch] text-sm text-soft",
        ),
        jobs=State.jobs,
        accept=KINDS,
        multiple=True,
        disabled=~State.room,
        on_choose=State.choose,
        on_progress=State.progress,
        on_sent=State.arrived,
        on_broken=State.broke,
    )


def _tile(tile: rx.Var[PictureTile]) -> rx.Component:
    one: Any = tile
    field_id = "alt-" + one.id.to(str)
    error_id = field_id + "-error"
    return entry(
        rx.cond(State.may_edit, handle(one.move_label), rx.el.span()),
        rx.el.div(
            rx.el.img(
                src=one.src,
                alt=one.alt,
                width="120",
                height="90",
                loading="lazy",
                class_name="aspect-[4/3] w-[104px] rounded-sm bg-sunk object-cover sm:w-[120px]",
            ),
            class_name="shrink-0",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.label(
                    "What is to be seen", html_for=field_id, class_name="text-sm font-strong"
                ),
                rx.cond(one.cover, badge("Cover", "brand")),
                rx.cond(~one.described, badge("Needs a description", "warn")),
                class_name="flex min-h-[22px] flex-wrap items-center gap-2",
            ),
            rx.el.textarea(
                default_value=one.alt,
                id=field_id,
                rows="2",
                max_length=LONGEST_ALT,
                read_only=~State.may_edit,
                placeholder="Fishing boats in the harbour of Kotor, below the town wall",
                on_blur=lambda words: State.describe(one.id, words),
                class_name=f"{CONTROL} mt-1.5 px-3 py-2 text-md",
                custom_attrs={
                    "aria-describedby": error_id,
                    "aria-invalid": rx.cond(one.problem != "", "true", "false"),
                },
            ),
            rx.el.p(
                one.problem,
                id=error_id,
                class_name="mt-1 text-sm text-bad empty:hidden",
                custom_attrs={"aria-live": "polite"},
            ),
            rx.el.p(one.size, " pixels", class_name="mt-1 text-sm text-soft tabular-nums"),
            class_name="min-w-0 max-sm:col-span-full max-sm:row-start-2",
        ),
        rx.cond(
            State.may_edit,
            icon_button(
                "close",
                "Take this picture off",
                on_click=State.remove(one.id),
                extra="max-sm:justify-self-end",
            ),
        ),
        entry_id=one.id,
        extra="grid grid-cols-[auto_auto_1fr] items-start gap-x-3 gap-y-3 bg-card px-3 py-4 "
        "sm:grid-cols-[auto_auto_minmax(0,1fr)_auto] sm:px-4",
    )


def _skeleton() -> rx.Component:
    return rx.el.div(bone("h-24 w-full !rounded-lg"), class_name="p-5")
