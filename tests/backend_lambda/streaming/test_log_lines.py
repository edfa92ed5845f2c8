from __future__ import annotations

import json
import logging

from backend_lambda.streaming.log_lines import JsonLines


def test_a_record_is_one_line_of_json_with_the_event_it_belongs_to() -> None:
    lines = JsonLines()
    try:
        raise LookupError("no\nsuch")
    except LookupError as error:
        trace = (type(error), error, error.__traceback__)
    record = logging.LogRecord("backend_lambda.x", logging.ERROR, "x.py", 1, "failed\nid=%s", ("7",), trace)
    record.created, record.msecs = 1_700_000_000.25, 250.0
    assert "requestId" not in json.loads(lines.format(record))
    lines.request_id = "r-1"
    text = lines.format(record)
    assert "\n" not in text
    line = json.loads(text)
    assert line.pop("stackTrace").endswith("LookupError: no\nsuch")
    assert line == {
        "timestamp": "2023-11-14T22:13:20.250Z",
        "level": "ERROR",
        "message": "failed\nid=7",
        "logger": "backend_lambda.x",
        "requestId": "r-1",
    }
