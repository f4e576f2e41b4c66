"""Rows as sentences by a small language model.

Start with `great`; `text` writes rows, `model` makes the model, `rows` trains it and reads back.
"""
