"""How rows are drawn from a fitted model: codes from probabilities, rows with given values.

It imports tables alone; start with `given`.
"""
