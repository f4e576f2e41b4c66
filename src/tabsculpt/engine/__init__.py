"""Memoised computations: steps, their keys and seeds, the store of their results, and the runner.

It knows no table and no job, and imports errors alone; start with `step`, then `runner`.
"""
