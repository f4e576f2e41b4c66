"""The synthesizers of the package ``sdv``.

Start with `sdv`; `pool` keeps the rows that they made.
"""
