"""Check that every Python that pyproject.toml names can install the locks and read the code.

Downloads no package: uv resolves the locks for each Python and platform from metadata alone.
Torch is checked like any other pin, in the build that the registry holds; a build from elsewhere
(the CPU build of a local folder) is for whoever offers it to check.

    python scripts/check_pythons.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MINORS = range(9, 30)
LOCKS = ("requirements.lock", "requirements-extras.lock", "requirements-docs.lock")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin")
SOURCE_ONLY = ("antlr4-python3-runtime", "baycomp", "liac-arff")
"""Pins published without a wheel; pure Python, which pip builds in a second on any Python."""


def supported() -> list[str]:
    """The Pythons of the classifiers, such as "3.11"."""
    named = [text.rpartition(" :: ")[2] for text in PROJECT["classifiers"] if "Python ::" in text]
    return sorted(named, key=lambda version: int(version.partition(".")[2]))


def run(*command: str, **environment: str) -> tuple[bool, str]:
    """Whether a command succeeds, and what it printed."""
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env=os.environ | environment
    )
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def beside(program: str) -> str:
    """A program of the environment that this runs in."""
    return str(Path(sys.executable).parent / program)


def declared() -> Iterator[str]:
    """What in the declarations of versions does not agree."""
    allowed = SpecifierSet(PROJECT["requires-python"])
    installs = [f"3.{minor}" for minor in MINORS if f"3.{minor}.99" in allowed]
    if installs != supported():
        yield f"requires-python allows {', '.join(installs)}; the classifiers say otherwise"
    _, settings = run(beside("ruff"), "check", "--show-settings", "scripts/check_pythons.py")
    if f"unresolved_target_version = {supported()[0]}" not in settings:
        yield f"ruff's target is not {supported()[0]}, the oldest Python of the classifiers"


def unreadable(version: str) -> Iterator[str]:
    """What that Python cannot compile, where this machine has it."""
    python = shutil.which(f"python{version}")
    if python is None or not run(python, "-c", "pass")[0]:
        print(f"Python {version}: not on this machine, so the code is not compiled with it")
        return
    with tempfile.TemporaryDirectory() as folder:
        fine, printed = run(
            *(python, "-m", "compileall", "-q", "src", "tests", "scripts"),
            PYTHONPYCACHEPREFIX=folder,
        )
    if fine:
        print(f"Python {version}: compiles the code")
    else:
        yield f"Python {version} does not compile the code: {printed}"


def without_wheel(version: str, platform: str) -> Iterator[str]:
    """What pip would have to build, or could not find, for that Python on that platform."""
    sources = [word for name in SOURCE_ONLY for word in ("--no-binary", name)]
    locks = [word for lock in LOCKS for word in ("-r", lock)]
    with tempfile.TemporaryDirectory() as folder:
        fine, printed = run(
            *(beside("uv"), "pip", "install", "--dry-run", "--no-deps", "--target", folder),
            *("--python", sys.executable, "--python-version", version),
            *("--python-platform", platform, "--only-binary", ":all:", *sources, *locks),
        )
    if fine:
        built = ", ".join(SOURCE_ONLY)
        pins = sum(line.lstrip().startswith("+ ") for line in printed.splitlines())
        print(f"Python {version} on {platform}: {pins} pins; a wheel for all but {built}")
    else:
        yield f"Python {version} on {platform}: {printed}"


def main() -> None:
    wrong = list(declared())
    for version in supported():
        wrong += unreadable(version)
        for platform in PLATFORMS:
            wrong += without_wheel(version, platform)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
