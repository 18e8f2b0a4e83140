"""Tests of the Stripe stand-in, driven by the official client."""
