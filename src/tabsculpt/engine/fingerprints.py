"""Fingerprints of code and library versions, so that a changed program is not a cache hit."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata

from tabsculpt.engine.modules import PACKAGE, find, imported, parents, parsed, source

FINGERPRINTS: dict[str, str] = {}
"""By module; a process that is forked for a job takes over those of its parent."""
VERSIONS: dict[str, str] = {}
"""By distribution, likewise."""


def code_fingerprint(module: str) -> str:
    """Hash a module's code together with that of every module it imports that is followed.

    Followed is what is neither of the standard library nor in an installed distribution: this
    package, the user's own modules, projects installed as editable. Comments, docstrings and
    layout do not count. Not seen are modules that are imported by a computed name, data files and
    compiled extensions.

    Args:
        module: dotted name; it is read, not imported, and once only.

    Raises:
        UserError: one of the modules is no Python.
    """
    if module not in FINGERPRINTS:
        digest = hashlib.blake2b(digest_size=16)
        for name in sorted(closure(module)):
            digest.update(f"{name}\x1f{ast.dump(parsed(name))}\x1e".encode())
        FINGERPRINTS[module] = digest.hexdigest()
    return FINGERPRINTS[module]


def closure(module: str) -> set[str]:
    """A module and every followed one that it imports, directly or by way of others.

    Importing a module runs the packages above it, which are therefore followed as well; not so
    those of this package, which hold contracts and names alone.
    """
    seen: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            found = [name, *imported(name)]
            above = [p for each in found if not _is_ours(each) for p in parents(each)]
            todo += [each for each in (*found, *above) if source(each) is not None]
    return seen


def outside_imports(module: str) -> set[str]:
    """The modules that a module's code imports and that are not followed, wherever in it."""
    found = {name for each in closure(module) for name in imported(each)}
    outside = {name for name in found if not _is_ours(name) and source(name) is None}
    return {name for name in outside if find(name) is not None}  # names of functions are none


def library_version(distribution: str) -> str:
    """The installed version of a distribution, or "absent"; looked up once only."""
    if distribution not in VERSIONS:
        try:
            VERSIONS[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            VERSIONS[distribution] = "absent"
    return VERSIONS[distribution]


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE
