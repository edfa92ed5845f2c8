"""`python -m backend_lambda.streaming`: what Lambda runs."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from backend_lambda.streaming.log_lines import write_json_lines
from backend_lambda.streaming.runtime_api import RuntimeApi


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)  # through all `finally`: an agent that works on an answer is told to stop


def main() -> None:
    """Serve events until Lambda ends the process."""
    signal.signal(signal.SIGTERM, _end)
    lines = write_json_lines()
    address = os.environ["AWS_LAMBDA_RUNTIME_API"]
    try:
        from backend_lambda.streaming.loop import serve_forever
    except Exception as error:
        RuntimeApi(address).fail_init(type(error).__name__, str(error), [])
        raise
    serve_forever(address, lines)


if __name__ == "__main__":
    main()
