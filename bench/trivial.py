"""The least that an event can do, and an app that has nothing else."""

import reflex as rx

from ecosystem.state.guard import allow


class TrivialState(rx.State):
    """One number."""

    count: int = 0

    @rx.event
    @allow("*")
    def add(self) -> None:
        """One more."""
        self.count += 1
