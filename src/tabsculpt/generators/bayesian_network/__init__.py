"""Bayesian networks over bins.

Start with `bayesian_network`; `structure` finds which columns depend on which.
"""
