"""Continuous diffusion of numbers and embedded codes.

Start with `cdtd`; `network` is the denoiser and its loss, `schedule` how much noise there is at
which time, `solver` the way from noise to rows.
"""
