"""Sequential classification and regression trees.

Start with `cart`; `trees` grows a column's tree and draws from its leaves.
"""
