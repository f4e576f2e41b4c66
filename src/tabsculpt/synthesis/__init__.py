"""Synthetic tables to take away: any pipeline drawn from at any length, its file and its card.

It does the steps of a job and measures them as a job does; start with `rows`, then `command`.
"""
