"""An autoregressive network over whole sequences.

Start with `par`; `network` is the recurrent network.
"""
