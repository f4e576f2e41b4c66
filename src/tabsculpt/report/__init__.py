"""Reports: they read result tables and never import a component."""
