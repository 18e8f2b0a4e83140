"""Moving tables from Supabase to RDS while everyone keeps writing.

``plan`` what moves together and how far it is · ``ends`` connections to both databases ·
``shape`` whether both have the same columns · ``capture`` what makes the source log its changes ·
``carrier`` one table: log batches and chunks · ``verify`` whether both sides are equal ·
``moves`` the phases of a group, which the command line calls.

How and why: ``docs/algorithms/moving_tables.md``.
"""
