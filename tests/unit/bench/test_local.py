import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Literal

import pytest

from tests.bench.library import COCO
from tests.bench.local.capture_order import MIDDLE, SMALL_SIZE, YEARS, compose_dated
from tests.bench.local.composition import OLDEST, SMALLEST, Photo, compose
from tests.bench.local.footprint import BLOCK, find_processes, measure_disk, measure_memory
from tests.bench.local.verdicts import Verdict, grow, speed_up, summarize

PAGE_SIZE = 50


@pytest.mark.parametrize(
    ("bound", "target", "is_met"),
    [("<=", 2.0, True), ("<=", 1.9, False), (">=", 2.0, True), (">=", 2.1, False), ("<=", None, None)],
)
def test_verdict_with_target_compares_value(
    bound: Literal["<=", ">="], target: float | None, *, is_met: bool | None
) -> None:
    verdict = Verdict("a read", 2.0, "times", "", target, bound)

    assert verdict.is_met is is_met


def test_verdict_to_figures_names_bound_and_target() -> None:
    figures = Verdict("start", 2.5, "s", "2.4 to 2.6 s", 3).to_figures()

    assert figures == {
        "what": "start",
        "value": 2.5,
        "unit": "s",
        "measured": "2.4 to 2.6 s",
        "target": "<= 3",
        "met": True,
    }


def test_grow_with_three_sizes_compares_medians_with_smallest_library() -> None:
    by_size = {100: [1.0, 2.0, 9.0], 2_000: [3.0, 3.0, 3.0], 5_000: [4.0, 5.0, 4.0]}

    verdict = grow("tags", by_size, 5_000, 2)

    assert (verdict.value, verdict.is_met) == (2.0, True)
    assert verdict.what == "tags: 5,000 photos against 100"
    assert verdict.measured == "4.0 ms against 2.0 ms"


def test_speed_up_with_slow_first_version_returns_ratio_of_medians() -> None:
    verdict = speed_up("tags", [90.0, 100.0, 200.0], [5.0, 4.0, 6.0], 20)

    assert (verdict.value, verdict.bound, verdict.is_met) == (20.0, ">=", True)


def test_summarize_with_speed_ups_returns_their_median() -> None:
    each = [speed_up("a read", [ratio], [1.0], 5) for ratio in (30.0, 6.0, 21.0)]

    verdict = summarize("median", each, 20)

    assert (verdict.value, verdict.is_met, verdict.measured) == (21.0, True, "6.0 to 30.0 times")


def test_compose_with_smallest_library_contains_all_labels() -> None:
    labels = {label for photo in compose(SMALLEST) for label, _, _ in photo.detections}

    assert labels == {label for objects in COCO for label in objects}


def test_compose_with_two_sizes_shares_newest_photos() -> None:
    small, large = list(compose(SMALLEST)), list(islice(compose(5_000), SMALLEST))

    assert [photo.id for photo in small] == [photo.id for photo in large]
    assert small[: SMALLEST - OLDEST] == large[: SMALLEST - OLDEST]


def test_compose_with_any_size_sorts_all_but_oldest_photos() -> None:
    photos = list(compose(500))

    tags = Counter(frozenset(photo.edits) for photo in photos)
    assert tags[frozenset({"indoor", "outdoor"})] == OLDEST
    assert {*photos[-1].edits} == {"indoor", "outdoor"}
    assert tags[frozenset({"indoor", "sorted"})] + tags[frozenset({"outdoor", "sorted"})] == 480


def test_compose_dated_with_two_sizes_fills_equal_pages() -> None:
    small, large = list(compose_dated(SMALL_SIZE)), list(compose_dated(5_000))

    for photos in (small, large):
        assert sum(photo.is_trashed for photo in photos) >= PAGE_SIZE
        assert sum(not photo.taken_at and not photo.is_trashed for photo in photos) >= PAGE_SIZE
        assert sum(photo.taken_at.startswith(MIDDLE) for photo in photos) >= SMALLEST
    assert list_months(small) == list_months(large)
    assert len(list_months(small)) == 12 * YEARS
    assert [photo.taken_at for photo in large] != sorted(photo.taken_at for photo in large)


def list_months(photos: Iterable[Photo]) -> set[str]:
    return {
        photo.taken_at[:7] for photo in photos if photo.taken_at and not photo.is_trashed and "sorted" in photo.edits
    }


def test_measure_disk_with_files_counts_whole_blocks(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    empty = measure_disk(tmp_path)
    (tmp_path / "objects" / "photo").write_bytes(bytes(100_000))

    grown = measure_disk(tmp_path) - empty
    assert grown >= 100_000
    assert grown % BLOCK == 0


def test_find_processes_with_child_returns_both() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        processes = find_processes(os.getpid())
        memory = measure_memory(os.getpid())

    assert {os.getpid(), child.pid} <= {*processes}
    assert len(memory) == len(processes) + 1
    assert all(megabytes > 0 for megabytes in memory.values())
