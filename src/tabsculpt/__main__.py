"""``python -m tabsculpt``."""

from tabsculpt.cli.main import main

main()
