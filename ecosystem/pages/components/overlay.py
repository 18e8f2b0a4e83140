"""What lies above every page: the notice that the connection is gone, and the last resort."""

import reflex as rx
from reflex_base.components.component import Component
from reflex_base.vars.base import Var
from reflex_base.vars.function import ArgsFunctionOperation
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_too_many_connection_errors

from ecosystem.domain.language import _
from ecosystem.pages.components.navigation import InPage
from ecosystem.state.session import SessionState


@rx.memo
def connection_notice() -> rx.Component:
    """Say that what is on screen may be old, while the connection is being restored."""
    return rx.el.div(
        rx.cond(
            has_too_many_connection_errors,
            rx.el.p(
                rx.el.span(class_name="size-2 rounded-full bg-warn animate-pulse"),
                _("No connection. What you see may be out of date; trying again."),
                class_name="flex items-center gap-2 rounded-full border border-line bg-card "
                "px-4 py-2 text-md text-ink shadow-float",
            ),
        ),
        role="status",
        class_name="pointer-events-none fixed inset-x-0 top-3 z-50 flex justify-center px-4",
    )


def toast_places() -> rx.Component:
    """Draw where parts.js puts short messages: failures are read out at once, others in turn."""
    column = "grid w-[min(420px,100%)] gap-2"
    return rx.el.div(
        rx.el.div(id="toasts-problem", role="alert", class_name=column),
        rx.el.div(
            id="toasts",
            role="status",
            class_name=column,
            custom_attrs={
                "data-undo": _("Undo"),
                "data-dismiss": _("Dismiss"),
                "data-copied": _("Copied"),
                "data-newer": _("There is a newer version of this page."),
                "data-reload": _("Load again"),
                "data-refused": _("Your browser did not allow copying"),
                "data-person": SessionState.person,
            },
        ),
        class_name="toasts pointer-events-none fixed inset-x-0 z-50 flex flex-col items-center "
        "gap-2 p-4 sm:items-end",
    )


def overlay() -> rx.Component:
    """Return what every page has on top."""
    return rx.fragment(connection_notice(), toast_places())


def error_boundary() -> Component:
    """Return the page shown when drawing a page failed: what happened, what to do."""
    failed = rx.el.main(
        rx.el.h1(_("This page could not be drawn"), class_name="font-serif text-h2"),
        rx.el.p(
            _("Nothing you saved is lost. Loading the page again usually helps."),
            class_name="mt-3 max-w-[64ch] text-soft",
        ),
        # A link of the router would come back to the page that failed without loading it.
        InPage.create(
            _("Load again"),
            href="",
            class_name="mt-6 inline-flex h-10 items-center rounded-md border border-brand "
            "bg-brand px-4 text-md font-strong text-brand-ink",
        ),
        class_name="mx-auto max-w-[640px] px-4 py-24",
    )
    return ErrorBoundary.create(
        fallback_render=ArgsFunctionOperation.create(("event_args",), Var.create(failed))
    )
