"""The generator whose rows teach most about rows that it has not seen.

Start with `auto`; `held_out` scores a candidate.
"""
