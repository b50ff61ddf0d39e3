import os
from pathlib import Path

import pytest

from app.client.walk import FoundFile, Walk


def walk(*paths: Path) -> tuple[list[str], list[tuple[str, str]]]:
    files = Walk([str(path) for path in paths])
    found = [file.path for file in files]
    return found, files.problems


def test_walk_yields_files_with_their_status(tmp_path: Path) -> None:
    photo = tmp_path / "beach.jpg"
    photo.write_bytes(b"photo")
    status = photo.stat()

    assert list(Walk([str(tmp_path)])) == [FoundFile(str(photo), 5, status.st_mtime_ns, status.st_ino)]


def test_walk_is_sorted_and_leaves_out_hidden_files(tmp_path: Path) -> None:
    names = ["b/2.jpg", "b/1.jpg", "a.jpg", ".hidden.jpg", ".cache/3.jpg"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    found, problems = walk(tmp_path)

    assert found == [str(tmp_path / name) for name in ("a.jpg", "b/1.jpg", "b/2.jpg")]
    assert problems == []


def test_walk_takes_a_hidden_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / ".hidden.jpg").touch()

    assert walk(tmp_path / ".hidden.jpg") == ([str(tmp_path / ".hidden.jpg")], [])


def test_walk_with_the_same_folder_twice_yields_its_files_once(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()

    assert walk(tmp_path, tmp_path) == ([str(tmp_path / "a.jpg")], [])


def test_walk_follows_a_link_to_a_folder_once_and_prefers_real_paths(tmp_path: Path) -> None:
    (tmp_path / "photos" / "z").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "photos" / "z" / "1.jpg").touch()
    (tmp_path / "outside" / "2.jpg").touch()
    (tmp_path / "photos" / "a").symlink_to(tmp_path / "photos" / "z")
    (tmp_path / "photos" / "b").symlink_to(tmp_path / "outside")
    (tmp_path / "photos" / "c").symlink_to(tmp_path / "outside")

    found, problems = walk(tmp_path / "photos")

    assert found == [str(tmp_path / "photos" / name) for name in ("z/1.jpg", "b/2.jpg")]
    assert problems == []


def test_walk_names_loops_and_broken_links(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jpg").touch()
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to("itself")
    (tmp_path / "nowhere").symlink_to("missing")

    found, problems = walk(tmp_path)

    assert found == [str(tmp_path / "a" / "1.jpg")]
    assert problems == [
        (str(tmp_path / "itself"), "Too many levels of symbolic links."),
        (str(tmp_path / "nowhere"), "No such file or directory."),
        (str(tmp_path / "a" / "up"), "The link leads to a folder that contains it."),
    ]


def test_walk_names_missing_and_closed_folders_and_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open.jpg").touch()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root may open all folders

    found, problems = walk(tmp_path / "missing", tmp_path)

    assert found == [str(tmp_path / "open.jpg")]
    assert problems == [
        (str(tmp_path / "missing"), "No such file or directory."),
        (str(tmp_path / "closed"), "Permission denied."),
    ]


def test_walk_leaves_out_devices_and_pipes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")

    assert walk(tmp_path, tmp_path / "pipe.jpg", Path(os.devnull)) == ([], [])
