"""Attribute values in DynamoDB's JSON: which are valid, how large they are, how they compare."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.aws.emulator.dynamo_errors import Item, Serialization, Validation

ITEM_LIMIT = 400 * 1024
_SETS = {"SS": "S", "NS": "N", "BS": "B"}


def check(value: Any) -> None:
    """Raises Serialization or Validation for what is no attribute value."""
    if not isinstance(value, dict) or len(value) != 1:
        raise Validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    ((kind, content),) = value.items()
    match kind:
        case "S":
            if not isinstance(content, str):
                raise Serialization("S is no string")
        case "N":
            number(content)
        case "B":
            binary(content)
        case "BOOL" | "NULL":
            if not isinstance(content, bool):
                raise Serialization(f"{kind} is no boolean")
        case "M":
            for inner in content.values():
                check(inner)
        case "L":
            for inner in content:
                check(inner)
        case "SS" | "NS" | "BS":
            if not content:
                raise Validation("One or more parameter values were invalid: An set may not be empty")
            for inner in content:
                check({_SETS[kind]: inner})
        case _:
            raise Serialization(f"unknown datatype {kind}")


def number(text: Any) -> Decimal:
    """N travels as a string. Raises Serialization, Validation."""
    if not isinstance(text, str):
        raise Serialization("NUMBER_VALUE cannot be converted to String")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Validation(f"The parameter cannot be converted to a numeric value: {text}") from None
    if not value.is_finite():
        raise Validation(f"The parameter cannot be converted to a numeric value: {text}")
    if len(value.normalize().as_tuple().digits) > 38:
        raise Validation("Attempting to store more than 38 significant digits in a Number")
    return value


def binary(text: Any) -> bytes:
    """B travels as base64. Raises Serialization."""
    if not isinstance(text, str):
        raise Serialization("B is no string")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Serialization("Invalid base64") from None


def size(value: dict[str, Any]) -> int:
    """Bytes that count for the 400 KB and for capacity units; B counts raw."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(str(content).encode())
        case "N":
            return len(number(content).normalize().as_tuple().digits) // 2 + 2
        case "B":
            return len(binary(content))
        case "M":
            return 3 + item_size(content) + len(content)
        case "L":
            return 3 + sum(1 + size(inner) for inner in content)
        case "SS" | "NS" | "BS":
            return sum(size({_SETS[kind]: inner}) for inner in content)
    return 1


def item_size(item: Item) -> int:
    return sum(len(name.encode()) + size(value) for name, value in item.items())


def comparable(value: dict[str, Any] | None) -> tuple[str, Any] | None:
    """A form that compares with `==`, and within one kind of S, N, B with `<`."""
    if value is None:
        return None
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return kind, number(content)
        case "B":
            return kind, binary(content)
        case "SS" | "NS" | "BS":
            return kind, frozenset(comparable({_SETS[kind]: inner}) for inner in content)
        case "M":
            return kind, {name: comparable(inner) for name, inner in content.items()}
        case "L":
            return kind, [comparable(inner) for inner in content]
    return kind, content
