"""Proposals of agencies to their clients.

``desk`` is the agent's side, ``client_side`` and ``accepting`` the client's, ``contents`` prices
what is offered.
"""

from ecosystem.services.quotes.accepting import Accepting
from ecosystem.services.quotes.desk import Desk


class Quotes(Desk, Accepting):
    """The whole service."""


__all__ = ["Quotes"]
