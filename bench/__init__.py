"""Benchmarks of the product, each against a baseline measured in the same run.

``python -m bench`` (or ``make bench``) prints one row a question; docs/benchmarks.md says
what each row asks, what its baseline is and what limits it.
"""
