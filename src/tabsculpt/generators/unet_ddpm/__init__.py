"""Diffusion of images.

Start with `unet_ddpm`; `denoising` is the way to noise and back, `network` the U-Net.
"""
