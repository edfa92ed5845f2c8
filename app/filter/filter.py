"""`Filter`: a text that was understood, and its test of an exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.domain.exchange import Exchange
from app.domain.frame import Frame
from app.domain.webhook import SignatureCheck, unchecked
from app.filter.escapes import also_escaped
from app.filter.fields import BODY_FIELDS, SIGNATURE_STATES
from app.filter.match import compile_tree
from app.filter.parser import parse_tree
from app.filter.subject import Predicate, Subject
from app.filter.tree import And, Equals, Node, Term, terms


@dataclass(frozen=True, slots=True)
class Filter:
    """Made by `parse`. text: as it was typed; tree: what it means; check: knows the secrets of signatures"""

    text: str
    tree: Node
    _predicate: Predicate = field(compare=False, repr=False)
    check: SignatureCheck = field(default=unchecked, compare=False, repr=False)

    @property
    def active(self) -> bool:
        """Whether it asks for anything."""
        return self.tree != And(())

    @property
    def needs_bodies(self) -> bool:
        return any(term.field in BODY_FIELDS or _checks_signature(term) for term in terms(self.tree))

    @property
    def needs_frames(self) -> bool:
        return any(term.field == "ws" for term in terms(self.tree))

    def matches(self, exchange: Exchange, frames: Sequence[Frame] = ()) -> bool:
        """Whether the exchange passes as it is now. Never raises."""
        return self._predicate(Subject(exchange, frames, self.check))

    def checking(self, check: SignatureCheck) -> Filter:
        """The same, asking this about signatures."""
        return replace(self, check=check)

    def also(self, other: Filter) -> Filter:
        """What passes both."""
        parts = [part for part in (self, other) if part.active]
        if len(parts) < 2:
            return parts[0] if parts else self
        text = " ".join(f"({part.text.strip()})" for part in parts)
        return of_tree(And((self.tree, other.tree)), text)


def parse(text: str) -> Filter:
    """The filter; an empty text lets everything pass. Raises FilterError with the places of all mistakes."""
    return of_tree(also_escaped(parse_tree(text)), text)


def of_tree(tree: Node, text: str) -> Filter:
    """The filter of a tree that was made otherwise."""
    return Filter(text, tree, compile_tree(tree))


def _checks_signature(term: Term) -> bool:
    return term.field == "sig" and isinstance(term.test, Equals) and term.test.value in SIGNATURE_STATES


EVERYTHING = parse("")
