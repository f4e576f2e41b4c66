"""The Gaussian copula.

Start with `gaussian_copula`; `marginal` fits a column's distribution, `normal` draws from a normal
distribution given some of it, `latent` finds correlations with categories, and `order` puts these
in an order.
"""
