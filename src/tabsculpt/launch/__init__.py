"""Launchers: run one job, or the jobs of a sweep."""
