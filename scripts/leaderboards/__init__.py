"""The tables, cells and page of the leaderboard; see ``scripts/leaderboard.py``."""
