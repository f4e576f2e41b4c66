"""Worlds in which two pipelines are equal in law; see ``scripts/calibrate_verdicts.py``."""
