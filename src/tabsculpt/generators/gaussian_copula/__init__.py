"""The Gaussian copula.

Start with `gaussian_copula`; `normal` draws from a normal distribution given some of it.
"""
