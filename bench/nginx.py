"""A plain reverse proxy for comparison: nginx with one worker, kept-alive connections, no logs."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.processes import free_port, stop, wait_for

_CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 0; proxy_temp_path {folder}/proxy; client_body_temp_path {folder}/body;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 100000000;
  upstream service {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_request_buffering off; proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(upstream: int) -> Iterator[tuple[int, list[int]] | None]:
    """(port, pids), or None if nginx is not installed (Debian: nginx-light)."""
    # Debian keeps it where the PATH of ordinary users does not look.
    binary = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
    if binary is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="hatchway-bench-") as folder:
        port = free_port()
        file = Path(folder, "nginx.conf")
        file.write_text(_CONFIGURATION.format(folder=folder, upstream=upstream, port=port), encoding="utf-8")
        process = subprocess.Popen([binary, "-p", folder, "-c", str(file)], stderr=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/bytes/1", process)
            children = psutil.Process(process.pid).children()
            yield port, [process.pid, *(child.pid for child in children)]
        finally:
            stop(process)
