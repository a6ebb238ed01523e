"""Intake over HTTP: webhooks of monitoring products."""

from __future__ import annotations

from aws_lambda_powertools.metrics import MetricUnit
from msgspec import Struct

from services.intake import wiring
from services.intake.actions import alerts
from services.intake.actions.alerts import Heard
from shared.door import Call, answers, open_door, through
from shared.forms import Raw
from shared.telemetry import logger, metrics, observed

app = open_door()


class Shown(Struct, frozen=True):
    """What a webhook's URL may show; parameters that products add are ignored."""

    secret: str = ""


@app.route("/hooks/{source}/{key}", methods=["POST"], content_types=["*/*"])
@answers(app, 202, takes=Raw, query=Shown)
def hear_hook(call: Call[bytes], source: str, key: str) -> Heard:
    """Take alerts from a monitoring product that proves the webhook's secret."""
    request = alerts.Request(
        source=source,
        key=key,
        body=call.raw,
        header=call.header,
        query_secret=call.query.secret,
        # By the Standard Webhooks specification its id is what tells repeats apart.
        once=call.idempotency_key or call.header("webhook-id"),
    )
    heard = alerts.hear(request, story=call.story, hooks=wiring.memory())
    logger.info("alerts heard", product=source, count=heard.accepted)
    metrics.add_metric("AlertsHeard", MetricUnit.Count, heard.accepted)
    return heard


handler = observed(through(app), correlation="requestContext.requestId")
