"""A variational autoencoder of rows, and a mixture for a target that is a number.

Start with `tvae`; `networks` has the two networks and their losses.
"""
