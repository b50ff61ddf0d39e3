import pytest

from app.observability.timings import Step, Timings


def test_seconds_of_repeated_step_are_added() -> None:
    timings = Timings(iter([0.0, 1.0, 1.5, 3.5, 4.0, 4.25]).__next__)

    for step in (Step.WRITE, Step.READ, Step.WRITE):
        with timings.measure(step):
            pass

    assert timings.seconds == {Step.READ: 2.0, Step.WRITE: 1.25}


def test_measure_of_failed_block_records_nothing() -> None:
    timings = Timings()

    with pytest.raises(ValueError, match="broken"), timings.measure(Step.DECODE):
        raise ValueError("broken")

    assert timings.seconds == {}
