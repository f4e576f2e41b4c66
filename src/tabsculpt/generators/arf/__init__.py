"""Adversarial random forests.

Start with `arf`; `leaves` describes the leaves that rows are drawn from.
"""
