"""Notes written by a small language model, given the other columns of their row.

Start with `text_lm`; `fitted` is what was learnt, or `fine_tuned` where it began with a language
model of the user's; `tokens` cuts text into pieces, `transformer` is the network, imported only
where it is used.
"""
