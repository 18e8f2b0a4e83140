"""A local stand-in for Supabase Auth (GoTrue), for the official ``supabase-auth`` client.

``python -m ecosystem.local.supabase_auth`` serves ``/auth/v1`` over the ``auth`` schema of
the local Supabase database. It behaves as a Supabase project does with e-mail confirmation
on; its contract suite also runs against a real one.
"""
