"""UpdateExpression: SET, REMOVE, ADD, DELETE."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.aws.emulator.dynamo_errors import Item, Validation
from tests.aws.emulator.dynamo_tokens import Path, Placeholders, Tokens, find
from tests.aws.emulator.dynamo_values import number

Value = dict[str, Any]
_Operand = Callable[[Item], Value]
_Change = Callable[[Item, Item], None]


class Update:
    """A parsed expression. paths: what it changes."""

    def __init__(self, expression: str, placeholders: Placeholders) -> None:
        self.paths: list[Path] = []
        self._changes: list[_Change] = []
        self._tokens = tokens = Tokens(expression, placeholders)
        clauses = {"SET": self._set, "REMOVE": self._remove, "ADD": self._add, "DELETE": self._delete}
        seen: set[str] = set()
        while clause := tokens.take(*clauses):
            if clause in seen:
                raise Validation(f'Invalid UpdateExpression: The "{clause}" section can only be used once')
            seen.add(clause)
            clauses[clause]()
            while tokens.take(","):
                clauses[clause]()
        tokens.finish()
        for index, path in enumerate(self.paths):
            if any(path[: len(other)] == other for other in self.paths[:index] + self.paths[index + 1 :]):
                raise Validation("Invalid UpdateExpression: Two document paths overlap with each other")

    def apply(self, item: Item) -> Item:
        """The changed item; every operand sees the item as it was before. Raises Validation."""
        changed = copy.deepcopy(item)
        for change in self._changes:
            change(item, changed)
        return changed

    def _target(self) -> Path:
        path = self._tokens.path()
        self.paths.append(path)
        return path

    def _set(self) -> None:
        path = self._target()
        self._tokens.expect("=")
        value = self._operand()
        if sign := self._tokens.take("+", "-"):
            left, right = value, self._operand()
            value = lambda old: _sum(left(old), right(old), 1 if sign == "+" else -1)  # noqa: E731
        self._changes.append(lambda old, new: _put(new, path, value(old)))

    def _remove(self) -> None:
        path = self._target()
        self._changes.append(lambda old, new: _drop(new, path))

    def _add(self) -> None:
        path, value = self._target(), self._tokens.placeholders.value(self._tokens.next())
        self._changes.append(lambda old, new: _put(new, path, _added(find(old, path), value)))

    def _delete(self) -> None:
        path, value = self._target(), self._tokens.placeholders.value(self._tokens.next())
        ((kind, members),) = value.items()
        if kind not in ("SS", "NS", "BS"):
            raise Validation(f"Incorrect operand type for operator or function; operator: DELETE, operand type: {kind}")

        def change(old: Item, new: Item) -> None:
            kept = [member for member in (find(old, path) or {}).get(kind, []) if member not in members]
            if kept:
                _put(new, path, {kind: kept})
            else:
                _drop(new, path)

        self._changes.append(change)

    def _operand(self) -> _Operand:
        tokens = self._tokens
        if tokens.peek().startswith(":"):
            value = tokens.placeholders.value(tokens.next())
            return lambda old: value
        if tokens.peek(1) == "(":
            function = tokens.next()
            tokens.next()
            if function == "if_not_exists":
                path = tokens.path()
                tokens.expect(",")
                default = self._operand()
                tokens.expect(")")
                return lambda old: find(old, path) or default(old)
            if function == "list_append":
                first = self._operand()
                tokens.expect(",")
                second = self._operand()
                tokens.expect(")")
                return lambda old: {"L": [*_list(first(old)), *_list(second(old))]}
            raise Validation(f"Invalid UpdateExpression: Invalid function name; function: {function}")
        path = tokens.path()
        return lambda old: _present(find(old, path))


def _present(value: Value | None) -> Value:
    if value is None:
        raise Validation("The provided expression refers to an attribute that does not exist in the item")
    return value


def _list(value: Value) -> list[Value]:
    if "L" not in value:
        raise Validation("An operand in the update expression has an incorrect data type")
    elements: list[Value] = value["L"]
    return elements


def _sum(left: Value, right: Value, sign: int) -> Value:
    if "N" not in left or "N" not in right:
        raise Validation("An operand in the update expression has an incorrect data type")
    return {"N": format(number(left["N"]) + sign * number(right["N"]), "f")}


def _added(old: Value | None, value: Value) -> Value:
    ((kind, members),) = value.items()
    if kind == "N":
        return value if old is None else _sum(old, value, 1)
    if kind not in ("SS", "NS", "BS"):
        raise Validation(f"Incorrect operand type for operator or function; operator: ADD, operand type: {kind}")
    if old is not None and kind not in old:
        raise Validation("An operand in the update expression has an incorrect data type")
    present = (old or {}).get(kind, [])
    return {kind: [*present, *(member for member in members if member not in present)]}


def _parent(item: Item, path: Path) -> Value:
    parent = find(item, path[:-1]) if len(path) > 1 else {"M": item}
    if parent is None or ("L" if isinstance(path[-1], int) else "M") not in parent:
        raise Validation("The document path provided in the update expression is invalid for update")
    return parent


def _put(item: Item, path: Path, value: Value) -> None:
    parent, last = _parent(item, path), path[-1]
    if not isinstance(last, int):
        parent["M"][last] = copy.deepcopy(value)
    elif last < len(parent["L"]):
        parent["L"][last] = copy.deepcopy(value)
    else:
        parent["L"].append(copy.deepcopy(value))


def _drop(item: Item, path: Path) -> None:
    parent, last = _parent(item, path), path[-1]
    if not isinstance(last, int):
        parent["M"].pop(last, None)
    elif last < len(parent["L"]):
        del parent["L"][last]
