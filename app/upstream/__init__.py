"""The local service: one interface to call it, a lean HTTP/1.1 client and httpx behind it, WebSockets."""
