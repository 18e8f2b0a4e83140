"""A stateful stand-in for Stripe, for local use and tests.

It serves the part of the API that the product calls (Connect accounts, Checkout Sessions with a
hosted payment page, charges, refunds, transfers, disputes, events and signed webhooks) to the
official client, is strict where Stripe is strict, and keeps its state in one SQLite file.
``python -m ecosystem.local.stripe --help`` starts one; ``fixtures`` fills one with history.
"""
