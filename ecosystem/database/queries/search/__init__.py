"""The search index: written by ``indexing``, read by ``finding`` and ``suggesting``. Group: rds.

``package_search`` is what lists show, ``package_index`` what is searched, ``search_terms`` what
filters choose, ``search_words`` what people type. docs/algorithms/search.md explains them.
"""
