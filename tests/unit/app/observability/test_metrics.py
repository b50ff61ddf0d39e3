import json
from typing import Any

import pytest

from app.observability import metrics
from app.observability.metrics import Reason
from app.observability.timings import Step, Timings

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "pixtag")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "worker")


@pytest.fixture
def timings() -> Timings:
    """A look that took one second a step."""
    timings = Timings(iter(range(100)).__next__)
    for step in Step:
        with timings.measure(step):
            pass
    return timings


def line(captured: Captured) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(captured.readouterr().out)
    return told


def declared(told: dict[str, Any]) -> tuple[str, list[list[str]], dict[str, str]]:
    """Namespace, sets of dimensions, and the unit of each metric, as CloudWatch reads them."""
    (one,) = told["_aws"]["CloudWatchMetrics"]
    return one["Namespace"], one["Dimensions"], {metric["Name"]: metric["Unit"] for metric in one["Metrics"]}


def test_a_tagged_image_is_counted_with_its_objects_and_the_seconds_of_each_step(
    stack: None, timings: Timings, capsys: Captured
) -> None:
    metrics.count_image("ready", 3, timings)

    told = line(capsys)
    seconds = dict.fromkeys(f"{step}Seconds" for step in ("Read", "Decode", "Detect", "Encode", "Write"))
    units = {"ImagesTagged": "Count", "ObjectsFound": "Count", **dict.fromkeys(seconds, "Seconds")}
    assert declared(told) == ("pixtag", [["service"]], units)
    assert (told["service"], told["ImagesTagged"], told["ObjectsFound"]) == ("worker", [1], [3])
    assert [told[name] for name in seconds] == [[1]] * 5


def test_an_image_that_nobody_looked_at_is_not_counted(stack: None, capsys: Captured) -> None:
    metrics.count_image("ready", 2, Timings())

    assert capsys.readouterr().out == ""


def test_a_failed_image_is_counted_by_its_reason_and_with_all_others(
    stack: None, timings: Timings, capsys: Captured
) -> None:
    metrics.count_image("failed", 0, timings)

    told = line(capsys)
    assert declared(told) == ("pixtag", [["service"], ["service", "reason"]], {"ImagesFailed": "Count"})
    assert (told["service"], told["reason"], told["ImagesFailed"]) == ("worker", Reason.UNREADABLE, [1])


def test_the_age_of_the_outbox_is_told(stack: None, capsys: Captured) -> None:
    metrics.record_outbox_age(61.5)

    told = line(capsys)
    assert declared(told) == ("pixtag", [["service"]], {"OutboxAge": "Seconds"})
    assert told["OutboxAge"] == [61.5]


def test_without_a_stack_nothing_is_counted(timings: Timings, capsys: Captured) -> None:
    metrics.count_image("ready", 2, timings)
    metrics.count_failure(Reason.GIVEN_UP)
    metrics.record_outbox_age(0)

    assert capsys.readouterr().out == ""
