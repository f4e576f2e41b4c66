"""CTGAN and TVAE by the package ``ctgan``, with what the two share.

Start with `ctgan` or `tvae`; `network` is what their outputs mean, `epochs` how they are trained.
"""
