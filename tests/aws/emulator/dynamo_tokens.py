"""Tokens, names and values of DynamoDB's expressions, with the checks that AWS makes on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from tests.aws.emulator.dynamo_errors import Item, Validation
from tests.aws.emulator.dynamo_values import check

Path = tuple[str | int, ...]
_token = re.compile(r"\s*(?:([#:][A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|\d+|<>|<=|>=|[=<>(),.\[\]+\-])|(\S))")
_reserved = frozenset(word.upper() for word in ReservedKeywords.get_reserved_keywords())


class Placeholders:
    """ExpressionAttributeNames and ExpressionAttributeValues of one request."""

    def __init__(self, names: Mapping[str, str] | None, values: Mapping[str, Any] | None) -> None:
        self._names = dict(names or {})
        self._values = dict(values or {})
        self._used: set[str] = set()
        for value in self._values.values():
            check(value)

    def name(self, token: str) -> str:
        self._used.add(token)
        try:
            return self._names[token]
        except KeyError:
            raise Validation(
                "An expression attribute name used in the document path is not defined; attribute name: " + token
            ) from None

    def value(self, token: str) -> dict[str, Any]:
        self._used.add(token)
        try:
            value: dict[str, Any] = self._values[token]
        except KeyError:
            raise Validation(
                "An expression attribute value used in expression is not defined; attribute value: " + token
            ) from None
        return value

    def check_all_used(self) -> None:
        """AWS refuses requests with placeholders that no expression mentions."""
        for kind, known in (("Names", self._names), ("Values", self._values)):
            if unused := sorted(set(known) - self._used):
                raise Validation(
                    f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {{{', '.join(unused)}}}"
                )


class Tokens:
    """A cursor over one expression."""

    def __init__(self, expression: str, placeholders: Placeholders) -> None:
        if not expression.strip():
            raise Validation("Invalid expression: The expression can not be empty;")
        self.placeholders = placeholders
        self._text = expression
        self._tokens = []
        for match in _token.finditer(expression):
            if match[2]:
                raise self.error(match[2])
            self._tokens.append(match[1])
        self._at = 0

    def peek(self, ahead: int = 0) -> str:
        """The next token; "" at the end."""
        index = self._at + ahead
        return self._tokens[index] if index < len(self._tokens) else ""

    def next(self) -> str:
        token = self.peek()
        self._at += 1
        return token

    def take(self, *wanted: str) -> str:
        """The next token if it is one of these (words in upper case), else ""."""
        token = self.peek()
        if token.upper() in wanted:
            self._at += 1
            return token.upper()
        return ""

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise self.error(self.peek())

    def finish(self) -> None:
        if self.peek():
            raise self.error(self.peek())

    def error(self, token: str) -> Validation:
        return Validation(f'Invalid expression: Syntax error; token: "{token or "<EOF>"}", near: "{self._text}"')

    def path(self) -> Path:
        """A document path: `a.b[3].#c`."""
        steps: list[str | int] = [self._name()]
        while True:
            if self.take("."):
                steps.append(self._name())
            elif self.take("["):
                index = self.next()
                if not index.isdigit():
                    raise self.error(index)
                steps.append(int(index))
                self.expect("]")
            else:
                return tuple(steps)

    def _name(self) -> str:
        token = self.next()
        if token.startswith("#"):
            return self.placeholders.name(token)
        if not re.fullmatch(r"[A-Za-z_]\w*", token):
            raise self.error(token)
        if token.upper() in _reserved:
            raise Validation(f"Invalid expression: Attribute name is a reserved keyword; reserved keyword: {token}")
        return token


def find(item: Item, path: Path) -> dict[str, Any] | None:
    """What is at the path, or None."""
    value: dict[str, Any] | None = {"M": item}
    for step in path:
        if value is None:
            return None
        if isinstance(step, int):
            elements = value.get("L", [])
            value = elements[step] if step < len(elements) else None
        else:
            value = value.get("M", {}).get(step)
    return value
