"""Result rows: what one holds, how it ended, and the parquet files that rows are kept in.

It imports the engine's way of writing files and errors alone; start with `row`.
"""

from tabsculpt.results.files import (
    add_experiments,
    count_rows,
    joined_experiments,
    local_folder,
    read_rows,
    write_frame,
    write_rows,
    write_table,
)
from tabsculpt.results.row import PHASES, SUBGROUP, Row, Status, as_record, schema
from tabsculpt.results.status import is_well, not_ok, status_of

__all__ = [
    "PHASES",
    "SUBGROUP",
    "Row",
    "Status",
    "add_experiments",
    "as_record",
    "count_rows",
    "is_well",
    "joined_experiments",
    "local_folder",
    "not_ok",
    "read_rows",
    "schema",
    "status_of",
    "write_frame",
    "write_rows",
    "write_table",
]
