"""Flow matching by boosted trees.

Start with `forest_flow`; `flow` has the velocities and the way from noise to rows.
"""
