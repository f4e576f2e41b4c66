"""A differentially private generator: noisy marginals along a spanning tree.

Start with `mst`; `accounting` has the privacy budget, `domain` what is known of the columns before
any row is counted, `measuring` everything that looks at the rows, `promise` the notes on what is
guaranteed and what is not. Other private generators use these too.
"""
