"""The least that an event can do: in the product, and in a Reflex app that has nothing else."""

import reflex as rx
from reflex_base import constants
from reflex_base.environment import environment
from starlette.types import ASGIApp

from ecosystem.state.guard import allow


class TrivialState(rx.State):
    """One number, behind the product's Guard."""

    count: int = 0

    @rx.event
    @allow("*")
    def add(self) -> None:
        """One more."""
        self.count += 1


def bare_app() -> ASGIApp:
    """A Reflex app without middleware of ours, with one number and no page."""
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_BACKEND_ONLY.set(True)
    return rx.App()()
