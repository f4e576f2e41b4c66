"""What `parkinson_controls.py` learns from, keeps and shows."""
