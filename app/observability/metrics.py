"""Writes the worker's metrics to the log in CloudWatch's embedded metric format (EMF).

`POWERTOOLS_METRICS_NAMESPACE` sets the namespace. If it is not set, for example on a laptop, no metrics are written.
`POWERTOOLS_SERVICE_NAME` sets the dimension `service`.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import os
from enum import StrEnum

from app.observability.timings import Step, Timings


class Reason(StrEnum):
    """The reason why an image failed. It is the value of the dimension `reason`."""

    UNREADABLE = "unreadable"  # not a photo, or a format that PixTag cannot read
    GIVEN_UP = "given_up"  # every attempt failed or crashed the process


def count_tagged(objects: int, timings: Timings) -> None:
    """Count a ready image with its objects and the seconds of each step.

    Args:
        objects: The sum of the image's tag counts.
        timings: The durations of the steps. Without detection, the image was processed earlier and is not counted.
    """
    seconds = timings.seconds
    if Step.DETECT in seconds:
        _write(
            ("ImagesTagged", "Count", 1),
            ("ObjectsFound", "Count", objects),
            *((f"{step.capitalize()}Seconds", "Seconds", duration) for step, duration in seconds.items()),
        )


def count_unreadable(timings: Timings) -> None:
    """Count a failed image as unreadable. If nothing was written, the image failed earlier and is not counted."""
    if Step.WRITE in timings.seconds:
        count_failure(Reason.UNREADABLE)


def count_failure(reason: Reason) -> None:
    """Count a failed image, both in total and by reason."""
    _write(("ImagesFailed", "Count", 1), reason=reason)


def record_outbox_age(seconds: float) -> None:
    """Record how many seconds the oldest due work has waited. 0 means that no work is due."""
    _write(("OutboxAge", "Seconds", seconds))


def _write(*metrics: tuple[str, str, float], reason: Reason | None = None) -> None:
    """Write metrics as one log line. Each metric is a tuple of name, unit and value."""
    if "POWERTOOLS_METRICS_NAMESPACE" not in os.environ:
        return
    from aws_lambda_powertools.metrics import EphemeralMetrics

    line = EphemeralMetrics()
    for name, unit, value in metrics:
        line.add_metric(name, unit, value)
    if reason:
        line.add_dimensions(service=line.service, reason=reason)
    line.flush_metrics()
