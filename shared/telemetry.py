"""Logs and numbers, the same in every function."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from typing import Any, cast

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics

from events.fact import PRODUCT

SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", PRODUCT)
logger = Logger(service=SERVICE)
metrics = Metrics(namespace=PRODUCT, service=SERVICE)

Handler = Callable[[Any, Any], Any]


def observed(handler: Handler, *, correlation: str | None = None) -> Handler:
    """Wrap a Lambda entry point so each invocation logs one line and flushes its metrics.

    ``correlation`` is the JMESPath of the id that the log lines carry.
    """

    @functools.wraps(handler)
    def timed(event: Any, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return handler(event, context)
        finally:
            logger.info("invocation done", ms=round((time.perf_counter() - started) * 1000, 1))
            if metrics.metric_set:
                metrics.flush_metrics()

    logged = logger.inject_lambda_context(timed, correlation_id_path=correlation, clear_state=True)
    return cast(Handler, logged)
