"""A search among generators and their settings.

Start with `tuned`; `search` says where to look next.
"""
