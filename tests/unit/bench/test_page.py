import json
from typing import Any

import pytest

from tests.bench import page


def make_target(**changes: Any) -> dict[str, Any]:
    target = {"name": "a read", "ratio": 2.0, "floor": 1.5, "stretch": 3.0, "better": "higher", "detail": "5 ms"}
    return target | changes


def test_benchmarks_page_matches_figures() -> None:
    figures = json.loads(page.FIGURES.read_text())

    assert page.PAGE.read_text() == page.render_page(figures), "run python -m tests.bench.page"


@pytest.mark.parametrize(
    ("better", "ratio", "floor", "stretch", "reached"),
    [
        ("higher", 3.0, 2, 3, "stretch"),
        ("higher", 2.9, 2, 3, "floor"),
        ("higher", 1.9, 2, 3, "no"),
        ("lower", 0.75, 0.85, 0.75, "stretch"),
        ("lower", 0.85, 0.85, 0.75, "floor"),
        ("lower", 0.86, 0.85, 0.75, "no"),
    ],
)
def test_ratio_of_a_target_reaches_a_goal(
    better: str, ratio: float, floor: float, stretch: float, reached: str
) -> None:
    target = make_target(better=better, ratio=ratio, floor=floor, stretch=stretch)

    assert page.find_reached(target) == reached


def test_page_explains_missed_targets_and_accepts_parts_without_targets() -> None:
    figures = json.loads(page.FIGURES.read_text())
    targets = [
        make_target(arithmetic="Reached."),
        make_target(name="a start", ratio=0.956, floor=0.85, stretch=0.75, better="lower", arithmetic="Imports."),
    ]
    parts = {name: {**part, "targets": []} for name, part in figures.items()}
    del parts["outbox"]["targets"]

    text = page.render_page({**parts, "api": {**parts["api"], "targets": targets}})

    assert "| a read | 2 | >= 1.5 | >= 3 | floor | 5 ms |" in text
    assert "| a start | 0.956 | <= 0.85 | <= 0.75 | **no** | 5 ms |\n\n**a start.** Imports.\n" in text
    assert "Reached." not in text


def test_verdict_of_one_machine_is_a_row() -> None:
    verdicts = [
        {"what": "a read", "value": 1.234, "unit": "times", "target": "<= 1.5", "met": True, "measured": "5 ms"},
        {"what": "another", "value": 6.0, "unit": "times", "target": None, "met": None, "measured": "7 ms"},
    ]

    assert page.render_verdicts(verdicts).splitlines()[2:] == [
        "| a read | 1.23 times | <= 1.5 | yes | 5 ms |",
        "| another | 6 times |  |  | 7 ms |",
    ]
