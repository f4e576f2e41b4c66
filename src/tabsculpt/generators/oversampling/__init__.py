"""What the SMOTE family shares: points to interpolate between, rare classes, relevance of numbers.

It imports tables alone; start with `by_class`.
"""
