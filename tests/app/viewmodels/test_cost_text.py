from __future__ import annotations

import pytest

from app.domain.usage import Usage, UsageReport
from app.viewmodels.cost_text import cost_line, cost_notes, cost_rows

TODAY = Usage(requests=2, http_steps=2, ws_messages=4, write_units=4, calls=2, busy_ms=300, reads=4)
MONTH = Usage(requests=1204, http_steps=1204, ws_messages=2410, connected_ms=90_000_000, write_units=2408, calls=1206,
              busy_ms=180_000, reads=3000)  # fmt: skip


def test_the_line_says_today_and_the_month() -> None:
    assert cost_line(UsageReport(Usage(ws_messages=3100), Usage(ws_messages=410_000))) == (
        "$0.0031 today · $0.41 in 30 days"
    )


def test_the_rows_are_the_services_and_their_sum() -> None:
    rows = cost_rows(UsageReport(TODAY, MONTH, Usage(ws_messages=1)))
    assert [(row.service, row.amount, row.counted) for row in rows] == [
        ("HTTP API", "1\u202f204 requests of 512 KB", True),
        ("WebSocket API", "2\u202f410 messages of 32 KB", True),
        ("WebSocket API", "1\u202f500 minutes connected", True),
        ("Lambda", "1\u202f206 calls", True),
        ("Lambda", "90 GB-seconds", False),
        ("DynamoDB", "2\u202f408 write units", True),
        ("DynamoDB", "1\u202f500 read units", False),
        ("Together", "1\u202f204 requests", True),
    ]
    by_unit = {row.amount.split(" ", 1)[1]: (row.today, row.month, row.start) for row in rows}
    assert by_unit["minutes connected"] == ("", "$0.0004", "")
    assert by_unit["messages of 32 KB"] == ("< $0.0001", "$0.0024", "< $0.0001")


@pytest.mark.parametrize(
    ("ms", "words"), [(1_000, "0.5 GB"), (1, "0.0005 GB"), (3_333, "1.7 GB"), (2_469_135, "1\u202f235 GB")]
)
def test_amounts_keep_the_figures_that_say_something(ms: int, words: str) -> None:
    (row, _) = cost_rows(UsageReport(month=Usage(busy_ms=ms)))
    assert row.amount.startswith(words)


def test_the_notes_are_honest() -> None:
    notes = cost_notes(UsageReport(TODAY, MONTH))
    assert "estimated" in notes
    assert "Not included" in notes
    assert "$0.09 a GB" in notes
    assert "A million requests like these cost about $" in notes
    assert "A million" not in cost_notes(UsageReport(month=Usage(calls=1)))
