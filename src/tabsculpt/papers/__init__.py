"""What papers print, as data, and what result rows say of it."""
