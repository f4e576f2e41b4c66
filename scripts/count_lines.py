"""How long files and functions of the package are: median, 90th percentile and longest.

    python scripts/count_lines.py [FOLDER]

Of a function the body counts, without signature and docstring. An earlier state is measured by
``git worktree add FOLDER COMMIT`` and the folder's ``src``.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).parents[1] / "src"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SOURCE)
    files = {
        path: path.read_text(encoding="utf-8") for path in parser.parse_args().folder.rglob("*.py")
    }
    show("files", {str(path): text.count("\n") for path, text in files.items()})
    show("functions", {name: n for path, text in files.items() for name, n in bodies(path, text)})


def bodies(path: Path, text: str) -> Iterator[tuple[str, int]]:
    """Each function with the lines of its body."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            own = node.body[1:] if ast.get_docstring(node) and node.body[1:] else node.body
            end = node.end_lineno or own[-1].lineno
            yield f"{path}:{node.lineno} {node.name}", end - own[0].lineno + 1


def show(what: str, lengths: dict[str, int]) -> None:
    """Print how they are distributed."""
    n = [*lengths.values()]
    longest = max(lengths, key=lengths.__getitem__)
    print(f"{len(n)} {what}: median {np.median(n):g}, 90th percentile {np.percentile(n, 90):.0f}, "
          f"longest {lengths[longest]} ({longest})")  # fmt: skip


if __name__ == "__main__":
    main()
