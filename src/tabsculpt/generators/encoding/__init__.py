"""Tables as numbers and codes that generators learn from, and the way back.

It imports tables alone; start with `frames`.
"""
