"""A recurrent conditional GAN over whole sequences.

Start with `rgan`; `network` is the recurrent network.
"""
