"""Who travels on a booking: named after it was made, put into rooms, listed for the operator."""

from ecosystem.services.travellers.lists import TravellerLists
from ecosystem.services.travellers.naming import NamesForm, Travellers
from ecosystem.services.travellers.reminding import NameReminders

__all__ = ["NameReminders", "NamesForm", "TravellerLists", "Travellers"]
