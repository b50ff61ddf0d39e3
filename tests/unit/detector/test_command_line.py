import json
import sys
from pathlib import Path

import cv2
import pytest

from detector.__main__ import main
from infra.local.scenes import scene

SCENE = scene(stop_signs=2, clocks=1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with two photographs and a text."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "walk").mkdir()
    (tmp_path / "street.png").write_bytes(SCENE)
    (tmp_path / "walk" / "empty.PNG").write_bytes(scene())
    (tmp_path / "walk" / "notes.txt").write_text("no photograph")
    return tmp_path


Output = pytest.CaptureFixture[str]


def test_a_line_tells_tags_and_time(folder: Path, capsys: Output) -> None:
    status = main(["street.png"])

    assert status == 0
    line = capsys.readouterr().out
    assert line.startswith("street.png  stop sign 2, clock 1   ")
    assert line.endswith(" ms\n")


def test_json_tells_everything(folder: Path, capsys: Output) -> None:
    main(["--json", "street.png"])

    report = json.loads(capsys.readouterr().out)
    assert report["file"] == "street.png"
    assert (report["width"], report["height"]) == (1200, 480)
    assert report["tags"] == {"stop sign": 2, "clock": 1}
    assert {found["label"] for found in report["detections"]} == {"stop sign", "clock"}
    assert report["detections"][0]["confidence"] > 0.9
    assert report["detections"][0]["box"].keys() == {"x1", "y1", "x2", "y2"}
    assert report["milliseconds"] > 0


def test_folders_are_walked_for_photographs(folder: Path, capsys: Output) -> None:
    status = main(["."])

    assert status == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("   ")[0] for line in lines] == [
        "street.png  stop sign 2, clock 1",
        "walk/empty.PNG  nothing found",
    ]


def test_photograph_named_twice_is_looked_at_once(folder: Path, capsys: Output) -> None:
    main(["street.png", "street.png"])

    assert capsys.readouterr().out.count("\n") == 1


def test_unreadable_files_are_named_and_the_rest_done(folder: Path, capsys: Output) -> None:
    status = main(["gone.jpg", "street.png", "walk/notes.txt"])

    output = capsys.readouterr()
    assert status == 1
    assert output.out.startswith("street.png  stop sign 2, clock 1")
    assert output.err == (
        "gone.jpg: No such file or directory\n"
        "walk/notes.txt: This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF picture.\n"
    )


def test_folder_without_photographs_is_named(folder: Path, capsys: Output) -> None:
    (folder / "walk" / "empty.PNG").unlink()

    status = main(["walk"])

    assert status == 1
    assert capsys.readouterr().err == "No photographs in walk.\n"


def test_confidence_decides_what_is_a_tag(folder: Path, capsys: Output) -> None:
    main(["street.png", "--confidence", "1"])

    assert "nothing found" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["a.jpg", "--confidence", "2"], ["a.jpg", "--overlap", "half"]])
def test_wrong_usage_is_explained(arguments: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "usage: python -m detector" in capsys.readouterr().err


def test_copies_with_boxes_lie_as_the_photographs_do(folder: Path) -> None:
    (folder / "walk" / "street.jpg").write_bytes(SCENE)

    main([".", "--boxes", "found"])

    assert sorted(str(file.relative_to(folder)) for file in folder.glob("found/**/*.*")) == [
        "found/street.png.jpg",
        "found/walk/empty.PNG.jpg",
        "found/walk/street.jpg",
    ]
    copy = cv2.imread(str(folder / "found" / "street.png.jpg"))
    assert copy is not None
    assert copy.shape == (480, 1200, 3)


def test_photograph_is_never_overwritten_by_its_copy(folder: Path, capsys: Output) -> None:
    photo = folder / "street.jpg"
    photo.write_bytes(SCENE)

    status = main(["street.jpg", "--boxes", "."])

    assert status == 1
    assert photo.read_bytes() == SCENE
    assert capsys.readouterr().err == "street.jpg: the copy with boxes would overwrite the photograph\n"


def test_a_terminal_sees_how_far_it_is(folder: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    main(["."])

    assert "███████████████░░░░░░░░░░░░░░░ 1 of 2" in capsys.readouterr().err


def test_model_that_is_not_built_is_no_traceback(folder: Path, capsys: Output) -> None:
    status = main(["street.png"], model=folder / "none.onnx")

    assert status == 1
    assert "run `python -m detector build`" in capsys.readouterr().err


def test_build_writes_a_model_that_works(folder: Path, capsys: Output) -> None:
    model = folder / "model" / "tiny.onnx"

    status = main(["build"], model=model)

    assert status == 0
    assert [file.name for file in model.parent.iterdir()] == ["tiny.onnx"]
    assert main(["street.png"], model=model) == 0
    assert "tiny.onnx  yolov3-tiny-int8@5958eec7  11.5 MB\nstreet.png  stop sign 2, clock 1" in capsys.readouterr().out


def test_build_without_the_weights_says_so(folder: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.conversion.published._PACKAGE", "not_installed")

    status = main(["build"], model=folder / "tiny.onnx")

    assert status == 1
    assert "package not_installed, which carries the weights, is not installed" in capsys.readouterr().err
