"""Samplers: the pipelines for scikit-learn and imbalanced-learn, without files or a store."""
