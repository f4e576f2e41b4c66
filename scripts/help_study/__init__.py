"""The study of when synthetic rows help."""
