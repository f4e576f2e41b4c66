"""CTGAN, and TVAE as published settings know it, by the package ``ctgan``.

Start with `ctgan` or `tvae`; `network` is what their outputs mean, `epochs` how they are trained.
"""
