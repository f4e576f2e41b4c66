"""Adversarial random forests.

Start with `arf`; `leaves` describes the leaves that rows are drawn from, `normals` how
numbers are distributed within them.
"""
