"""How torch modules are trained: batches, decay of the learning rate, averaging, early stopping.

It imports the engine alone; start with `loop`.
"""
