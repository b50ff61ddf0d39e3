import subprocess
import sys

from detector import BoundingBox, Detection, tally

SOMEWHERE = BoundingBox(0, 0, 1, 1)


def test_tally_counts_labels_most_frequent_first_then_by_name() -> None:
    labels = ["dog", "person", "cat", "person"]

    counts = tally(Detection(label, 0.5, SOMEWHERE) for label in labels)

    assert list(counts.items()) == [("person", 2), ("cat", 1), ("dog", 1)]


def test_tally_of_nothing_is_empty() -> None:
    assert tally([]) == {}


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = "import sys, detector; print({'numpy', 'cv2', 'onnxruntime', 'PIL'} & sys.modules.keys())"

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert finished.stdout == "set()\n"
