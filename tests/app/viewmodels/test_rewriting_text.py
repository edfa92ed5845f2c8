from __future__ import annotations

import pytest

from app.domain.exchange import Rewriting
from app.viewmodels.rewriting_text import Remark, edit_words, layer_words, leak_words, remarks, rewriting_facts
from tests.app.fake_workspace import an_exchange


def untied(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({}, ""),
        ({"url": 1}, "1 link"),
        (
            {"runtime": 1, "css": 3, "import-map": 1, "url": 12},
            "12 links, 3 style sheet references, runtime and import map inserted",
        ),
        ({"cookie": 2, "location": 1, "integrity": 1}, "1 redirect, 2 cookies, 1 integrity check removed"),
        ({"hologram": 3, "url": 2}, "2 links, 3 × hologram"),
    ],
    ids=["nothing", "one", "page", "head", "unknown"],
)
def test_edits_in_plain_words(edits: dict[str, int], words: str) -> None:
    assert untied(edit_words(edits)) == words


def test_a_number_and_what_it_counts_stay_in_one_line() -> None:
    assert edit_words({"url": 12, "css": 3}) == "12\u00a0links, 3\u00a0style sheet references"


def test_layers_have_names() -> None:
    assert untied(layer_words(("L0", "L1", "L9"))) == "L0 headers · L1 markup · L9"
    assert layer_words(()) == ""


def test_the_facts_of_a_page() -> None:
    exchange = an_exchange()
    exchange.rewriting = Rewriting("html", ("L0", "L1"), {"url": 2})
    assert [(fact.label, untied(fact.value)) for fact in rewriting_facts(exchange)] == [
        ("Body", "rewritten as an HTML page"),
        ("Changes", "2 links"),
        ("Layers", "L0 headers · L1 markup"),
    ]


def test_a_body_that_passed() -> None:
    exchange = an_exchange()
    exchange.rewriting = Rewriting(notes=("charset",))
    assert [(fact.label, fact.value) for fact in rewriting_facts(exchange)] == [
        ("Body", "as it came"),
        ("Changes", "none"),
    ]


def test_a_kind_that_is_not_known_is_named_as_it_is() -> None:
    exchange = an_exchange()
    exchange.rewriting = Rewriting("wasm")
    assert rewriting_facts(exchange)[0].value == "rewritten as wasm"


def test_nothing_to_tell() -> None:
    assert rewriting_facts(an_exchange()) == []
    assert remarks(an_exchange()) == []
    assert leak_words(an_exchange()) == ""


@pytest.mark.parametrize(
    "note",
    ["content-coding", "charset", "too large", "failed", "binary", "long tag", "long script data", "import map"],
)
def test_every_note_of_todays_relay_says_what_to_do(note: str) -> None:
    exchange = an_exchange()
    exchange.rewriting = Rewriting(notes=(note,))
    (remark,) = remarks(exchange)
    assert remark.what.endswith(".")
    assert remark.advice.endswith(".")


def test_a_note_of_a_later_relay_is_shown_as_it_is() -> None:
    exchange = an_exchange()
    exchange.rewriting = Rewriting(notes=("moon phase", "charset"))
    assert remarks(exchange)[0] == Remark("Left as it came: moon phase.")
    assert len(remarks(exchange)) == 2


def test_a_leak_comes_first_and_says_who_asked() -> None:
    exchange = an_exchange()
    exchange.leak = "/caf\xc3\xa9"
    exchange.rewriting = Rewriting(notes=("charset",))
    first, second = remarks(exchange)
    assert first.what == leak_words(exchange) == "Came without the prefix; asked by /café"
    assert "relative" in first.advice
    assert "character set" in second.what
