"""What papers print, as data, and what result rows say of it. Reads tables, no component."""
