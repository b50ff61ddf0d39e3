import pytest

from app.domain.spelling import find_similar, measure_distance

WORDS = {"b": ["bench", "bicycle", "bird"], "u": ["umbrella"], "c": ["cat"], "e": ["elephant", "elegant"]}


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("dog", "dog", 0),
        ("", "ab", 2),
        ("girafe", "giraffe", 1),
        ("brid", "bird", 1),
        ("bycicle", "bicycle", 2),
        ("beach", "bench", 1),
        ("ca", "abc", 3),
    ],
)
def test_measure_distance_counts_the_mistakes(one: str, other: str, distance: int) -> None:
    assert measure_distance(one, other, 3) == measure_distance(other, one, 3) == distance


def test_measure_distance_over_the_limit_stops() -> None:
    assert measure_distance("elephants", "umbrellas", 2) == 3


@pytest.mark.parametrize(
    ("word", "similar"),
    [
        ("bycicle", ["bicycle"]),
        ("ibrd", ["bird"]),
        ("umbr", ["umbrella"]),
        ("elephent", ["elephant"]),
        ("elepant", ["elegant", "elephant"]),
        ("cta", []),
        ("bunch", ["bench"]),
        ("banch", ["bench"]),
        ("blnchd", ["bench"]),
        ("zzzzzz", []),
    ],
)
def test_find_similar_returns_the_best_words_first(word: str, similar: list[str]) -> None:
    assert find_similar(word, WORDS) == similar
