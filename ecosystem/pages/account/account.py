"""One's own account."""

import reflex as rx

from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.forms import field, native_form
from ecosystem.pages.components.surfaces import page_header, section_card
from ecosystem.pages.components.values import Child, Text
from ecosystem.pages.layout import public_page
from ecosystem.state.account.account import AccountState as State
from ecosystem.state.session import SessionState


def page() -> rx.Component:
    """Who one is here, the second factor, the ways out."""
    return public_page(
        page_header("Your account", big=True),
        rx.el.div(_about(), _second_factor(), _sessions(), class_name="mt-6 grid gap-6"),
        width="text",
    )


def _about() -> rx.Component:
    def line(label: str, value: Text) -> rx.Component:
        return rx.el.div(
            rx.el.dt(label, class_name="text-soft"),
            rx.el.dd(value, class_name="min-w-0 break-words"),
            class_name="grid grid-cols-[8rem_minmax(0,1fr)] gap-3",
        )

    return section_card(
        "About you",
        _inside(
            rx.el.dl(
                line("Name", SessionState.name),
                line("Email", SessionState.email),
                line("You are here as", SessionState.role_words),
                class_name="grid gap-2",
            )
        ),
    )


def _second_factor() -> rx.Component:
    return section_card(
        "Authenticator app",
        _inside(
            rx.cond(
                State.secret != "",
                _enrolment(),
                rx.el.div(
                    rx.el.p(
                        rx.match(
                            State.phase,
                            ("loading", "Looking whether an app is set up…"),
                            ("unknown", "We can't see just now whether an app is set up."),
                            rx.cond(
                                State.enrolled,
                                "Set up. At sign-in we ask for a code of your app.",
                                "With an app that shows codes, a stolen password is not enough.",
                            ),
                        )
                    ),
                    button(
                        rx.cond(State.enrolled, "Set up another app", "Set up an app"),
                        on_click=State.start,
                        extra="mt-3",
                    ),
                ),
            )
        ),
    )


def _enrolment() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "Enter this key in your app, or ",
            link("open it on this device", href=State.link, reload=True),
            ".",
        ),
        rx.el.p(
            State.secret,
            class_name="rounded-md bg-sunk px-3 py-2 font-mono break-words select-all",
        ),
        rx.el.form(
            field(
                "Code",
                "code",
                hint="The six digits your app shows now.",
                error=State.code_error,
                input_mode="numeric",
                auto_complete="one-time-code",
            ),
            rx.el.div(
                button("Turn on", kind="primary", type="submit"),
                button("Cancel", kind="quiet", on_click=State.cancel),
                class_name="flex gap-2",
            ),
            on_submit=State.finish,
            class_name="grid gap-4",
        ),
        class_name="grid gap-4",
    )


def _sessions() -> rx.Component:
    return section_card(
        "Signing out",
        _inside(
            rx.el.div(
                native_form(button("Sign out", type="submit"), action="/api/auth/sign-out"),
                button("Sign out everywhere", kind="danger", on_click=State.sign_out_everywhere),
                class_name="flex flex-wrap gap-3",
            )
        ),
    )


def _inside(child: Child) -> rx.Component:
    return rx.el.div(child, class_name="px-5 py-4")
