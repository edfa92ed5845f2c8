#!/bin/sh
# Lambda's Python runs this in the place of its own loop, with its interpreter as the first argument. What that loop
# would do to the path of modules is done here: our code first, then layers, then what comes with the runtime.
PYTHONPATH="${LAMBDA_TASK_ROOT:-/var/task}:/opt/python:${LAMBDA_RUNTIME_DIR:-/var/runtime}${PYTHONPATH:+:$PYTHONPATH}"
export PYTHONPATH
exec "$1" -m backend_lambda.streaming
