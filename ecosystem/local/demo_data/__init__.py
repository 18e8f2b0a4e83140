"""Demo data: real cities, invented operators and people, two years of trips and bookings.

Everything is a pure function of a fixed seed and an anchor day. ``seed`` writes it; the other
modules each make one kind of thing and can be used without any database.
"""

from ecosystem.local.demo_data.accounts import PASSWORD, ensure_cognito
from ecosystem.local.demo_data.loading import SeedFailed
from ecosystem.local.demo_data.seeding import PACKAGES, SeedReport, seed

__all__ = ["PACKAGES", "PASSWORD", "SeedFailed", "SeedReport", "ensure_cognito", "seed"]
