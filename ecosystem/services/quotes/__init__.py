"""Proposals of agencies to their clients.

``desk`` is the agent's side, ``client_side`` and ``accepting`` the client's, ``contents`` prices
what is offered, ``tending`` is the worker's, ``papers`` prints.
"""

from ecosystem.services.quotes.accepting import Accepting
from ecosystem.services.quotes.desk import Desk
from ecosystem.services.quotes.tending import Tending


class Quotes(Desk, Accepting, Tending):
    """The whole service."""


__all__ = ["Quotes"]
