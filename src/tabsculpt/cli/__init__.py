"""The command line: a file for each command, named as the command; `main` puts them together.

It may import everything; `shell` holds what commands share, `arguments` what they are given.
"""
