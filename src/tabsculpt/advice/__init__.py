"""Whether synthetic rows help on a table, which, and how sure that is.

Jobs on nested splits, run by the engine of a sweep and read through the analysis: the inner ones
choose, the outer ones say what the choice is worth. Start with `nested`, then `search`.
"""
