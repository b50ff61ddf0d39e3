import pytest

from app.observability.timings import Step, Timings


def test_each_step_counts_from_its_beginning_to_its_end_and_parts_add_up() -> None:
    steps = Timings(iter([0.0, 1.0, 1.5, 3.5, 4.0, 4.25]).__next__)

    for step in (Step.WRITE, Step.READ, Step.WRITE):
        with steps.measure(step):
            pass

    assert steps.seconds == {Step.READ: 2.0, Step.WRITE: 1.25}


def test_a_step_that_fails_was_not_taken() -> None:
    steps = Timings()

    with pytest.raises(ValueError, match="broken"), steps.measure(Step.DECODE):
        raise ValueError("broken")

    assert steps.seconds == {}
