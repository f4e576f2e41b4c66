"""CTGAN, and TVAE as published settings know it, as published settings know it.

Start with `ctgan` or `tvae`; `network` is what their outputs mean, `adversary` and `variational`
train them, and `best` says what is kept of it.
"""
