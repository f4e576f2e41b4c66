"""Configurations: the files in ``conf/`` and the user's own, composed by Hydra into components.

It imports the engine and the nouns' contracts; start with `compose`, then `components`.
"""
