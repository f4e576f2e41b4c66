"""Diffusion of numbers and codes.

Start with `ddpm`; `diffusion` is the way to noise and back, `denoising` the network.
"""
