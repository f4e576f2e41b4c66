"""ARFF text, read into a raw frame."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tabsculpt.datasets.csv_text import read_text
from tabsculpt.errors import UserError


def read_arff(path: Path) -> pd.DataFrame:
    """Read an ARFF file.

    Args:
        path: the file, in any encoding that `read_text` finds.

    Returns:
        The raw frame: numeric attributes are numbers, nominal ones categories (also where they
        look like numbers), strings text.

    Raises:
        UserError: the file is absent, malformed or has no rows.
    """
    import arff

    text = read_text(path)
    try:
        content = arff.loads(text)
    except arff.ArffException as error:
        # Not str(error): its formatting fails where the reported value holds a per cent sign.
        reason = str(error.message).replace("%d", str(error.line))
        raise UserError(f"{path} is not a well-formed ARFF file: {reason}") from None
    except ValueError as error:
        raise UserError(f"{path} is not a well-formed ARFF file: {error}") from None
    if not content["data"]:
        raise UserError(f"{path} has attributes but no rows")
    names = [name for name, _ in content["attributes"]]
    frame = pd.DataFrame.from_records(content["data"], columns=names)
    return frame.astype(
        {name: "category" for name, kind in content["attributes"] if isinstance(kind, list)}
    )
