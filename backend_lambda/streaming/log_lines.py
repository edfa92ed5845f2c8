"""Log lines as Lambda's own Python writes them with the JSON format: one object a line, with the event's id."""

from __future__ import annotations

import io
import json
import logging
import sys
import time


class JsonLines(logging.Formatter):
    """request_id: of the event in work, "" before the first"""

    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "timestamp": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if self.request_id:
            line["requestId"] = self.request_id
        if record.exc_info:
            line["stackTrace"] = self.formatException(record.exc_info)
        return json.dumps(line)


def write_json_lines() -> JsonLines:
    """From now on all logs go to the standard output that way, each line at once, and so does what else is written
    there (metrics): a frozen process would keep it for hours."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    lines = JsonLines()
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(lines)
    logging.basicConfig(handlers=[output], level=logging.INFO, force=True)
    return lines
