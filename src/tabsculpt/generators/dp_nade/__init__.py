"""A differentially private network: a neural autoregressive estimator trained by DP-SGD.

Start with `dp_nade`; `accounting` has how much noise epsilon and delta ask for, `features` what a
code is and what the network knows of it, `network` the network and the clipped gradient, `training`
the steps. The last two are imported only where they are used. What is known of the columns, their
noisy counts and the notes on what is guaranteed are those of `tabsculpt.generators.mst`.
"""
