"""The figures that Profile2Gen prints, and what result rows say of each. Reads tables alone."""
