"""An autoregressive transformer over the codes of a row.

Start with `tabformer`; `transformer` is the network, imported only where it is used.
"""
