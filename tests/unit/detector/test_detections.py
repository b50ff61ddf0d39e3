import subprocess
import sys

import pytest

from detector import BoundingBox, Detection, tally

ANY_BOX = BoundingBox(0, 0, 1, 1)


def test_tally_sorts_labels_by_count_and_then_by_name() -> None:
    labels = ["dog", "person", "cat", "person"]

    counts = tally(Detection(label, 0.5, ANY_BOX) for label in labels)

    assert list(counts.items()) == [("person", 2), ("cat", 1), ("dog", 1)]


def test_tally_without_detections_is_empty() -> None:
    assert tally([]) == {}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (BoundingBox(0, 0, 10, 10), 1),
        (BoundingBox(5, 0, 15, 10), 1 / 3),
        (BoundingBox(2, 2, 7, 12), 40 / 110),
        (BoundingBox(10, 0, 20, 10), 0),
        (BoundingBox(30, 30, 40, 40), 0),
        (BoundingBox(3, 3, 3, 3), 0),
    ],
)
def test_overlap_of_two_boxes_is_their_intersection_over_union(other: BoundingBox, expected: float) -> None:
    box = BoundingBox(0, 0, 10, 10)

    assert box.overlap(other) == other.overlap(box) == pytest.approx(expected)


def test_import_of_the_package_loads_no_heavy_library() -> None:
    code = "import sys, detector; print({'numpy', 'cv2', 'onnxruntime', 'PIL'} & sys.modules.keys())"

    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert process.stdout == "set()\n"
