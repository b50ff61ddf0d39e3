"""Metrics of the worker, which CloudWatch extracts from log lines (embedded metric format, EMF).

The namespace is `POWERTOOLS_METRICS_NAMESPACE`. Without it, as on a laptop, no metrics are written. The dimension
`service` is `POWERTOOLS_SERVICE_NAME`.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import os
from enum import StrEnum

from app.observability.timings import Step, Timings


class Reason(StrEnum):
    """Why an image failed: the values of the dimension `reason`."""

    UNREADABLE = "unreadable"  # not a photo, or a format that PixTag cannot read
    GIVEN_UP = "given_up"  # every try failed, or ended the process


def count_image(state: str, objects: int, timings: Timings) -> None:
    """Count a processed image: as tagged, with the seconds of each step, or as failed.

    Args:
        state: The state of the image. Only `ready` and `failed` images are counted.
        objects: The sum of the counts of its tags.
        timings: The steps that were run. An image without steps was processed earlier and is not counted.
    """
    seconds = timings.seconds
    if state == "failed" and Step.WRITE in seconds:
        count_failure(Reason.UNREADABLE)
    elif state == "ready" and Step.DETECT in seconds:
        _write(
            ("ImagesTagged", "Count", 1),
            ("ObjectsFound", "Count", objects),
            *((f"{step.capitalize()}Seconds", "Seconds", duration) for step, duration in seconds.items()),
        )


def count_failure(reason: Reason) -> None:
    """Count an image that failed, by its reason and in total."""
    _write(("ImagesFailed", "Count", 1), reason=reason)


def record_outbox_age(seconds: float) -> None:
    """Record how long the oldest due work has waited; 0 if nothing is due."""
    _write(("OutboxAge", "Seconds", seconds))


def _write(*metrics: tuple[str, str, float], reason: Reason | None = None) -> None:
    """Write one log line with these metrics: name, unit and value."""
    if "POWERTOOLS_METRICS_NAMESPACE" not in os.environ:
        return
    from aws_lambda_powertools.metrics import EphemeralMetrics

    line = EphemeralMetrics()
    for name, unit, value in metrics:
        line.add_metric(name, unit, value)
    if reason:
        line.add_dimensions(service=line.service, reason=reason)
    line.flush_metrics()
