"""Holds components to the contracts of their groups, before any work; see docs/own-parts.md."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from tabsculpt.config.components import instantiate
from tabsculpt.datasets import DatasetSource
from tabsculpt.engine.identity import describe
from tabsculpt.errors import ContractError, UserError
from tabsculpt.generators import Generator
from tabsculpt.generators.tuned.tuned import Tuned
from tabsculpt.metrics import Scorer
from tabsculpt.pipelines import Pipeline
from tabsculpt.predictors import Predictor
from tabsculpt.predictors.prediction_steps import Ensemble
from tabsculpt.profilers import Profiler
from tabsculpt.profilers.auto import Auto
from tabsculpt.protocols import EvaluationProtocol

CONTRACTS: dict[str, type[Any]] = {
    "dataset": DatasetSource,
    "profiler": Profiler,
    "generator": Generator,
    "pipeline": Pipeline,
    "protocol": EvaluationProtocol,
    "predictors": Predictor,
    "metric": Scorer,
}


def make(node: Mapping[str, Any], where: str) -> Any:
    """Make the component that a configuration node describes, and hold it to its contract.

    Args:
        node: see `instantiate`.
        where: the configuration key, which begins with the group.

    Raises:
        UserError: a setting is wrong, or the class does not keep the contract.
    """
    part = instantiate(node, where)
    check(part, where)
    return part


def check(part: Any, where: str) -> None:
    """Hold a component, and those that it searches among, to the contract of its group.

    Raises:
        ContractError: a member is missing or of the wrong type, or a setting is no plain data.
        UserError: a setting is no finite number.
    """
    group = where.partition(".")[0]
    for name, inner in _searched(part):
        check(inner, f"{where}.{name}")
    cls = type(part)
    contract = _contract(group, cls)
    if contract is None:
        return
    check_class(cls, where)
    for name, expected in _properties(contract).items():
        if not hasattr(part, name):
            raise _missing(cls, where, name, expected)
        _check_type(cls, where, name, getattr(part, name), expected)
    _check_finite(part, where)
    try:
        describe(part)
    except TypeError as error:
        raise ContractError(cls, where, str(error)) from error


def check_class(cls: type[Any], where: str) -> None:
    """The part of `check` that needs no settings.

    Raises:
        ContractError: see `check`.
    """
    contract = _contract(where.partition(".")[0], cls)
    if contract is None:
        return
    if not cls.__dataclass_params__.frozen or not cls.__dictoffset__:
        raise ContractError(cls, where, "expected a dataclass with frozen=True, without slots=True")
    for name, expected in _class_variables(contract).items():
        if not hasattr(cls, name):
            raise _missing(cls, where, name, expected)
        _check_type(cls, where, name, getattr(cls, name), expected)
    for name, method in _methods(contract).items():
        _check_method(cls, where, name, method)


def _check_finite(part: Any, where: str) -> None:
    """Refuse NaN and infinity, which no setting means and JSON has no word for."""
    for field in fields(part):
        value = getattr(part, field.name)
        numbers = value if isinstance(value, (list, tuple)) else [value]
        if not all(math.isfinite(one) for one in numbers if isinstance(one, float)):
            raise UserError(f"{where}.{field.name} is {value}; expected finite numbers")


def _contract(group: str, cls: type[Any]) -> type[Any] | None:
    """What a class has to keep; None for a search, whose candidates have to, and for others."""
    if issubclass(cls, (Auto, Tuned)):
        return None
    if group == "predictors" and hasattr(cls, "combine"):
        return Ensemble
    return CONTRACTS.get(group)


def _searched(part: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, dict):
            yield from ((f"{field.name}.{k}", v) for k, v in value.items() if is_dataclass(v))


def _class_variables(contract: type[Any]) -> dict[str, Any]:
    hints = get_type_hints(contract)
    return {name: get_args(hint)[0] for name, hint in hints.items() if not name.startswith("_")}


def _properties(contract: type[Any]) -> dict[str, Any]:
    found = {name: p.fget for name, p in vars(contract).items() if isinstance(p, property)}
    return {name: get_type_hints(getter)["return"] for name, getter in found.items()}


def _methods(contract: type[Any]) -> dict[str, Any]:
    found = vars(contract).items()
    return {name: m for name, m in found if inspect.isfunction(m) and not name.startswith("_")}


def _check_method(cls: type[Any], where: str, name: str, method: Any) -> None:
    expected = inspect.signature(method)
    own = getattr(cls, name, None)
    if not callable(own):
        raise ContractError(cls, where, f"it has no method {name}{_shown(expected)}")
    try:
        inspect.signature(own).bind(*expected.parameters)
    except TypeError:
        shown = f"{name}{_shown(inspect.signature(own))}"
        raise ContractError(
            cls, where, f"its method is {shown}; expected {name}{_shown(expected)}"
        ) from None


def _shown(signature: inspect.Signature) -> str:
    return f"({', '.join(signature.parameters)})"


def _check_type(cls: type[Any], where: str, name: str, value: Any, expected: Any) -> None:
    from pydantic import TypeAdapter, ValidationError
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        TypeAdapter(expected).validate_python(value, strict=True)
    except PydanticSchemaGenerationError:
        return  # a protocol, which shows when it is used
    except ValidationError as error:
        problem = error.errors()[0]["msg"].lower()
        raise ContractError(
            cls,
            where,
            f"{name} is {value!r}, a {type(value).__name__}: {problem} ({_name(expected)})",
        ) from error


def _missing(cls: type[Any], where: str, name: str, expected: Any) -> ContractError:
    return ContractError(cls, where, f"it has no {name!r}; expected {name}: {_name(expected)}")


def _name(hint: Any) -> str:
    named = f"{hint.__module__}.{hint.__qualname__}" if isinstance(hint, type) else str(hint)
    return named.removeprefix("builtins.").replace("typing.", "")
