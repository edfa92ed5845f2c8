"""`python -m tests.aws.cost_report`: dollars per million requests from counted units, next to the formulas."""

from __future__ import annotations

import asyncio
import io
import os
import random
import sys

from tests.aws.cost_model import lean, lean_s3, naive
from tests.aws.threaded import in_threads
from tests.e2e.service import Call, Service

_SIZES = (1, 20, 100, 1024)  # KB
_SERVICE = (5, 50, 500)  # ms
_REQUESTS = 12


async def measure(size: int, service_ms: int) -> float:
    """With a body that does not compress; egress is left out, as in the formulas."""
    body = random.Random(size).randbytes(size * 1024)

    async def script(call: Call) -> None:
        await asyncio.sleep(service_ms / 1000)
        await call.answer(body, "Content-Type: application/octet-stream")

    metrics = io.StringIO()  # the function prints them
    async with in_threads() as backend, Service(script) as service:
        sys.stdout = metrics
        agent = backend.agent()
        await agent.open(service.port, "shop")
        for _ in range(3):  # the poller learns the service's time
            (await backend.visitor.get("/shop/")).raise_for_status()
        before = backend.cloud.bill()
        for _ in range(_REQUESTS):
            (await backend.visitor.get("/shop/")).raise_for_status()
        bill = backend.cloud.bill() - before
        await agent.aclose()
    sys.stdout = sys.__stdout__
    return bill.per_million(_REQUESTS, without=("egress_gb",))


async def main() -> None:
    print("| service | body | counted | lean, DynamoDB | lean, S3 | naive |\n|---|---|---|---|---|---|")
    for service_ms in _SERVICE:
        for size in _SIZES:
            counted = await measure(size, service_ms)
            formulas = [formula(size * 1024, service_ms) for formula in (lean, lean_s3, naive)]
            print(f"| {service_ms} ms | {size} KB | {counted:.2f} | {' | '.join(f'{it:.2f}' for it in formulas)} |")


if __name__ == "__main__":
    # As tests/conftest.py does for tests.
    os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_EC2_METADATA_DISABLED="true")
    asyncio.run(main())
