"""What stands where content is still to come, missing or failed."""

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.values import Child, Text


def bone(extra: str = "h-4 w-full") -> rx.Component:
    """Draw one grey shape; its size is given by class names."""
    return rx.el.div(class_name=f"skeleton {extra}", custom_attrs={"aria-hidden": "true"})


def skeleton_text(lines: int = 3) -> rx.Component:
    """Draw lines of text to come, the last one shorter."""
    return rx.el.div(
        *(bone("h-4 w-full" if n < lines - 1 else "h-4 w-2/3") for n in range(lines)),
        class_name="grid gap-3",
    )


def skeleton_cards(count: int = 6) -> rx.Component:
    """Draw trip cards to come, in the grid they come in."""
    return rx.el.div(
        *(
            rx.el.div(
                bone("aspect-8/5 w-full !rounded-lg"),
                bone("mt-4 h-4 w-3/4"),
                bone("mt-2.5 h-4 w-1/2"),
                bone("mt-2.5 h-4 w-2/3"),
            )
            for _ in range(count)
        ),
        class_name="grid gap-x-6 gap-y-7 sm:grid-cols-2 lg:grid-cols-3",
    )


def skeleton_rows(count: int = 8) -> rx.Component:
    """Draw table rows to come, as high as they will be."""
    return rx.el.div(
        *(
            rx.el.div(
                bone("h-4 w-28"),
                bone("h-4 w-2/5"),
                bone("ms-auto h-4 w-20"),
                class_name="flex h-[46px] items-center gap-6 border-b border-line px-5 "
                "last:border-0",
            )
            for _ in range(count)
        )
    )


def skeleton_figures(count: int = 4) -> rx.Component:
    """Draw a number strip to come."""
    return rx.el.div(
        *(
            rx.el.div(
                bone("h-3.5 w-24"),
                bone("mt-3 h-7 w-28"),
                bone("mt-3 h-3.5 w-32"),
                class_name="h-[118px] bg-card px-5 py-[18px]",
            )
            for _ in range(count)
        ),
        class_name="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line "
        "md:grid-cols-4",
    )


def skeleton_fields(count: int = 4) -> rx.Component:
    """Draw form fields to come."""
    return rx.el.div(
        *(
            rx.el.div(bone("h-3.5 w-24"), bone("mt-2 h-10 w-full !rounded-md"))
            for _ in range(count)
        ),
        class_name="grid gap-5 sm:grid-cols-2",
    )


def empty_state(
    title: Text, detail: Text = "", *actions: Child, compact: bool = False
) -> rx.Component:
    """Say that there is nothing, and what to do next."""
    return _notice(title, detail, *actions, space="py-8" if compact else "py-14")


def error_state(
    title: Text | None = None,
    detail: Text | None = None,
    *actions: Child,
) -> rx.Component:
    """Say what failed and what still works, with a way to try again."""
    failed = _("This part could not be loaded") if title is None else title
    rest = _("The rest of the page works. Try again in a moment.") if detail is None else detail
    return rx.el.div(_notice(failed, rest, *actions, tone="text-bad"), role="alert")


def _notice(
    title: Text,
    detail: Text,
    *actions: Child,
    tone: str = "",
    space: str = "py-14",
) -> rx.Component:
    return rx.el.div(
        rx.el.p(title, class_name=f"font-strong text-balance {tone}"),
        rx.el.p(detail, class_name="mt-1 max-w-[52ch] text-soft text-balance empty:hidden"),
        rx.el.div(*actions, class_name="mt-4 flex flex-wrap justify-center gap-3 empty:hidden"),
        class_name=f"flex flex-col items-center px-5 text-center {space}",
    )
