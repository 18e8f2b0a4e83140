"""A client's page of a proposal: what is offered, accepting it, asking about it.

``words`` turns a proposal into what the page shows.
"""

from ecosystem.state.proposal.page import ProposalState

__all__ = ["ProposalState"]
