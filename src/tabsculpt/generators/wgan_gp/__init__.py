"""The conditional Wasserstein GAN with gradient penalty.

Start with `wgan_gp`; `maker` is the network.
"""
