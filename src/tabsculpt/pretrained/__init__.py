"""Pretrained models whose weights the user has: where the files lie, and how they are asked.

Nothing is ever downloaded from here, and weights are read as numbers alone: a file that would run
code when it is read is refused.
"""
