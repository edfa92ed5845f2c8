"""From words to a tree. Every mistake has a place and says what to type instead.

or   = and { OR and }
and  = not { [AND] not }
not  = { NOT | - | ! } item
item = ( or ) | field:value | ~operator [value] | "text" | /regex/ | word
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from app.filter import mitmproxy, values
from app.filter.fields import BY_NAME, LARGER_THAN, LONG_TEXTS
from app.filter.lexer import Token, tokens
from app.filter.tree import And, Node, Not, Or, Span, Term, Test
from app.filter.values import ValueProblem

MAX_TEXT = 4000
MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class FilterProblem:
    """start, end: the characters to underline; end > start unless the text is empty"""

    message: str
    start: int
    end: int


class FilterError(Exception):
    """The text is no filter. problems: at least one, in order"""

    def __init__(self, problems: list[FilterProblem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def parse_tree(text: str) -> Node:
    """The tree of the text; an empty text is an empty `And`. Raises FilterError, nothing else."""
    if len(text) > MAX_TEXT:
        raise FilterError([FilterProblem(f"A filter may have {MAX_TEXT} characters", MAX_TEXT, len(text))])
    parser = _Parser(text)
    tree = parser.whole()
    if parser.problems:
        raise FilterError(sorted(parser.problems, key=lambda problem: problem.start))
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0
        self._depth = 0
        self.problems: list[FilterProblem] = []

    def whole(self) -> Node:
        if not self._tokens:
            return And(())
        tree = self._or()
        while (token := self._peek()) is not None:  # only a closing parenthesis ends `_or` early
            self._complain("This parenthesis closes nothing", token.start, token.end)
            self._at += 1
            if self._peek() is not None:
                self._or()
        return tree

    def _or(self) -> Node:
        parts = [self._and()]
        while (token := self._peek()) is not None and token.kind == "or":
            self._at += 1
            parts.append(self._and(after=token))
        return parts[0] if len(parts) == 1 else Or(tuple(parts), self._span(parts))

    def _and(self, after: Token | None = None) -> Node:
        parts: list[Node] = []
        while (token := self._peek()) is not None and token.kind not in (")", "or"):
            if token.kind == "and":
                self._at += 1
                following = self._peek()
                if not parts or following is None or following.kind in (")", "or", "and"):
                    self._complain(f"{token.value} stands between two conditions", token.start, token.end)
                continue
            parts.append(self._not())
        if not parts:
            token = after or self._peek()
            if token is not None:
                words = "Something is missing here: a condition" if token.kind != "or" else "OR stands between two"
                self._complain(words, token.start, token.end)
        return parts[0] if len(parts) == 1 else And(tuple(parts), self._span(parts))

    def _not(self) -> Node:
        token = self._peek()
        assert token is not None
        if token.kind != "not":
            return self._item()
        self._at += 1
        following = self._peek()
        if following is None or following.kind in (")", "or", "and"):
            self._complain(f"{token.value} needs a condition after it", token.start, token.end)
            return And(())
        if not self._enter(token):
            return And(())
        part = self._not()
        self._depth -= 1
        return Not(part, (token.start, part.span[1]))

    def _item(self) -> Node:
        token = self._peek()
        assert token is not None
        self._at += 1
        try:
            match token.kind:
                case "(":
                    return self._group(token)
                case "tilde":
                    return self._tilde(token)
                case "field":
                    return self._field(token)
            quoted, regex = token.kind == "quoted", token.kind == "regex"
            test = values.text_test(token.value, quoted=quoted, regex=regex, whole=False)
            return Term("any", test, span=(token.start, token.end))
        except ValueProblem as problem:
            self._explain(problem, token)
            return And(())

    def _group(self, opening: Token) -> Node:
        if not self._enter(opening):
            return And(())
        inner = self._or()
        self._depth -= 1
        closing = self._peek()
        if closing is None:
            self._complain("This parenthesis is not closed", opening.start, opening.end)
        else:
            self._at += 1
        return inner

    def _enter(self, token: Token) -> bool:
        self._depth += 1
        if self._depth <= MAX_DEPTH:
            return True
        if self._depth == MAX_DEPTH + 1:
            self._complain(f"More than {MAX_DEPTH} parentheses inside each other", token.start, token.end)
        self._at = len(self._tokens)
        return False

    def _field(self, token: Token) -> Node:
        name, span = token.field.lower(), (token.start, token.end)
        if name == LARGER_THAN:
            return Term("size", values.size_test(f">={token.value}"), span=span)
        field = BY_NAME.get(name)
        if field is None:
            close = difflib.get_close_matches(name, BY_NAME, 1)
            hint = f"do you mean {close[0]}:?" if close else "put it in quotes to look for the text"
            end = token.start + len(token.field)
            self._complain(f"There is no field “{token.field}”; {hint}", token.start, end)
            return And(())
        if not token.value and token.form == "text":
            raise ValueProblem(f"{token.field}: needs a value, for example {field.example}")
        regex = token.form == "regex"
        header = ""
        test: Test
        match field.kind:
            case "status":
                test = values.status_test(token.value)
            case "size":
                test = values.size_test(token.value)
            case "duration":
                test = values.duration_test(token.value)
            case "choice":
                test = values.choice_test(token.value, field)
            case "json":
                test = values.json_test(token.value)
            case "header":
                header, test = values.header_test(token.value, regex=regex)
            case "word" if not regex and "*" not in token.value:
                test = values.text_test("=" + token.value.removeprefix("="))
            case _:
                quoted, whole = token.form == "quoted", field.name not in LONG_TEXTS
                test = values.text_test(token.value, quoted=quoted, regex=regex, whole=whole)
        return Term(field.name, test, header, span)

    def _tilde(self, token: Token) -> Node:
        meaning = mitmproxy.OPERATORS.get(token.value)
        if meaning is None:
            known = ", ".join(f"~{name}" for name in mitmproxy.OPERATORS)
            raise ValueProblem(
                mitmproxy.UNSUPPORTED.get(token.value, f"There is no operator ~{token.value}. There are: {known}")
            )
        if isinstance(meaning, str):
            return _placed(parse_tree(meaning), (token.start, token.end))
        argument = self._peek()
        if argument is None or argument.kind in ("(", ")", "and", "or", "not", "tilde"):
            raise ValueProblem(f"~{token.value} needs a value after it")
        self._at += 1
        span = (token.start, argument.end)
        value = self._text[argument.start : argument.end] if argument.kind == "field" else argument.value
        if meaning.kind == "status":
            return Term("status", values.status_test(value), span=span)
        return Term(meaning.field, values.pattern_test(value), span=span)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _explain(self, problem: ValueProblem, token: Token) -> None:
        inside = problem.end is not None and problem.end > problem.start
        start = token.inner + problem.start if inside else token.start
        end = token.inner + (problem.end or 0) if inside else token.end
        self._complain(str(problem), min(start, token.end - 1), max(min(end, token.end), start + 1))

    def _complain(self, message: str, start: int, end: int) -> None:
        self.problems.append(FilterProblem(message, start, min(max(end, start + 1), len(self._text))))

    @staticmethod
    def _span(parts: list[Node]) -> Span:
        return (parts[0].span[0], parts[-1].span[1]) if parts else (0, 0)


def _placed(node: Node, span: Span) -> Node:
    """The tree of an alias, standing where the alias stands."""
    match node:
        case Term(field=field, test=test, name=name):
            return Term(field, test, name, span)
        case Not(part=part):
            return Not(_placed(part, span), span)
        case And(parts=parts):
            return And(tuple(_placed(part, span) for part in parts), span)
        case Or(parts=parts):
            return Or(tuple(_placed(part, span) for part in parts), span)
