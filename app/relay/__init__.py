"""The embedded relay: uvicorn and an ASGI application over backend_lambda.core, run as a child process."""
