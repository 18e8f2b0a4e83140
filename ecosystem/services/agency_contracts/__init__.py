"""Contracts: an operator offers one to an agency, the agency answers, either one ends it.

    offered ─accept→ active ─end, or another one accepted→ ended (holds until its last day)
       ├──decline→ declined
       └──withdraw, or offered anew→ withdrawn

What was agreed on never changes; other words are another offer, which takes the place of the one
before on its first day. Bookings keep the terms they were made by.
"""

from ecosystem.services.agency_contracts.changing import AgencyContracts
from ecosystem.services.agency_contracts.forms import EndForm, OfferForm
from ecosystem.services.agency_contracts.seeing import LEAST_WORDS

__all__ = ["LEAST_WORDS", "AgencyContracts", "EndForm", "OfferForm"]
