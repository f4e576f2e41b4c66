"""The autoregressive network of the package ``mostlyai-engine``.

Start with `tabularargn`; `engine` keeps the package's folders short-lived, quiet and seeded.
"""
