"""Metrics: lines in the log of the worker that CloudWatch counts (its embedded metric format, EMF).

The stack's name is their namespace, by `POWERTOOLS_METRICS_NAMESPACE`; without one, as on a laptop, nothing is counted.
The dimension `service` is `POWERTOOLS_SERVICE_NAME`.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import os
from enum import StrEnum

from app.domain.images import Image, State
from app.observability.timings import Step, Steps


class Reason(StrEnum):
    """Why an image failed: the dimension `reason`, so that there are few."""

    UNREADABLE = "unreadable"  # no photograph, or none that PixTag reads
    GIVEN_UP = "given_up"  # every try failed, or ended the process


def count_look(image: Image, steps: Steps) -> None:
    """Count an image that was looked at: tagged, with its objects and the seconds of each step, or failed."""
    seconds = steps.seconds
    if image.state is State.FAILED and Step.WRITE in seconds:  # else it had failed before
        count_failure(Reason.UNREADABLE)
    elif image.state is State.READY and Step.DETECT in seconds:
        _write(
            ("ImagesTagged", "Count", 1),
            ("ObjectsFound", "Count", sum(image.tags.values())),
            *((f"{step.capitalize()}Seconds", "Seconds", taken) for step, taken in seconds.items()),
        )


def count_failure(reason: Reason) -> None:
    """Count an image that failed: by its reason, and with all others."""
    _write(("ImagesFailed", "Count", 1), reason=reason)


def tell_outbox_age(seconds: float) -> None:
    """Tell for how long the oldest work that is due has waited; 0 if nothing is due."""
    _write(("OutboxAge", "Seconds", seconds))


def _write(*measured: tuple[str, str, float], reason: Reason | None = None) -> None:
    """Write one line of these metrics, each a name, a unit and a value."""
    if "POWERTOOLS_METRICS_NAMESPACE" not in os.environ:
        return
    from aws_lambda_powertools.metrics import EphemeralMetrics

    metrics = EphemeralMetrics()
    for name, unit, value in measured:
        metrics.add_metric(name, unit, value)
    if reason:
        metrics.add_dimensions(service=metrics.service, reason=reason)
    metrics.flush_metrics()
