"""What the docstring of a component names as its source, read without importing the component."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files
from inspect import cleandoc
from pathlib import Path

PACKAGE = "tabsculpt"
SECTION = re.compile(
    r"^(Sources?|References):[ ]?(.*?)(?=^\S[^\n]*:\n[ ]|\n\n(?![ ])|\Z)", re.M | re.S
)


@cache
def source_of(name: str) -> str:
    """The source of a component, on one line; empty where its docstring names none.

    Args:
        name: as the settings of a job have it, such as ``tabsculpt.generators.ARF``. A component of
            the user's own has none here.
    """
    package, _, rest = name.partition(".")
    folder, _, cls = rest.partition(".")
    if package != PACKAGE or not cls:
        return ""
    with as_file(files(PACKAGE)) as root:
        return next(filter(None, _found(Path(root) / folder, cls)), "")


def _found(folder: Path, cls: str) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not re.search(rf"^class {re.escape(cls)}\b", text, re.M):
            continue
        module = ast.parse(text)
        for node in module.body:
            if isinstance(node, ast.ClassDef) and node.name == cls:
                for documented in (node, module):
                    yield _section(ast.get_docstring(documented) or "")


def _section(doc: str) -> str:
    found = SECTION.search(cleandoc(doc))
    return " ".join(found[2].split()).rstrip(".") if found else ""
