"""Where modules are, found without importing anything, and which of them are followed."""

from __future__ import annotations

import ast
import importlib
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path

from tabsculpt.errors import UserError

PACKAGE = __name__.partition(".")[0]
SITE = {"site-packages", "dist-packages"}


@cache
def find(name: str) -> ModuleSpec | None:
    """Where a module is, as importing it would find it; its parents are not imported either."""
    parent, _, _ = name.rpartition(".")
    places = None
    if parent:
        above = find(parent)
        if above is None or above.submodule_search_locations is None:
            return None
        places = list(above.submodule_search_locations)
    for finder in sys.meta_path:
        spec = finder.find_spec(name, places, None)
        if spec is not None:
            return spec
    return None


@cache
def source(name: str) -> Path | None:
    """The file of a module whose code is followed, None for any other.

    Followed is what belongs to this package, and what is neither of the standard library nor in
    an installed distribution: the user's own, and projects that are installed as editable.
    """
    top = name.partition(".")[0]
    if top != PACKAGE and (top in sys.stdlib_module_names or _is_installed(top)):
        return None
    spec = find(name)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    path = Path(spec.origin)
    return path if path.is_file() else None


@cache
def _is_installed(top: str) -> bool:
    spec = find(top)
    if spec is None:
        return True  # there is nothing to follow
    places = [Path(place).parent for place in spec.submodule_search_locations or ()]
    if spec.origin is not None and not places:
        places = [Path(spec.origin).parent]
    return all(map(_holds_distributions, places))


@cache
def _holds_distributions(folder: Path) -> bool:
    """Whether a folder on the import path is one that packages are installed into."""
    standard = Path(sysconfig.get_path("stdlib"))
    inside = folder.is_relative_to(standard) or not SITE.isdisjoint(folder.parts)
    return inside or any(folder.glob("*.dist-info"))


@cache
def parsed(name: str) -> ast.Module:
    """A followed module's code without docstrings; an empty module for any other.

    Raises:
        UserError: it is no Python.
    """
    path = source(name)
    if path is None:
        return ast.Module(body=[], type_ignores=[])
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError) as error:
        raise UserError(f"cannot read {reason(error, path)}") from error
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            del body[0]
    return tree


def reason(error: Exception, path: Path) -> str:
    """Where in a module of the user's own an error arose, and what it is, in one line.

    Args:
        error: raised while the module was read or imported.
        path: its file, which is named where the error itself does not tell.
    """
    if isinstance(error, SyntaxError):
        return f"{error.filename or path}, line {error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if Path(f.filename).is_relative_to(path.parent)]
    place = f"{inside[-1].filename}, line {inside[-1].lineno}" if inside else str(path)
    return f"{place}: {type(error).__name__}: {' '.join(str(error).split())}"


def forget() -> None:
    """Forget what was found, as the import path has changed."""
    importlib.invalidate_caches()
    for known in (find, source, parsed, _is_installed, _holds_distributions):
        known.cache_clear()


def imported(name: str) -> Iterator[str]:
    """Every module that a followed module's code may import, wherever in it, installed ones too.

    Imports for type checkers alone (``if TYPE_CHECKING:``) are left out: they do not run. Of
    ``from a import b`` both ``a`` and ``a.b`` are named, whether there is such a module or not.
    """
    for node in _running(parsed(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [_above(name, node.level), node.module]))
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def parents(name: str) -> list[str]:
    """The packages that are imported before a module is, outermost first."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _above(name: str, level: int) -> str:
    """What the dots of a relative import stand for."""
    if not level:
        return ""
    spec = find(name)
    package = name if spec and spec.submodule_search_locations is not None else _parent(name)
    for _ in range(level - 1):
        package = _parent(package)
    return package


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree, but not those below ``if TYPE_CHECKING``."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            todo += node.orelse
        else:
            todo += ast.iter_child_nodes(node)


def _is_type_checking(test: ast.expr) -> bool:
    named = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return named == "TYPE_CHECKING"


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
