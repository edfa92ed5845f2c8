"""Expressions and references of the Velocity Template Language, as far as mapping templates use them."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from tests.aws.emulator.vtl_methods import call

Scope = dict[str, Any]
Expression = Callable[[Scope], Any]

_token = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'[^']*'|"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_]\w*)
    |(?P<sign>\|\||&&|==|!=|<=|>=|[-+*/%<>!()\[\],.$]))""",
    re.VERBOSE,
)
_comparisons: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


class TemplateError(Exception):
    """The template cannot be parsed, or fails when it is rendered."""


class Parser:
    """Parses at a position of the template; `at` is where the next part starts."""

    def __init__(self, source: str, at: int, interpolate: Callable[[str], Expression]) -> None:
        self.source = source
        self.at = at
        self._interpolate = interpolate

    def peek(self) -> str:
        """The next token; "" if there is none."""
        match = _token.match(self.source, self.at)
        return match[0].strip() if match else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if token in wanted:
            self._next()
            return token
        return ""

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise TemplateError(f"expected {wanted!r} at {self.source[self.at : self.at + 20]!r}")

    def _next(self) -> str:
        match = _token.match(self.source, self.at)
        if not match:
            raise TemplateError(f"unexpected end at {self.source[self.at : self.at + 20]!r}")
        self.at = match.end()
        return match[0].strip()

    def expression(self) -> Expression:
        left = self._conjunction()
        while self.take("||", "or"):
            left = _either(left, self._conjunction())
        return left

    def _conjunction(self) -> Expression:
        left = self._comparison()
        while self.take("&&", "and"):
            left = _both(left, self._comparison())
        return left

    def _comparison(self) -> Expression:
        left = self._sum()
        if sign := self.take(*_comparisons):
            return _compared(_comparisons[sign], left, self._sum())
        return left

    def _sum(self) -> Expression:
        left = self._product()
        while sign := self.take("+", "-"):
            left = _calculated(sign, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._unary()
        while sign := self.take("*", "/", "%"):
            left = _calculated(sign, left, self._unary())
        return left

    def _unary(self) -> Expression:
        if self.take("!", "not"):
            inner = self._unary()
            return lambda scope: not truth(inner(scope))
        if self.take("-"):
            inner = self._unary()
            return lambda scope: -inner(scope)
        return self._primary()

    def _primary(self) -> Expression:
        if self.take("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if self.take("["):
            elements = self._until("]")
            return lambda scope: [element(scope) for element in elements]
        if self.take("$"):
            self.take("!")
            return self.reference()
        token = self._next()
        if token.startswith("'"):
            return lambda scope: token[1:-1]
        if token.startswith('"'):
            return self._interpolate(token[1:-1])
        if token in ("true", "false"):
            return lambda scope: token == "true"
        if not token[0].isdigit():
            raise TemplateError(f"unexpected {token!r}")
        value: int | float = float(token) if "." in token else int(token)
        return lambda scope: value

    def reference(self) -> Expression:
        """After `$`: a name with properties, calls and indices. Evaluates to None for what does not exist."""
        match = re.compile(r"[A-Za-z][\w-]*").match(self.source, self.at)
        if not match:
            raise TemplateError(f"no name at {self.source[self.at : self.at + 20]!r}")
        self.at = match.end()
        name = match[0]
        value: Expression = lambda scope: scope.get(name)  # noqa: E731
        while True:
            if step := re.compile(r"\.([A-Za-z]\w*)(\()?").match(self.source, self.at):
                self.at = step.end()
                value = _called(value, step[1], self._until(")")) if step[2] else _property(value, step[1])
            elif self.source.startswith("[", self.at):
                self.at += 1
                (index,) = self._until("]")
                value = _indexed(value, index)
            else:
                return value

    def _until(self, end: str) -> list[Expression]:
        arguments: list[Expression] = []
        while not self.take(end):
            if arguments:
                self.expect(",")
            arguments.append(self.expression())
        return arguments


def truth(value: Any) -> bool:
    """Velocity 1: everything but null and false is true."""
    return value is not None and value is not False


def shown(value: Any) -> str:
    """A value in the output."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def _either(left: Expression, right: Expression) -> Expression:
    return lambda scope: truth(left(scope)) or truth(right(scope))


def _both(left: Expression, right: Expression) -> Expression:
    return lambda scope: truth(left(scope)) and truth(right(scope))


def _compared(compare: Callable[[Any, Any], bool], left: Expression, right: Expression) -> Expression:
    def evaluate(scope: Scope) -> bool:
        one, other = left(scope), right(scope)
        if compare not in (operator.eq, operator.ne) and type(one) is not type(other):
            return False
        return compare(one, other)

    return evaluate


def _calculated(sign: str, left: Expression, right: Expression) -> Expression:
    def evaluate(scope: Scope) -> Any:
        one, other = left(scope), right(scope)
        if sign == "+" and (isinstance(one, str) or isinstance(other, str)):
            return shown(one) + shown(other)
        if not isinstance(one, int | float) or not isinstance(other, int | float):
            return None  # Velocity logs it and gives null
        if sign in "/%" and not other:
            return None
        if sign == "/":
            # Integers divide as in Java: towards zero.
            return int(one / other) if isinstance(one, int) and isinstance(other, int) else one / other
        return {"+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod}[sign](one, other)

    return evaluate


def _property(value: Expression, name: str) -> Expression:
    def evaluate(scope: Scope) -> Any:
        owner = value(scope)
        if isinstance(owner, dict):
            return owner.get(name)
        return getattr(owner, f"vtl_{name}", None) if not isinstance(owner, str | int | list) else None

    return evaluate


def _indexed(value: Expression, index: Expression) -> Expression:
    def evaluate(scope: Scope) -> Any:
        owner, key = value(scope), index(scope)
        try:
            return owner[key]
        except (LookupError, TypeError):
            return None

    return evaluate


def _called(value: Expression, name: str, arguments: list[Expression]) -> Expression:
    return lambda scope: call(value(scope), name, [argument(scope) for argument in arguments])
