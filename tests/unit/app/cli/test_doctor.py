import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import wiring
from app.cli.doctor import find_progress_file
from app.cli.main import main
from app.domain.errors import Unavailable
from app.domain.ids import Rendition, new_id
from app.domain.images import Image
from app.services.doctor import object_check
from app.settings import LocalSettings
from tests.support.aws import MotoData, connect_aws, make_resources
from tests.support.breakage import LocalBreaker, MotoBreaker
from tests.support.fakes import Clock, FakeDetector
from tests.support.injected_fault import InjectedFault, fail
from tests.support.libraries import EMAIL, Library
from tests.support.local_invariants import check_local_invariants
from tests.support.local_stores import use_local_stores
from tests.support.services import Services
from tests.support.stored_data import LocalData, before_call
from tests.support.tokens import SETTINGS


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def library(data: Path, detector: FakeDetector) -> Iterator[Library]:
    """A library that the commands use."""
    detector.sees = {"dog": 1}
    with use_local_stores(data, detector) as stores:
        stores.folder.prepare()
        yield Library(Services(stores, lambda: detector, ""), LocalData(data))


@pytest.fixture
def ready(library: Library, photo: bytes) -> Image:
    return library.add_photo(library.add_account(), photo)


def run_doctor(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    """Run `pixtag doctor` with these arguments, and return its exit status or message."""
    monkeypatch.setattr(sys, "argv", ["pixtag", "doctor", *arguments])
    with pytest.raises(SystemExit) as error:
        main()
    return error.value.code


def test_doctor_of_an_intact_library(
    ready: Image, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_doctor(monkeypatch, "--verify") == 0

    assert capsys.readouterr() == ("Checked 1 library with 1 photo. Everything is in order.\n", "")


def test_doctor_reports_and_repairs(
    ready: Image, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    breaker = LocalBreaker(data)
    breaker.lose_index_row(0)
    breaker.lose_object(0, Rendition.PREVIEW)

    statuses = [run_doctor(monkeypatch, *arguments) for arguments in ([], ["--repair"], ["--repair"])]

    index = f"{EMAIL}: The tag index of the photo beach.jpg ({ready.id}) lacks dog."
    preview = f"{EMAIL}: The preview of the photo beach.jpg ({ready.id}) is missing or damaged."
    assert statuses == [1, 0, 0]
    assert capsys.readouterr().out.splitlines() == [
        index,
        preview,
        "Checked 1 library with 1 photo. 2 differences. `pixtag doctor --repair` repairs what can be repaired.",
        f"{index} Repaired.",
        f"{preview} Repaired.",
        "Checked 1 library with 1 photo. 2 differences, 2 repaired.",
        "Checked 1 library with 1 photo. Everything is in order.",
    ]
    check_local_invariants(data)


def test_doctor_with_a_lost_original_has_status_1(
    ready: Image, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    LocalBreaker(data).put_object(ready.owner, ready.id, Rendition.ORIGINAL, b"altered")

    assert run_doctor(monkeypatch, "--repair") == 1

    text = f"The original of the photo beach.jpg ({ready.id}) has another size than the upload. Not repaired."
    assert capsys.readouterr().out.splitlines() == [
        f"{EMAIL}: {text} Upload the same file again, restore it from a backup, or delete the photo in PixTag.",
        "Checked 1 library with 1 photo. 1 difference, 0 repaired.",
    ]


def test_doctor_loads_the_model_only_for_an_unknown_photo(
    library: Library, ready: Image, data: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.stores.objects.delete(Rendition.INCOMING.key(ready.owner, ready.id))
    monkeypatch.setattr(object_check, "time", Clock(3600))
    LocalBreaker(data).put_object(ready.owner, new_id(), Rendition.ORIGINAL, photo + b"unknown")

    assert run_doctor(monkeypatch, "--repair") == 0

    check_local_invariants(data)


def test_interrupted_doctor_continues(
    library: Library,
    ready: Image,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    LocalBreaker(data).lose_total(0)
    monkeypatch.setattr(sys, "argv", ["pixtag", "doctor"])
    with before_call(library.stores.objects, "list_entries", fail), pytest.raises(InjectedFault):
        main()
    output = capsys.readouterr()
    [line] = output.out.splitlines()
    assert output.err == ""
    assert line.startswith(f"{EMAIL}: The total of the tag dog is 0 photos")

    assert run_doctor(monkeypatch) == 1

    assert capsys.readouterr().out.splitlines() == [
        "Continuing the check that was interrupted.",
        "Checked 1 library with 1 photo. 1 difference. `pixtag doctor --repair` repairs what can be repaired.",
    ]
    assert not (data / "doctor.json").exists()


@pytest.mark.parametrize("has_account", [True, False])
def test_doctor_names_a_folder_that_cannot_be_read_and_checks_the_other_libraries(
    library: Library,
    data: Path,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    has_account: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    for email in (EMAIL, "grace@example.com"):
        library.add_photo(library.add_account(email), photo)
    owners = sorted(path.name for path in (data / "objects" / "originals").iterdir())
    folder = "objects/originals/" + (owners[0] if has_account else "0-without-account")
    (data / folder).mkdir(exist_ok=True)
    LocalBreaker(data).lose_object(0, Rendition.THUMBNAIL)
    LocalBreaker(data).lose_object(0, Rendition.THUMBNAIL)
    list_folder = os.listdir

    def fail_or_list(path: Path) -> list[str]:
        if path == data / folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return list_folder(path)

    monkeypatch.setattr(os, "listdir", fail_or_list)

    assert run_doctor(monkeypatch, "--repair") == 1

    *findings, summary = capsys.readouterr().out.splitlines()
    text = f"The folder {folder} in the data folder cannot be read: Permission denied. So the files of this library"
    assert len([finding for finding in findings if text in finding]) == 1
    assert len([finding for finding in findings if finding.endswith(" Repaired.")]) == (1 if has_account else 2)
    assert summary.startswith(f"Checked {2 if has_account else 3} libraries with {1 if has_account else 2} photo")


def test_interrupted_doctor_says_so(
    library: Library, ready: Image, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with before_call(library.stores.objects, "list_entries", interrupt):
        assert run_doctor(monkeypatch) == 130

    assert "The check is not complete. Run the same command again to continue it." in capsys.readouterr().err


def test_doctor_that_a_store_ends_says_so(
    library: Library, ready: Image, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def end() -> None:
        raise Unavailable

    with before_call(library.stores.objects, "list_entries", end):
        assert run_doctor(monkeypatch) == str(Unavailable())

    assert "The check is not complete. Run the same command again to continue it." in capsys.readouterr().err


def test_doctor_with_a_damaged_image_goes_on(
    library: Library,
    ready: Image,
    data: Path,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    library.add_photo(ready.owner, photo + b"other")
    LocalBreaker(data).lose_object(1, Rendition.PREVIEW)

    with LocalBreaker(data).damage(ready.id):
        assert run_doctor(monkeypatch, "--repair") == 1

    damaged, preview, summary = capsys.readouterr().out.splitlines()
    assert damaged.startswith(f"{EMAIL}: The database entry of the photo {ready.id} is damaged.")
    assert damaged.endswith("Not repaired. Go back to a copy of the database with `pixtag recover COPY`.")
    assert preview.endswith(" is missing or damaged. Repaired.")
    assert summary == "Checked 1 library with 1 photo. 2 differences, 1 repaired."


def test_doctor_without_a_library_fails(
    tmp_path: Path, detector: FakeDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    with use_local_stores(tmp_path, detector):
        assert "contains no PixTag library" in run_doctor(monkeypatch)


def test_doctor_during_a_restore_fails(library: Library, ready: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    library.stores.backups.begin_restore("backup")

    assert "is not finished" in run_doctor(monkeypatch)


def test_doctor_on_aws(
    aws: None,
    tmp_path: Path,
    detector: FakeDetector,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_resources()
    library = Library(connect_aws(lambda: detector), MotoData())
    detector.sees = {"dog": 1}
    for name, value in {"stores": library.stores, "settings": SETTINGS, "find_local_settings": None}.items():
        monkeypatch.setattr(wiring, name, lambda value=value: value)
    monkeypatch.setattr(wiring, "ingest", lambda: library.services.ingest)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    library.add_photo(library.add_account(), photo)
    MotoBreaker().lose_total(0)
    MotoBreaker().lose_object(0, Rendition.THUMBNAIL)

    assert run_doctor(monkeypatch, "--repair", "--verify") == 0

    assert capsys.readouterr().out.splitlines()[-1] == "Checked 1 library with 1 photo. 2 differences, 2 repaired."
    library.stored.check()


def test_progress_is_in_the_data_folder_or_in_the_folder_for_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/ada")

    assert find_progress_file(LocalSettings(data=Path("photos"))) == Path("photos/doctor.json")
    assert find_progress_file(SETTINGS) == Path(f"/ada/.local/state/pixtag/doctor-{SETTINGS.table}.json")
