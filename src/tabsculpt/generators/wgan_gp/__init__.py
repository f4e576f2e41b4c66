"""The conditional Wasserstein GAN with gradient penalty.

Start with `wgan_gp`; `training` plays the network against its critic.
"""
