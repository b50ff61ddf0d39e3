from collections.abc import Iterator

import pytest

from detector import BoundingBox, Detection
from tests.bench.certainty import Pair
from tests.bench.comparison import Difference, compare, report, score

BOX = BoundingBox(0, 0, 1, 1)


def detections(labels: str) -> list[Detection]:
    return [Detection(label, 0.5, BOX) for label in labels.split()]


def pair(detected: str, labelled: str) -> Pair:
    return detections(detected), detections(labelled)


def photos(*detected: str, labelled: str = "cat cat dog") -> Iterator[Pair]:
    return (pair(each, labelled) for each in detected)


def test_score_counts_tags_and_objects_over_all_photos() -> None:
    pairs = [pair("cat cat", "cat dog"), pair("dog", "dog dog dog"), pair("", ""), pair("cow", "")]

    precision, tag_f1, count_f1 = score(pairs)

    assert precision == pytest.approx(2 / 3)  # cat and dog are correct, cow is not
    assert tag_f1 == pytest.approx(2 * 2 / (3 + 3))
    assert count_f1 == pytest.approx(2 * 2 / (4 + 5))


def test_score_without_detections_is_0() -> None:
    assert score([pair("", "cat")]) == (0, 0, 0)


def test_compare_of_equal_models_has_empty_intervals() -> None:
    pairs = list(photos("cat", "cat cat dog", "dog"))

    assert compare(pairs, pairs)["count f1"] == Difference(2 * 5 / (5 + 9), 2 * 5 / (5 + 9), 0, 0)


def test_compare_of_a_model_that_is_better_on_each_photo_excludes_0() -> None:
    worse, better = photos(*["cat"] * 20), photos(*["cat cat"] * 10, *["cat cat dog"] * 10)

    difference = compare(list(worse), list(better))["count f1"]

    assert 0 < difference.low < difference.second - difference.first < difference.high


def test_compare_uses_the_same_photos_for_both_models() -> None:
    # The photos differ much more than the models do, which would widen an unpaired interval.
    detected = ["cat cat dog"] * 20 + ["cow"] * 20
    improved = ["cat cat dog"] * 20 + ["cow cat"] * 20

    difference = compare(list(photos(*detected)), list(photos(*improved)))["tag f1"]

    assert difference.high - difference.low < 0.15


def test_compare_of_models_that_are_better_on_half_of_the_photos_includes_0() -> None:
    first, second = photos(*["cat"] * 10, *["cat cat"] * 10), photos(*["cat cat"] * 10, *["cat"] * 10)

    difference = compare(list(first), list(second))["count f1"]

    assert difference.low < 0 < difference.high


def test_report_shows_both_models_and_the_interval(capsys: pytest.CaptureFixture[str]) -> None:
    report("one@1", "two@2", {"count f1": Difference(0.6, 0.65, -0.01, 0.11)})

    output = capsys.readouterr().out
    assert "one@1" in output
    assert "two@2" in output
    assert all(cell in output for cell in ("0.600", "0.650", "+0.050", "-0.010 to +0.110"))
