"""A complete example of each kind of part, which `tabsculpt new` copies for the user to change."""
