"""ConditionExpression, FilterExpression and KeyConditionExpression as predicates on an item."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from tests.aws.emulator.dynamo_errors import Item, Validation
from tests.aws.emulator.dynamo_tokens import Path, Placeholders, Tokens, find
from tests.aws.emulator.dynamo_values import comparable, size

Predicate = Callable[[Item], bool]
Operand = Callable[[Item], "dict[str, Any] | None"]
_orders: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_functions = ("ATTRIBUTE_EXISTS", "ATTRIBUTE_NOT_EXISTS", "ATTRIBUTE_TYPE", "BEGINS_WITH", "CONTAINS")


class Condition:
    """A parsed expression. equalities: `path = :value` found anywhere in it; paths: all that it looks at."""

    def __init__(self, expression: str, placeholders: Placeholders) -> None:
        self.equalities: dict[Path, dict[str, Any]] = {}
        self.paths: set[Path] = set()
        self._tokens = Tokens(expression, placeholders)
        self.holds = self._any()
        self._tokens.finish()

    def _any(self) -> Predicate:
        terms = [self._all()]
        while self._tokens.take("OR"):
            terms.append(self._all())
        return terms[0] if len(terms) == 1 else lambda item: any(term(item) for term in terms)

    def _all(self) -> Predicate:
        terms = [self._not()]
        while self._tokens.take("AND"):
            terms.append(self._not())
        return terms[0] if len(terms) == 1 else lambda item: all(term(item) for term in terms)

    def _not(self) -> Predicate:
        if self._tokens.take("NOT"):
            inner = self._not()
            return lambda item: not inner(item)
        return self._primary()

    def _primary(self) -> Predicate:
        tokens = self._tokens
        if tokens.take("("):
            inner = self._any()
            tokens.expect(")")
            return inner
        if tokens.peek(1) == "(" and tokens.peek().lower() != "size":
            return self._function()
        return self._comparison()

    def _function(self) -> Predicate:
        tokens = self._tokens
        name = tokens.next()
        if name.upper() not in _functions or name != name.lower():
            raise Validation(f"Invalid expression: Invalid function name; function: {name}")
        tokens.expect("(")
        path = tokens.path()
        self.paths.add(path)
        if name in ("attribute_exists", "attribute_not_exists"):
            tokens.expect(")")
            return lambda item: (find(item, path) is not None) == (name == "attribute_exists")
        tokens.expect(",")
        argument = self._operand()[1]
        tokens.expect(")")
        tests = {"attribute_type": _is_of_type, "begins_with": _begins_with, "contains": _contains}
        return lambda item: _both(tests[name], find(item, path), argument(item))

    def _comparison(self) -> Predicate:
        tokens = self._tokens
        path, left = self._operand()
        sign = tokens.next()
        if sign == "=":
            other, right = self._operand()
            if path and not other:
                self.equalities[path] = right({}) or {}
            return lambda item: _equal(left(item), right(item))
        if sign == "<>":
            right = self._operand()[1]
            return lambda item: not _equal(left(item), right(item))
        if sign in _orders:
            right = self._operand()[1]
            order = _orders[sign]
            return lambda item: _ordered(order, left(item), right(item))
        if sign.upper() == "BETWEEN":
            low = self._operand()[1]
            tokens.expect("AND")
            high = self._operand()[1]
            return lambda item: (
                _ordered(operator.ge, left(item), low(item)) and _ordered(operator.le, left(item), high(item))
            )
        if sign.upper() == "IN":
            tokens.expect("(")
            choices = [self._operand()[1]]
            while tokens.take(","):
                choices.append(self._operand()[1])
            tokens.expect(")")
            return lambda item: any(_equal(left(item), choice(item)) for choice in choices)
        raise tokens.error(sign)

    def _operand(self) -> tuple[Path | None, Operand]:
        tokens = self._tokens
        if tokens.peek().startswith(":"):
            value = tokens.placeholders.value(tokens.next())
            return None, lambda item: value
        measured = tokens.peek() == "size" and tokens.peek(1) == "("
        if measured:
            tokens.next()
            tokens.next()
        path = tokens.path()
        self.paths.add(path)
        if not measured:
            return path, lambda item: find(item, path)
        tokens.expect(")")
        return None, lambda item: _measure(find(item, path))


def _measure(value: dict[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    ((kind, content),) = value.items()
    return {"N": str(len(content) if kind in ("M", "L", "SS", "NS", "BS", "S") else size(value))}


def _equal(left: dict[str, Any] | None, right: dict[str, Any] | None) -> bool:
    return left is not None and right is not None and comparable(left) == comparable(right)


def _ordered(order: Callable[[Any, Any], bool], left: dict[str, Any] | None, right: dict[str, Any] | None) -> bool:
    one, other = comparable(left), comparable(right)
    if one is None or other is None or one[0] != other[0] or one[0] not in ("S", "N", "B"):
        return False
    if one[0] == "S":  # by UTF-8 bytes, not by code points of UTF-16
        return order(one[1].encode(), other[1].encode())
    return order(one[1], other[1])


def _both(test: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    return left is not None and right is not None and test(left, right)


def _is_of_type(value: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return wanted.get("S") in value


def _begins_with(value: dict[str, Any], start: dict[str, Any]) -> bool:
    one, other = comparable(value), comparable(start)
    return bool(one and other and one[0] == other[0] and one[0] in ("S", "B") and one[1].startswith(other[1]))


def _contains(value: dict[str, Any], part: dict[str, Any]) -> bool:
    whole, inner = comparable(value), comparable(part)
    assert whole
    assert inner
    if whole[0] in ("S", "B"):
        return whole[0] == inner[0] and inner[1] in whole[1]
    return whole[0] in ("L", "SS", "NS", "BS") and inner in whole[1]
