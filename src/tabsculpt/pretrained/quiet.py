"""Keep the libraries of language models from printing, warning and threads of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tabsculpt.extras import require


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the tokenizer from threads of its own, of which it would warn when a process forks."""
    name = "TOKENIZERS_PARALLELISM"
    before = os.environ.get(name)
    os.environ[name] = "false"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from warnings and bars."""
    logging = require("great", "transformers.utils.logging", "great")
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
