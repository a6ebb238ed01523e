"""Shortens the emulator's waits: it is built for short tests, here every hop of a chain counts."""

from __future__ import annotations

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

# How long to wait for a function's output after its answer; usually it was printed before.
FIRST_LINE = 0.004
NEXT_LINE = 0.002
# Batches that a queue's function works on at once. More means more cold starts and memory, and a
# message waits shorter for a warm worker than for a new one.
CONCURRENCY = 2
POLL_GAP = 0.005


def install() -> None:
    """Set the shorter waits."""
    drain = lambda_runtime.Worker._drain_stderr_bounded

    def briefly(worker: lambda_runtime.Worker) -> str:
        output: str = drain(worker, first_line_wait=FIRST_LINE, idle_confirm=NEXT_LINE)
        return output

    lambda_runtime.Worker._drain_stderr_bounded = briefly
    lambda_svc._ESM_SQS_DEFAULT_CONCURRENCY = CONCURRENCY
    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = POLL_GAP
