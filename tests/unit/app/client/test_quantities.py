import pytest

from app.client.quantities import count, format_duration, format_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (2_653_184_512, "2.7 GB"),
        (3.2e15, "3,200.0 TB"),
    ],
)
def test_size_has_the_largest_unit(size: float, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (840, "14 min"), (5_400, "1.5 h")])
def test_duration_has_one_unit(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_count_has_the_right_form_of_the_noun() -> None:
    assert (count(1, "photo"), count(0, "photo"), count(1_204, "photo")) == ("1 photo", "0 photos", "1,204 photos")
