"""A runtime of our own in the place of Lambda's, which cannot stream: `start.sh` runs it (AWS_LAMBDA_EXEC_WRAPPER)."""
