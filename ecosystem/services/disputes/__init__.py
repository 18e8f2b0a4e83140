"""Disputes: followed as Stripe tells them, answered with what we know of the booking."""

from ecosystem.services.disputes.accesses import Accesses
from ecosystem.services.disputes.answering import Answering
from ecosystem.services.disputes.following import Following

__all__ = ["Accesses", "Answering", "Following"]
