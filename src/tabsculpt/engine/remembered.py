"""What was worked out of objects that do not change, for as long as they live."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")


def once_each(function: Callable[[Any], T]) -> Callable[[Any], T]:
    """Call a function of one object once for each object, by what it is and not by what it equals.

    `functools.cache` would need its hash, which a component with a dictionary has not, and would
    take 1 for 1.0. What is found is forgotten with the object; one without a ``__dict__`` or
    ``__weakref__`` is looked at anew each time.
    """
    known: dict[int, tuple[weakref.ref[Any], T]] = {}

    @wraps(function)
    def remembered(instance: Any) -> T:
        place = id(instance)
        if place in known:
            return known[place][1]
        found = function(instance)
        with suppress(TypeError):  # a class with slots
            known[place] = weakref.ref(instance, lambda _: known.pop(place, None)), found
        return found

    return remembered
