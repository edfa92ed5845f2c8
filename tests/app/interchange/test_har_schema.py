"""What is exported is HAR 1.2, whatever was recorded. The schema was written from the specification."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.frame import Frame
from app.domain.problems import Problem
from app.interchange.har_file import HarFile
from app.interchange.har_import import read_har
from app.redaction.redactor import Redactor

HERE = Path(__file__).parent
FILES = sorted((HERE / "samples").glob("*.har"))
SCHEMA = json.loads((HERE / "har-1.2.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def mistakes(har: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(har)]


def exported(path: Path, found: Sequence[tuple[Exchange, Sequence[Frame]]], redactor: Redactor | None) -> Any:
    with HarFile(path, redactor) as file:
        file.add(found)
        file.commit()
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("redactor", [Redactor(), None], ids=["redacted", "with secrets"])
@pytest.mark.parametrize("sample", FILES, ids=lambda path: path.stem)
def test_imported_files_are_exported_as_har(sample: Path, redactor: Redactor | None, tmp_path: Path) -> None:
    assert mistakes(exported(tmp_path / "x.har", read_har(sample), redactor)) == []


LATIN = st.text(alphabet=st.characters(max_codepoint=255), max_size=30)
TIMES = st.none() | st.integers(0, 2_000_000_000_000_000_000)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["Cookie", "Set-Cookie", "Content-Type", "Content-Encoding", "Location", "Authorization"]),
        LATIN
        | st.sampled_from(
            ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded", "a=b; Max-Age=999999999; Path=/",
             "a=b; Expires=Thu, 99 Nov 2026 10:00:00 GMT", "a=b; Expires=Wed, 01 Dec 2027 10:00:00 GMT", "gzip"]
        ),
    ),
    max_size=4,
).map(tuple)  # fmt: skip
EXCHANGES = st.builds(
    Exchange,
    tunnel=st.just("shop"),
    tunnel_id=st.just("t1"),
    method=st.sampled_from(["GET", "POST", "M-SEARCH"]),
    target=LATIN.map(lambda text: "/" + text),
    upstream=st.just("http://localhost:3000"),
    public_url=st.just("") | LATIN.map(lambda text: "https://x.example/" + text),
    request_headers=HEADERS,
    response_headers=HEADERS,
    request_body=st.builds(Body, st.binary(max_size=40), size=st.none() | st.integers(40, 99)),
    response_body=st.builds(Body, st.binary(max_size=40), size=st.none() | st.integers(40, 99)),
    status=st.none() | st.integers(100, 599),
    reason=LATIN,
    state=st.sampled_from(ExchangeState),
    problem=st.none() | st.just(Problem("x", "broken", "you")),
    started_ns=st.integers(0, 2_000_000_000_000_000_000),
    sent_ns=TIMES,
    first_byte_ns=TIMES,
    finished_ns=TIMES,
    note=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=9),
    kind=st.sampled_from(["http", "websocket"]),
)
FRAMES = st.lists(
    st.builds(
        Frame,
        st.integers(0, 9),
        st.sampled_from(["visitor", "upstream"]),
        st.sampled_from(["text", "binary", "close", "event"]),
        st.integers(0, 2_000_000_000_000_000_000),
        st.binary(max_size=9),
        st.integers(9, 20),
        st.none() | st.just(1000),
    ),
    max_size=2,
)


@given(EXCHANGES, FRAMES, st.booleans())
def test_whatever_was_recorded_is_exported_as_har(
    tmp_path_factory: pytest.TempPathFactory, exchange: Exchange, frames: list[Frame], redact: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.har"
    har = exported(path, [(exchange, frames)], Redactor() if redact else None)
    assert mistakes(har) == []
    ((found, _),) = read_har(path)
    if not redact:
        values = [(name, value.replace("\r", "").replace("\n", " ")) for name, value in exchange.request_headers]
        assert list(found.request_headers) == values
        assert found.target == exchange.target
        assert found.public_url == (exchange.public_url or exchange.upstream + exchange.target)


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda entry: entry.pop("cache"), "cache"),
        (lambda entry: entry["request"].update(url="http://x/größe"), "url"),
        (lambda entry: entry["request"].update(bodySize=1.5), "bodySize"),
        (lambda entry: entry["response"].update(extra=1), "extra"),
        (lambda entry: entry["response"]["headers"].append({"name": "x"}), "value"),
        (lambda entry: entry.update(startedDateTime="yesterday"), "startedDateTime"),
        (lambda entry: entry["timings"].pop("wait"), "wait"),
    ],
)
def test_the_schema_finds_mistakes(spoil: Callable[[Any], None], where: str, tmp_path: Path) -> None:
    har = exported(tmp_path / "x.har", read_har(FILES[0]), None)
    spoil(har["log"]["entries"][0])
    assert any(where in mistake for mistake in mistakes(har))
