"""The seam to the local service: one interface, a lean HTTP/1.1 client and httpx behind it."""
