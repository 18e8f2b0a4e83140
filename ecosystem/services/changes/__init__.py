"""Changes of bookings after they were made: cancellation in whole or part, another date.

``desk`` is the way in; ``situation`` and ``planning`` work out what a change comes to,
``writing`` carries it out in one transaction, ``moving`` has the dates that wait for money.
"""
