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
    """The working directory, with two photos and a text file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "walk").mkdir()
    (tmp_path / "street.png").write_bytes(SCENE)
    (tmp_path / "walk" / "empty.PNG").write_bytes(scene())
    (tmp_path / "walk" / "notes.txt").write_text("not a photo")
    return tmp_path


Output = pytest.CaptureFixture[str]


def test_main_prints_a_line_with_tags_and_time(folder: Path, capsys: Output) -> None:
    status = main(["street.png"])

    assert status == 0
    line = capsys.readouterr().out
    assert line.startswith("street.png  stop sign 2, clock 1   ")
    assert line.endswith(" ms\n")


def test_main_with_json_prints_the_whole_report(folder: Path, capsys: Output) -> None:
    main(["--json", "street.png"])

    report = json.loads(capsys.readouterr().out)
    assert report["file"] == "street.png"
    assert (report["width"], report["height"]) == (1200, 480)
    assert report["tags"] == {"stop sign": 2, "clock": 1}
    assert {detection["label"] for detection in report["detections"]} == {"stop sign", "clock"}
    assert report["detections"][0]["confidence"] > 0.9
    assert report["detections"][0]["box"].keys() == {"x1", "y1", "x2", "y2"}
    assert report["milliseconds"] > 0


def test_main_with_a_folder_processes_the_photos_in_it(folder: Path, capsys: Output) -> None:
    status = main(["."])

    assert status == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("   ")[0] for line in lines] == [
        "street.png  stop sign 2, clock 1",
        "walk/empty.PNG  no objects",
    ]


def test_main_with_a_folder_finds_photos_by_their_endings_or_bytes(folder: Path, capsys: Output) -> None:
    for name in ("a.HIF", "b.jfif", "c.jpe", "d.heics", "e", "f.txt"):
        (folder / "walk" / name).write_bytes(SCENE)
    (folder / "walk" / "broken.Jpg").write_bytes(b"?")
    (folder / "walk" / "secret").symlink_to("/proc/self/mem")

    status = main(["walk"])

    output = capsys.readouterr()
    assert status == 1
    assert output.err == "walk/broken.Jpg: This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo.\n"
    assert [line.split("  ")[0] for line in output.out.splitlines()] == [
        *(f"walk/{name}" for name in ("a.HIF", "b.jfif", "c.jpe", "d.heics", "e", "empty.PNG", "f.txt")),
    ]


def test_main_with_a_photo_named_twice_processes_it_once(folder: Path, capsys: Output) -> None:
    main(["street.png", "street.png"])

    assert capsys.readouterr().out.count("\n") == 1


def test_main_with_unreadable_files_names_them_and_processes_the_others(folder: Path, capsys: Output) -> None:
    status = main(["gone.jpg", "street.png", "walk/notes.txt"])

    output = capsys.readouterr()
    assert status == 1
    assert output.out.startswith("street.png  stop sign 2, clock 1")
    assert output.err == (
        "gone.jpg: No such file or directory\nwalk/notes.txt: This is not a JPEG, PNG, WebP, GIF, HEIC or AVIF photo.\n"
    )


def test_main_with_a_folder_without_photos_fails(folder: Path, capsys: Output) -> None:
    (folder / "walk" / "empty.PNG").unlink()

    status = main(["walk"])

    assert status == 1
    assert capsys.readouterr().err == "No photos in walk.\n"


def test_main_with_confidence_1_prints_no_tags(folder: Path, capsys: Output) -> None:
    main(["street.png", "--confidence", "1"])

    assert "no objects" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["a.jpg", "--confidence", "2"], ["a.jpg", "--overlap", "half"]])
def test_main_with_invalid_arguments_prints_the_usage(arguments: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)

    assert exit_info.value.code == 2
    assert "usage: python -m detector" in capsys.readouterr().err


def test_main_with_boxes_writes_copies_in_the_same_subfolders(folder: Path) -> None:
    (folder / "walk" / "street.jpg").write_bytes(SCENE)

    main([".", "--boxes", "boxes"])

    assert sorted(str(file.relative_to(folder)) for file in folder.glob("boxes/**/*.*")) == [
        "boxes/street.png.jpg",
        "boxes/walk/empty.PNG.jpg",
        "boxes/walk/street.jpg",
    ]
    copy = cv2.imread(str(folder / "boxes" / "street.png.jpg"))
    assert copy is not None
    assert copy.shape == (480, 1200, 3)


def test_main_with_boxes_never_overwrites_a_photo(folder: Path, capsys: Output) -> None:
    photo = folder / "street.jpg"
    photo.write_bytes(SCENE)

    status = main(["street.jpg", "--boxes", "."])

    assert status == 1
    assert photo.read_bytes() == SCENE
    assert (
        capsys.readouterr().err
        == "street.jpg: The copy would overwrite the photo. Choose another folder with --boxes.\n"
    )


def test_main_on_a_terminal_shows_a_progress_bar(folder: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    main(["."])

    assert "███████████████░░░░░░░░░░░░░░░ 1 of 2" in capsys.readouterr().err


def test_main_without_a_model_says_how_to_build_one(folder: Path, capsys: Output) -> None:
    status = main(["street.png"], model=folder / "none.onnx")

    assert status == 1
    assert "Run `python -m detector build`" in capsys.readouterr().err


def test_build_writes_a_model_that_detects_objects(folder: Path, capsys: Output) -> None:
    model = folder / "model" / "tiny.onnx"

    status = main(["build"], model=model)

    assert status == 0
    assert [file.name for file in model.parent.iterdir()] == ["tiny.onnx"]
    assert main(["street.png"], model=model) == 0
    assert "tiny.onnx  yolov3-tiny-int8@5958eec7  11.5 MB\nstreet.png  stop sign 2, clock 1" in capsys.readouterr().out


def test_build_without_the_weights_fails(folder: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.conversion.published._PACKAGE", "not_installed")

    status = main(["build"], model=folder / "tiny.onnx")

    assert status == 1
    assert "package not_installed, which contains the weights, is not installed" in capsys.readouterr().err
