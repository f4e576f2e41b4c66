"""Columns of text as numbers: hashed TF-IDF, or a sentence encoder from a local folder."""
