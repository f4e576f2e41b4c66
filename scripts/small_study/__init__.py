"""What `small_samples.py` keeps and shows."""
