"""One's own account."""

import reflex as rx

from ecosystem.domain.language import _
from ecosystem.pages.components.buttons import button, link
from ecosystem.pages.components.forms import field, native_form
from ecosystem.pages.components.reader import reader_form
from ecosystem.pages.components.surfaces import page_header, section_card
from ecosystem.pages.components.values import Child, Text, sentence
from ecosystem.pages.layout import public_page
from ecosystem.state.account.account import AccountState as State
from ecosystem.state.session import SessionState


def page() -> rx.Component:
    """Who one is here, the second factor, the ways out."""
    return public_page(
        page_header(_("Your account"), big=True),
        rx.cond(
            State.wanted,
            rx.el.p(
                _("Your agency asks for an authenticator app. Set it up below to go on."),
                class_name="mt-6 rounded-md border border-line bg-sunk px-4 py-3",
                role="status",
            ),
        ),
        rx.el.div(
            _about(), _reading(), _second_factor(), _sessions(), class_name="mt-6 grid gap-6"
        ),
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
        _("About you"),
        _inside(
            rx.el.dl(
                line(_("Name"), SessionState.name),
                line(_("Email"), SessionState.email),
                line(_("You are here as"), SessionState.role_words),
                class_name="grid gap-2",
            )
        ),
    )


def _reading() -> rx.Component:
    return section_card(
        _("Language and currency"),
        _inside(reader_form("account", "items-end sm:grid-cols-[1fr_1fr_max-content]")),
    )


def _second_factor() -> rx.Component:
    return section_card(
        _("Authenticator app"),
        _inside(
            rx.cond(
                State.secret != "",
                _enrolment(),
                rx.el.div(
                    rx.el.p(
                        rx.match(
                            State.phase,
                            ("loading", _("Looking whether an app is set up…")),
                            ("unknown", _("We can't see just now whether an app is set up.")),
                            rx.cond(
                                State.enrolled,
                                _("Set up. At sign-in we ask for a code of your app."),
                                _("With an app that shows codes, a stolen password is not enough."),
                            ),
                        )
                    ),
                    rx.cond(
                        State.moves,
                        rx.el.p(
                            _(
                                "Operators' sign-in is moving to a new system, and your app can't"
                                " be taken along. Set it up anew here: from your next sign-in on"
                                " we ask for the new code. Until then nothing changes."
                            ),
                            class_name="mt-2 text-soft",
                        ),
                    ),
                    button(
                        rx.cond(
                            State.moves,
                            _("Set up the app anew"),
                            rx.cond(State.enrolled, _("Set up another app"), _("Set up an app")),
                        ),
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
            sentence(
                _("Enter this key in your app, or {link}."),
                link=link(_("open it on this device"), href=State.link, reload=True),
            ),
        ),
        rx.el.p(
            State.secret,
            class_name="rounded-md bg-sunk px-3 py-2 font-mono break-words select-all",
        ),
        rx.el.form(
            field(
                _("Code"),
                "code",
                hint=_("The six digits your app shows now."),
                error=State.code_error,
                input_mode="numeric",
                auto_complete="one-time-code",
            ),
            rx.cond(
                State.moves,
                field(
                    _("Password"),
                    "password",
                    type="password",
                    hint=_("Your password as it is. It moves along."),
                    error=State.password_error,
                    auto_complete="current-password",
                ),
            ),
            rx.el.div(
                button(_("Turn on"), kind="primary", type="submit"),
                button(_("Cancel"), kind="quiet", on_click=State.cancel),
                class_name="flex gap-2",
            ),
            on_submit=State.finish,
            class_name="grid gap-4",
        ),
        class_name="grid gap-4",
    )


def _sessions() -> rx.Component:
    return section_card(
        _("Signing out"),
        _inside(
            rx.el.div(
                native_form(button(_("Sign out"), type="submit"), action="/api/auth/sign-out"),
                button(_("Sign out everywhere"), kind="danger", on_click=State.sign_out_everywhere),
                class_name="flex flex-wrap gap-3",
            )
        ),
    )


def _inside(child: Child) -> rx.Component:
    return rx.el.div(child, class_name="px-5 py-4")
