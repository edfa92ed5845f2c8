"""Mapping templates: text with references, #set, #if and #foreach."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.aws.emulator.vtl_expressions import Expression, Parser, Scope, TemplateError, shown, truth

TEMPLATE_LIMIT = 300 * 1024
FOREACH_LIMIT = 1000

_Node = Callable[[Scope, list[str]], None]
_special = re.compile(r"##|#\*|#\{?(?:set|if|elseif|else|end|foreach)\b\}?|\$(?=!?\{?[A-Za-z])")


class Template:
    """A parsed template. Raises TemplateError."""

    def __init__(self, source: str) -> None:
        if len(source.encode()) > TEMPLATE_LIMIT:
            raise TemplateError("the template exceeds 300 KB")
        self._source = source
        self._at = 0
        self._nodes = self._block(())

    def render(self, variables: Scope) -> str:
        """The output. Raises TemplateError."""
        output: list[str] = []
        _run(self._nodes, dict(variables), output)
        return "".join(output)

    def _block(self, ends: tuple[str, ...]) -> list[_Node]:
        """Nodes up to one of the directives that end this block; the position is behind its name."""
        nodes: list[_Node] = []
        while match := _special.search(self._source, self._at):
            nodes.append(_literal(self._source[self._at : match.start()]))
            self._at = match.end()
            what = match[0].strip("#{}")
            if match[0] == "##":
                end = self._source.find("\n", self._at)
                self._at = len(self._source) if end < 0 else end + 1
            elif match[0] == "#*":
                end = self._source.find("*#", self._at)
                self._at = len(self._source) if end < 0 else end + 2
            elif match[0] == "$":
                nodes.append(self._reference(match.start()))
            elif what in ends:
                self.ended_by = what
                return nodes
            elif what == "set":
                nodes.append(self._set())
            elif what == "if":
                nodes.append(self._if())
            elif what == "foreach":
                nodes.append(self._foreach())
            else:
                raise TemplateError(f"#{what} without a beginning")
        if ends:
            raise TemplateError(f"no #{ends[-1]}")
        nodes.append(_literal(self._source[self._at :]))
        return nodes

    def _parser(self) -> Parser:
        return Parser(self._source, self._at, _interpolated)

    def _reference(self, start: int) -> _Node:
        quiet = self._skip("!")
        braces = self._skip("{")
        parser = self._parser()
        value = parser.reference()
        self._at = parser.at
        if braces and not self._skip("}"):
            raise TemplateError("no } after ${")
        source = self._source[start : self._at]

        def render(scope: Scope, output: list[str]) -> None:
            found = value(scope)
            # Velocity shows an unknown reference as it stands in the template.
            output.append(("" if quiet else source) if found is None else shown(found))

        return render

    def _skip(self, sign: str) -> bool:
        if self._source.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False

    def _set(self) -> _Node:
        parser = self._parser()
        parser.expect("(")
        parser.expect("$")
        name = parser.peek()
        parser.take(name)
        equals = re.compile(r"\s*=").match(self._source, parser.at)
        if not equals:
            raise TemplateError("#set without =")
        parser.at = equals.end()
        value = parser.expression()
        parser.expect(")")
        self._at = parser.at
        # A line that holds nothing but a #set leaves no line.
        self._skip("\n")

        def render(scope: Scope, output: list[str]) -> None:
            found = value(scope)
            if found is not None:
                scope[name] = found

        return render

    def _condition(self) -> Expression:
        parser = self._parser()
        parser.expect("(")
        condition = parser.expression()
        parser.expect(")")
        self._at = parser.at
        return condition

    def _if(self) -> _Node:
        branches = [(self._condition(), self._block(("elseif", "else", "end")))]
        while self.ended_by == "elseif":
            branches.append((self._condition(), self._block(("elseif", "else", "end"))))
        otherwise = self._block(("end",)) if self.ended_by == "else" else []

        def render(scope: Scope, output: list[str]) -> None:
            chosen = next((nodes for condition, nodes in branches if truth(condition(scope))), otherwise)
            _run(chosen, scope, output)

        return render

    def _foreach(self) -> _Node:
        parser = self._parser()
        parser.expect("(")
        parser.expect("$")
        name = parser.peek()
        parser.take(name)
        parser.expect("in")
        elements = parser.expression()
        parser.expect(")")
        self._at = parser.at
        nodes = self._block(("end",))

        def render(scope: Scope, output: list[str]) -> None:
            found = elements(scope) or []
            for count, element in enumerate(list(found)[:FOREACH_LIMIT]):
                scope[name] = element
                scope["foreach"] = {"index": count, "count": count + 1, "hasNext": count + 1 < len(found)}
                _run(nodes, scope, output)

        return render


def _run(nodes: list[_Node], scope: Scope, output: list[str]) -> None:
    for node in nodes:
        node(scope, output)


def _literal(text: str) -> _Node:
    return lambda scope, output: output.append(text)


def _interpolated(text: str) -> Expression:
    template = Template(text.replace('\\"', '"'))
    return lambda scope: template.render(scope)
