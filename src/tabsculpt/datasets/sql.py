"""A user's own table as the answer of a database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tabsculpt.datasets import Dataset
from tabsculpt.datasets.check import require_distinct
from tabsculpt.datasets.files import TableSettings
from tabsculpt.datasets.read_csv import Raw
from tabsculpt.errors import UserError
from tabsculpt.extras import require


@dataclass(frozen=True)
class Sql(TableSettings):
    """The rows that a query gives, through SQLAlchemy.

    Attributes:
        url: the database as SQLAlchemy names it: ``sqlite:///mine.db``, ``duckdb:///mine.duckdb``,
            ``postgresql://user@host/name``.
        query: in SQL, such as ``select * from visits``.
        target: the column to predict.
    """

    url: str
    query: str
    target: str

    def load(self) -> Dataset:
        """Ask the database, in one thread and without changing anything of it.

        Raises:
            UserError: the database, the query or a setting is unusable, or a package is absent.
        """
        roles = self.roles(self.target)
        frame = read_sql(self.url, self.query)
        return self.dataset(Raw.of(frame, "sql"), roles, "sql")


def without_password(text: str) -> str:
    """A text with the password of each address of a database in it as three stars."""
    return re.sub(r"(://[^:/@\s]*):[^/\s]*@", r"\1:***@", text)


def read_sql(url: str, query: str) -> pd.DataFrame:
    """The rows of a query, whole numbers exact; arguments and errors as those of `Sql`."""
    alchemy: Any = require("sql", "sqlalchemy", "dataset=sql")
    errors: Any = require("sql", "sqlalchemy.exc", "dataset=sql")
    try:
        place = alchemy.engine.make_url(url)
        _require_database(place)
        engine = alchemy.create_engine(place)
        with engine.connect() as connection:
            answer = connection.execute(alchemy.text(query))
            if not answer.returns_rows:
                raise UserError("dataset.query gives no rows; a query that selects is expected")
            names, rows = list(answer.keys()), answer.fetchall()
            connection.rollback()
        engine.dispose()
    except errors.NoSuchModuleError:
        raise UserError(
            f"dataset.url: no driver for {url.partition(':')[0]!r}; install its SQLAlchemy dialect"
        ) from None
    except ModuleNotFoundError as error:
        raise UserError(
            f"dataset.url: the driver {error.name!r} is not installed: pip install {error.name}"
        ) from None
    except errors.ArgumentError:
        raise UserError(
            f"dataset.url {without_password(url)!r} is no database; expected DIALECT://..., as in sqlite:///mine.db"
        ) from None
    except errors.SQLAlchemyError as error:
        given = without_password(str(getattr(error, "orig", None) or error))
        reason = " ".join(given.split())[:200]
        raise UserError(
            f"the database refuses: {reason}; check dataset.url and dataset.query"
        ) from None
    require_distinct(names, "dataset.query")
    if not rows:
        raise UserError("dataset.query gives no rows")
    columns = list(zip(*rows, strict=True))
    return pd.DataFrame({name: _exact(values) for name, values in zip(names, columns, strict=True)})


def _exact(values: tuple[Any, ...]) -> pd.Series:
    """A column of what a database gave; whole numbers stay so where some are missing."""
    known = [value for value in values if value is not None]
    if known and all(type(value) is int for value in known) and max(map(abs, known)) < 2**63:
        return pd.Series(pd.array(values, dtype="Int64"))
    return pd.Series(values, dtype=object).infer_objects()


def _require_database(place: Any) -> None:
    """Refuse a file that is not there, which SQLite and DuckDB would make."""
    if place.get_backend_name() not in ("sqlite", "duckdb"):
        return
    if place.database and place.database != ":memory:" and not Path(place.database).exists():
        raise UserError(f"no such database: {place.database}; check dataset.url")
