"""``python -m tabsculpt``."""

from tabsculpt.cli import main

main()
