"""A job: its components, its graph of steps, running it, its rows, and whether it is finished.

It imports the nouns, the configuration and the engine; start with `job`, then `graph` and `run`.
"""
