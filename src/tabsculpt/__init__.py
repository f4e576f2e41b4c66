"""Data-centric synthetic tabular data: profile, generate, refine, and measure whether it helps."""
