"""The top-level nodes of the configurations of a sweep, each composed and resolved once.

A sweep varies groups and plain values. Composing is the costly part, and choices multiply: 840 of
them for the grid of a paper. So a configuration is put together of the first one that was
composed, and of those in which a single group is chosen otherwise, as long as nothing but the node
of that group differs in them; else Hydra composes it whole.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from hydra import compose
from hydra.core.override_parser.types import Override, OverrideType
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from tabsculpt.config.choices import GROUPS
from tabsculpt.config.compose import (
    Composed,
    Config,
    Resolved,
    complete,
    typed,
    without_hydra,
)
from tabsculpt.config.overrides import REFERENCE, parse

ROOTS = tuple(f.name for f in fields(Config))
MISSING = "???"
Groups = tuple[str, ...]
Values = Mapping[str, tuple[str, ...]]
"""What is set besides choices of groups, by top-level node."""
Name = tuple[str, Groups, tuple[str, ...]]
"""Of a node: its key, the choices of the configuration it is taken from, what is set in it."""


@dataclass(frozen=True)
class _Node:
    """A top-level node before references are resolved.

    Attributes:
        plain: its content.
        refers: the other nodes that text in it may refer to; None where nothing in it is a
            reference.
    """

    plain: Any
    refers: tuple[str, ...] | None


@dataclass(frozen=True)
class _Choice:
    """Where the nodes of a choice of groups come from.

    Attributes:
        sources: the choices of the configuration that each is taken from, by its key.
        names: what the groups are set to.
        whole: whether there are nodes that `Config` has not, or none where it has one.
    """

    sources: dict[str, Groups]
    names: dict[str, str]
    whole: bool


@dataclass
class Nodes:
    """Puts configurations together.

    Args:
        own: what is chosen of Hydra's own groups, for every configuration.
    """

    own: Sequence[str]
    _composed: dict[Groups, Composed] = field(default_factory=dict)
    _first: dict[Groups, Groups] = field(default_factory=dict)
    _alike: dict[tuple[Groups, Groups], bool] = field(default_factory=dict)
    _choices: dict[Groups, _Choice] = field(default_factory=dict)
    _nodes: dict[Name, _Node] = field(default_factory=dict)
    _resolved: dict[tuple[Name, ...], Any] = field(default_factory=dict)
    _scratch: dict[Groups, DictConfig] = field(default_factory=dict)

    def resolved(self, groups: Groups, values: Values) -> Resolved:
        """The configuration of some choices and values.

        Raises:
            UserError: see `complete`.
            HydraException, OmegaConfBaseException, YAMLError: a choice or value is wrong.
        """
        choice = self._choices.get(groups)
        if choice is None:
            choice = self._choices[groups] = self._choose(groups)
        if choice.whole or not values.keys() <= choice.sources.keys():
            return self._whole(groups, values).resolved()
        names: dict[str, Name] = {
            root: (root, source, values.get(root, ())) for root, source in choice.sources.items()
        }
        nodes = {root: self._node(name) for root, name in names.items()}
        found = {}
        for root, node in nodes.items():
            if node.refers is None:
                found[root] = node.plain
                continue
            behind = tuple(names[each] for each in _behind(root, nodes))
            if behind not in self._resolved:
                whole = self._whole(groups, values).resolved()
                self._resolved[behind] = getattr(whole.config, root)
            found[root] = self._resolved[behind]
        return Resolved(Config(**found), choice.names)

    def _whole(self, groups: Groups, values: Values) -> Composed:
        """A configuration as Hydra composes it, resolved."""
        texts = (text for root in values.values() for text in root)
        return complete(self._compose((*groups, *texts)))

    def _compose(self, texts: Sequence[str]) -> Composed:
        config = compose("config", [*self.own, *texts], return_hydra_config=True)
        names = {str(k): str(v) for k, v in config.hydra.runtime.choices.items()}
        return Composed.with_names(without_hydra(config), names)

    def _choose(self, groups: Groups) -> _Choice:
        held = tuple(_key(text) or text for text in groups)
        first = self._first.setdefault(held, groups)
        root = self._once(first)
        sources, names = dict.fromkeys(map(str, root.config), first), dict(root.names)
        for place, (text, usual) in enumerate(zip(groups, first, strict=True)):
            if text == usual:
                continue
            single = (*first[:place], text, *first[place + 1 :])
            if not self._differs_only_in(held[place], single, first):
                whole = self._once(groups)
                return _choice(dict.fromkeys(map(str, whole.config), groups), whole.names)
            sources[held[place]] = single
            names[held[place]] = self._once(single).names[held[place]]
        return _choice(sources, names)

    def _once(self, groups: Groups) -> Composed:
        """The configuration of a choice of groups, references as they are."""
        if groups not in self._composed:
            self._composed[groups] = self._compose(groups)
        return self._composed[groups]

    def _differs_only_in(self, group: str, one: Groups, other: Groups) -> bool:
        if (one, other) not in self._alike:
            rests = [_rest(self._once(groups), group) for groups in (one, other)]
            self._alike[one, other] = rests[0] == rests[1]
        return self._alike[one, other]

    def _node(self, name: Name) -> _Node:
        if name not in self._nodes:
            self._nodes[name] = _node(name[0], self._content(*name))
        return self._nodes[name]

    def _content(self, root: str, groups: Groups, texts: tuple[str, ...]) -> Any:
        """The content of a node once values are set in it, references as they are.

        What is more than a new value for a setting that is there is left to Hydra, and so is
        saying what is wrong with a value.
        """
        found = self._once(groups).config
        overrides, keys = [parse(text) for text in texts], {parse(t).key_or_group for t in texts}
        held = not (OmegaConf.is_missing(found, root) or OmegaConf.is_interpolation(found, root))
        if held and all(map(_is_change, overrides)):
            try:
                if not OmegaConf.is_config(found[root]):
                    return self._scalar(root, groups, overrides)
                if root not in keys:
                    return _changed(found[root], overrides)
            except OmegaConfBaseException:
                pass
        plain = OmegaConf.to_container(self._compose((*groups, *texts)).config, resolve=False)
        assert isinstance(plain, dict)
        return plain.get(root, MISSING)

    def _scalar(self, root: str, groups: Groups, overrides: Sequence[Override]) -> Any:
        """A top-level value as the schema has it, set in a copy that is kept for this."""
        if groups not in self._scratch:
            self._scratch[groups] = copy.deepcopy(self._once(groups).config)
        config = self._scratch[groups]
        for override in overrides:
            OmegaConf.update(config, override.key_or_group, override.value(), merge=True)
        return config[root] if overrides else self._once(groups).config[root]


def _changed(node: DictConfig, overrides: Sequence[Override]) -> Any:
    """The content of a node with new values, set in a copy that knows the types of the schema."""
    changed = copy.deepcopy(node) if overrides else node
    for override in overrides:
        inside = override.key_or_group.partition(".")[2]
        OmegaConf.update(changed, inside, override.value(), merge=True)
    return OmegaConf.to_container(changed, resolve=False)


def _is_change(override: Override) -> bool:
    return override.type is OverrideType.CHANGE and override.package is None


def _key(text: str) -> str | None:
    """The group whose node an argument chooses; an experiment sets more than a node of its own."""
    override, name = parse(text), parse(text).key_or_group
    return name if _is_change(override) and name in GROUPS and name != "experiment" else None


def _rest(composed: Composed, group: str) -> tuple[dict[Any, Any], dict[str, str]]:
    """What a configuration says besides a group, references as they are."""
    plain = OmegaConf.to_container(composed.config, resolve=False)
    assert isinstance(plain, dict)
    names = {name: chosen for name, chosen in composed.names.items() if name != group}
    return {key: value for key, value in plain.items() if key != group}, names


def _choice(sources: dict[str, Groups], names: dict[str, str]) -> _Choice:
    return _Choice(sources, names, set(sources) != set(ROOTS))


def _node(root: str, content: Any) -> _Node:
    texts = [text for text in _texts(content) if REFERENCE in text or text == MISSING]
    if not texts:
        return _Node(typed(root, content), None)
    if any(text == MISSING or text.count(REFERENCE) > 1 for text in texts):
        return _Node(None, ROOTS)  # a name may be put together
    words = set(re.findall(r"\w+", " ".join(texts)))
    return _Node(None, tuple(each for each in ROOTS if each in words or each == root))


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, (dict, list)):
        for item in content.values() if isinstance(content, dict) else content:
            yield from _texts(item)


def _behind(root: str, nodes: Mapping[str, _Node]) -> list[str]:
    """A node and all that references in it lead to."""
    found, todo = [], [root]
    while todo:
        name = todo.pop()
        if name not in found:
            found.append(name)
            todo += nodes[name].refers or ()
    return found
