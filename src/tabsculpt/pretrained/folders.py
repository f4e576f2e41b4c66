"""Transformers in a local folder, as Hugging Face's libraries save them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tabsculpt.errors import UserError
from tabsculpt.extras import require
from tabsculpt.pretrained import checkpoints
from tabsculpt.pretrained.quiet import quiet

_FILES = ("config.json", "tokenizer.json")
_WEIGHTS = "model.safetensors"
_ON_HUB = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


def is_folder(name: str) -> bool:
    """Whether a name means a folder: one that is there, or what no model on the hub is called."""
    return Path(name).expanduser().is_dir() or not _ON_HUB.fullmatch(name)


def content(folder: str, setting: str) -> str:
    """A hash of the files of a transformer, which tells it from others wherever it lies.

    Args:
        folder: where it lies.
        setting: that names the folder, as it is typed.

    Raises:
        UserError: the folder lacks one of the files.
    """
    place = Path(folder).expanduser()
    weights = sorted(path.name for path in place.glob("*.safetensors")) or [_WEIGHTS]
    found = {name: place / name for name in (*_FILES, *weights)}
    if lacking := [name for name, path in found.items() if not path.is_file()]:
        raise UserError(
            f"{setting}: {str(place)!r} has no {', '.join(lacking)}; expected the folder of a "
            "transformer as Hugging Face's libraries save it, with weights in safetensors; "
            "nothing is downloaded"
        )
    return checkpoints.content(found)


def read_encoder(folder: str, setting: str) -> tuple[Any, Any]:
    """The tokenizer and the transformer of a folder; see `read_language_model`."""
    tokenizer, model, _ = _read(folder, setting, "AutoModel")
    return tokenizer, model


def read_language_model(folder: str, setting: str) -> tuple[Any, Any]:
    """The tokenizer and the causal language model of a folder, in 32-bit floats.

    Args:
        folder: see `content`.
        setting: as of `content`.

    Returns:
        A ``tokenizers.Tokenizer``, and the model in evaluation mode.

    Raises:
        UserError: the extra is not installed, or the folder has no such model.
    """
    tokenizer, model, absent = _read(folder, setting, "AutoModelForCausalLM")
    if absent:
        raise UserError(
            f"{setting}: {folder!r} has no causal language model: {len(absent)} of the weights of "
            f"{type(model).__name__} are not there, such as {absent[0]}"
        )
    return tokenizer, model


def _read(folder: str, setting: str, kind: str) -> tuple[Any, Any, list[str]]:
    """Tokenizer and model, and which weights the folder lacks; only numbers are read."""
    tokenizers = require("great", "tokenizers", setting)
    transformers = require("great", "transformers", setting)
    place = Path(folder).expanduser()
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(place / _FILES[1]))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        with quiet():
            model, report = getattr(transformers, kind).from_pretrained(
                str(place), dtype="float32", local_files_only=True, use_safetensors=True,
                output_loading_info=True,
            )  # fmt: skip
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UserError(f"{setting}: {folder!r} cannot be read: {reason}") from error
    return tokenizer, model.eval(), sorted(report["missing_keys"])
