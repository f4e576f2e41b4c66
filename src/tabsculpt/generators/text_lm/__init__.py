"""Notes written by a small language model, given the other columns of their row.

Start with `text_lm`; `tokens` cuts text into pieces, `transformer` is the network, imported only
where it is used.
"""
