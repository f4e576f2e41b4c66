"""Networks that see images: one that is trained here, and Inception v3 from weights you have.

The predictor ``cnn`` and the measures of images share them; start with `classifier`.
"""
