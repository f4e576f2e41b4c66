"""The three risks of disclosure that regulators name: singling out, linkability and inference.

Each is an attack on rows of train, and the same attack on rows of test, which the generator never
saw: what succeeds there shows what general knowledge of the distribution allows. Start with
`risks`. It imports tables alone.
"""
