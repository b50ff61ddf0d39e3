import json
from typing import Any

import pytest

from app.observability import metrics
from app.observability.metrics import Reason
from app.observability.timings import Step, Timings

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "pixtag")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "worker")


@pytest.fixture
def timings() -> Timings:
    """The timings of an image for which each step took a second."""
    timings = Timings(iter(range(100)).__next__)
    for step in Step:
        with timings.measure(step):
            pass
    return timings


def read_line(captured: Captured) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(captured.readouterr().out)
    return line


def read_declaration(line: dict[str, Any]) -> tuple[str, list[list[str]], dict[str, str]]:
    """Return the namespace, the sets of dimensions, and the unit of each metric."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    return (
        directive["Namespace"],
        directive["Dimensions"],
        {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]},
    )


def test_count_tagged_writes_objects_and_seconds_of_each_step(
    namespace: None, timings: Timings, capsys: Captured
) -> None:
    metrics.count_tagged(3, timings)

    line = read_line(capsys)
    seconds = dict.fromkeys(f"{step}Seconds" for step in ("Read", "Decode", "Detect", "Encode", "Write"))
    units = {"ImagesTagged": "Count", "ObjectsFound": "Count", **dict.fromkeys(seconds, "Seconds")}
    assert read_declaration(line) == ("pixtag", [["service"]], units)
    assert (line["service"], line["ImagesTagged"], line["ObjectsFound"]) == ("worker", [1], [3])
    assert [line[name] for name in seconds] == [[1]] * 5


def test_count_of_image_processed_earlier_writes_nothing(namespace: None, capsys: Captured) -> None:
    metrics.count_tagged(2, Timings())
    metrics.count_unreadable(Timings())

    assert capsys.readouterr().out == ""


def test_count_unreadable_writes_its_reason(namespace: None, timings: Timings, capsys: Captured) -> None:
    metrics.count_unreadable(timings)

    line = read_line(capsys)
    assert read_declaration(line) == ("pixtag", [["service"], ["service", "reason"]], {"ImagesFailed": "Count"})
    assert (line["service"], line["reason"], line["ImagesFailed"]) == ("worker", Reason.UNREADABLE, [1])


def test_record_outbox_age_writes_the_age(namespace: None, capsys: Captured) -> None:
    metrics.record_outbox_age(61.5)

    line = read_line(capsys)
    assert read_declaration(line) == ("pixtag", [["service"]], {"OutboxAge": "Seconds"})
    assert line["OutboxAge"] == [61.5]


def test_metrics_without_namespace_write_nothing(timings: Timings, capsys: Captured) -> None:
    metrics.count_tagged(2, timings)
    metrics.count_failure(Reason.GIVEN_UP)
    metrics.record_outbox_age(0)

    assert capsys.readouterr().out == ""
