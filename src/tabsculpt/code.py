"""Fingerprints of code and library versions, so that a changed program is not a cache hit."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = __name__.partition(".")[0]
FINGERPRINTS: dict[str, str] = {}
"""By module; a process that is forked for a job takes over those of its parent."""
VERSIONS: dict[str, str] = {}
"""By distribution, likewise."""


def code_fingerprint(module: str) -> str:
    """Hash a module's code together with that of every module of this package it imports.

    Comments, docstrings and layout do not count.

    Args:
        module: dotted name; it is read, not imported, and once only.
    """
    if module not in FINGERPRINTS:
        digest = hashlib.blake2b(digest_size=16)
        for name in sorted(_closure(module)):
            digest.update(f"{name}\x1f{_code(name)}\x1e".encode())
        FINGERPRINTS[module] = digest.hexdigest()
    return FINGERPRINTS[module]


def outside_imports(module: str) -> set[str]:
    """The modules of other packages that a module's code imports, wherever in it, see above."""
    nodes = (node for name in _closure(module) for node in ast.walk(_parsed(name)))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name for name in found if name.partition(".")[0] != PACKAGE}


def library_version(distribution: str) -> str:
    """The installed version of a distribution, or "absent"; looked up once only."""
    if distribution not in VERSIONS:
        try:
            VERSIONS[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            VERSIONS[distribution] = "absent"
    return VERSIONS[distribution]


def _closure(module: str) -> set[str]:
    seen: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += _imports(name)
    return seen


@cache
def _parsed(module: str) -> ast.Module:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return ast.Module(body=[], type_ignores=[])
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            del body[0]
    return tree


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def _code(module: str) -> str:
    return ast.dump(_parsed(module))


@cache
def _imports(module: str) -> tuple[str, ...]:
    return tuple(_imported_names(module))


def _imported_names(module: str) -> Iterator[str]:
    for node in ast.walk(_parsed(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == PACKAGE and _is_module(name):
                yield name


@cache
def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
