import io
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest
import typer
from botocore.exceptions import ClientError

from app import wiring
from app.cli import backups
from app.cli.main import main
from app.domain.backups import BackupError
from app.domain.errors import StartFailed, StorageFull, Unavailable
from app.domain.ids import Rendition
from app.local_instance import local_instance
from app.services.backups.archive import verify
from app.services.library import Library as LibraryService
from tests.support.aws import MotoData, connect_aws, make_resources
from tests.support.backups import use_cheap_passphrases
from tests.support.damaged_values import LocalDamage
from tests.support.fakes import FakeDetector
from tests.support.libraries import EMAIL, PASSWORD, Library
from tests.support.local_invariants import check_local_invariants
from tests.support.local_stores import use_local_stores
from tests.support.services import Services
from tests.support.stored_data import LocalData, before_call, unreadable

PASSPHRASE = "a secret of seven words"


@pytest.fixture(autouse=True)
def keep_signals() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    use_cheap_passphrases(monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "library.backup"


@pytest.fixture
def library(tmp_path: Path, detector: FakeDetector, photo: bytes) -> Iterator[Library]:
    """A library with one photo of one account, which the commands use."""
    detector.sees = {"dog": 1}
    data = tmp_path / "data"
    with use_local_stores(data, detector) as stores:
        stores.folder.prepare()
        library = Library(Services(stores, lambda: detector, ""), LocalData(data))
        library.add_photo(library.add_account(), photo)
        yield library


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: object, text: bytes = b"") -> Any:
    """Run `pixtag` with these arguments and this standard input, and return its exit status or message."""
    monkeypatch.setattr(sys, "argv", ["pixtag", *map(str, arguments)])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    with pytest.raises(SystemExit) as error:
        main()
    return error.value.code


def restore(monkeypatch: pytest.MonkeyPatch, file: Path, folder: Path, *arguments: str, text: bytes = b"") -> Any:
    """Restore the file into the folder."""
    with use_local_stores(folder, FakeDetector()):
        return run_main(monkeypatch, "restore", file, *arguments, text=text)


def test_backup_and_restore(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(monkeypatch, "backup", file) == 0
    assert restore(monkeypatch, file, tmp_path / "restored") == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Wrote {file}, 0.0 MB: 1 account, 1 photo.")
    assert lines[1:] == [
        f"Restore it into an empty library with `pixtag restore {file}`.",
        "Restored 1 account, 1 photo.",
        "Start PixTag with `pixtag run`. Everyone needs to sign in again.",
    ]
    check_local_invariants(tmp_path / "restored")
    with use_local_stores(tmp_path / "restored", FakeDetector()) as stores:
        assert stores.accounts.sign_in(EMAIL, PASSWORD).access_token
        [account] = stores.account_admin.list_accounts()
        assert account.is_admin


def test_printed_commands_work_with_the_files_and_folders_of_the_options(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder = tmp_path / "my backup", tmp_path / "my library"

    assert run_main(monkeypatch, "backup", file) == 0
    assert restore(monkeypatch, file, folder, "--data", str(folder)) == 0

    output = capsys.readouterr().out
    assert f"with `pixtag restore '{file}'`." in output
    assert f"Start PixTag with `pixtag run --data '{folder}'`." in output


@pytest.mark.parametrize("arguments", [["--passphrase-stdin"], ["--encrypt", "--passphrase-stdin"]])
def test_encrypted_backup_and_restore(
    library: Library, file: Path, tmp_path: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    text = f"{PASSPHRASE}\r\n".encode()
    library.add_photo(library.find_owner(), photo + bytes(300_000))

    assert run_main(monkeypatch, "backup", file, *arguments, text=text) == 0
    assert restore(monkeypatch, file, tmp_path / "restored", "--passphrase-stdin", text=text) == 0

    with pytest.raises(BackupError, match="is not a backup"):
        verify(io.BytesIO(file.read_bytes()))
    check_local_invariants(tmp_path / "restored")


def test_passphrase_is_asked_twice_for_a_backup_and_once_for_a_restore(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def prompt(text: str, *, hide_input: bool, confirmation_prompt: bool) -> str:
        assert (text, hide_input) == ("Passphrase", True)
        asked.append(confirmation_prompt)
        return PASSPHRASE

    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(backups, "sys", SimpleNamespace(stdin=terminal, stderr=sys.stderr))

    backups.write_backup(file, encrypt=True, passphrase_stdin=False)
    with use_local_stores(tmp_path / "restored", FakeDetector()):
        backups.restore_backup(file, passphrase_stdin=False)

    assert asked == [True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"short\n", "A passphrase has at least 8 characters. Choose a longer one."),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\n", "The passphrase is not text in UTF-8. Choose another."),
    ],
)
def test_backup_with_an_impossible_passphrase_says_so(
    library: Library, file: Path, monkeypatch: pytest.MonkeyPatch, text: bytes, message: str
) -> None:
    assert run_main(monkeypatch, "backup", file, "--passphrase-stdin", text=text) == message
    assert not file.exists()


def test_commands_without_a_terminal_say_how_to_give_the_passphrase(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "There is no terminal to ask for the passphrase in. Use --passphrase-stdin."

    assert run_main(monkeypatch, "backup", file, "--encrypt") == message
    run_main(monkeypatch, "backup", file, "--passphrase-stdin", text=PASSPHRASE.encode())
    assert restore(monkeypatch, file, tmp_path / "restored") == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"wrong", "The passphrase is wrong, or the file is damaged."), (b"\n", "the passphrase is empty")],
)
def test_restore_with_a_wrong_passphrase_restores_nothing(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes, expected: str
) -> None:
    run_main(monkeypatch, "backup", file, "--passphrase-stdin", text=PASSPHRASE.encode())

    message = restore(monkeypatch, file, tmp_path / "restored", "--passphrase-stdin", text=text)

    assert expected in str(message)
    assert not (tmp_path / "restored").exists()


def list_objects(folder: Path) -> list[Path]:
    return [path for path in folder.glob("objects/**/*") if path.is_file()]


def test_backup_to_an_existing_file_is_refused(library: Library, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("old")

    assert "already exists. Choose another name" in run_main(monkeypatch, "backup", file)
    assert file.read_text() == "old"


def test_backup_to_a_folder_or_without_a_name_is_refused(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    for name in ("", tmp_path):
        assert run_main(monkeypatch, "backup", name) == (
            f"{tmp_path} is a folder. Name a new file, such as pixtag.backup."
        )


def test_backup_with_too_long_a_name_is_refused(library: Library, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file.with_name("a" * 300)

    assert (
        run_main(monkeypatch, "backup", path) == f"{path} cannot be written: File name too long. Choose another name."
    )


def test_backup_into_the_data_folder_is_refused(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "data")

    for file in (tmp_path / "data" / "backup", tmp_path / "link" / "backup"):
        assert "is in the data folder. Choose a place outside of it" in run_main(monkeypatch, "backup", file)


def test_backup_without_a_library_says_so(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with use_local_stores(tmp_path / "data", FakeDetector()):
        assert "contains no PixTag library" in run_main(monkeypatch, "backup", file)


def test_backup_of_a_library_on_a_failing_disk_writes_nothing_to_it(
    library: Library, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []
    create = tempfile.TemporaryFile

    def create_recorded(*, dir: Path) -> IO[bytes]:  # noqa: A002 - the name of the real parameter
        folders.append(dir)
        return create(dir=dir)

    monkeypatch.setattr(tempfile, "TemporaryFile", create_recorded)

    assert run_main(monkeypatch, "backup", file) == 0

    assert set(folders) == {file.parent}


def test_backup_on_a_full_disk_leaves_no_file(library: Library, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        message = run_main(patch, "backup", file)

    assert message == f"There is no space left for {file}. Free space, or choose another disk. No file was written."
    assert not list(file.parent.glob("library.backup*"))
    assert run_main(monkeypatch, "backup", file) == 0


def test_backup_that_misses_photos_ends_with_status_1(
    library: Library, file: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner, bob = library.find_owner(), library.add_account("bob@example.com")
    lost, altered, damaged = (library.add_photo(owner, photo + bytes([number])) for number in range(3))
    library.add_photo(bob, photo)
    stores: Any = library.stores
    stores.account_admin.delete(bob)
    stores.objects.delete(Rendition.ORIGINAL.key(owner, lost.id))
    (stores.folder.path / "objects" / Rendition.ORIGINAL.key(owner, altered.id)).write_bytes(b"altered")
    key = Rendition.ORIGINAL.key(owner, damaged.id)

    with unreadable(library.services.objects, key):
        assert run_main(monkeypatch, "backup", file) == 1

    assert capsys.readouterr().err.splitlines() == [
        (
            f"The photos of {bob} have no account, so they are not in the backup."
            f" Run `pixtag user add ADDRESS --owner {bob}`, then make another backup."
        ),
        f"The original of the photo {lost.id} is lost, so this photo is not in the backup.",
        f"objects/{key} cannot be read, so it is not in the backup.",
        f"The original of the photo {altered.id} was changed on the disk.",
    ]


def test_backup_with_damaged_rows_names_them_and_ends_with_status_1(
    library: Library,
    file: Path,
    tmp_path: Path,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    owner = library.find_owner()
    image = library.add_photo(owner, photo + b"2")
    LocalDamage(tmp_path / "data").damage("image", image.id, "sha256", "not hexadecimal")
    make_unlistable(monkeypatch, library, Rendition.INCOMING.key(owner, ""))

    assert run_main(monkeypatch, "backup", file) == 1
    errors = capsys.readouterr().err.splitlines()
    assert restore(monkeypatch, file, tmp_path / "restored") == 0

    assert errors == [
        (
            f"The folder objects/incoming/{owner}/ cannot be listed."
            " The backup lacks its files that have no database entry."
        ),
        (
            f"The database entry of the photo {image.id} is damaged."
            " The backup has its original as a new upload, without the changes of people."
        ),
        backups.UNCHANGED,
    ]
    assert "2 photos" in capsys.readouterr().out


def make_unlistable(monkeypatch: pytest.MonkeyPatch, library: Library, folder: str) -> None:
    list_keys = library.services.objects.list_keys

    def fail_or_list(prefix: str) -> Iterator[str]:
        if prefix == folder:
            raise Unavailable
        return list_keys(prefix)

    monkeypatch.setattr(library.services.objects, "list_keys", fail_or_list)


def test_backup_prints_a_limited_number_of_faults(
    library: Library, file: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = library.find_owner()
    for number in range(3):
        image = library.add_photo(owner, photo + bytes([number]))
        library.services.objects.delete(Rendition.ORIGINAL.key(owner, image.id))
    monkeypatch.setattr(backups, "MAX_FAULTS", 1)

    assert run_main(monkeypatch, "backup", file) == 1

    assert capsys.readouterr().err.splitlines()[1:] == ["There are 2 more such faults."]


def test_restore_into_a_library_with_photos_is_refused_before_the_passphrase_is_asked(
    library: Library, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_main(monkeypatch, "backup", file, "--passphrase-stdin", text=PASSPHRASE.encode())

    assert "already contains photos, so nothing was restored" in run_main(monkeypatch, "restore", file)


@pytest.mark.parametrize("arguments", [[], ["--passphrase-stdin"]])
def test_second_restore_of_the_same_backup_changes_nothing_and_says_so(
    library: Library,
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    text = PASSPHRASE.encode()
    run_main(monkeypatch, "backup", file, *arguments, text=text)
    restore(monkeypatch, file, tmp_path / "restored", *arguments, text=text)
    capsys.readouterr()

    assert restore(monkeypatch, file, tmp_path / "restored", *arguments, text=text) == 0

    assert capsys.readouterr().out.startswith("This backup was already restored completely into this library")
    check_local_invariants(tmp_path / "restored")


def test_restore_of_another_backup_into_a_restored_library_is_refused(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = file.with_name("other")
    run_main(monkeypatch, "backup", file)
    run_main(monkeypatch, "backup", other)
    restore(monkeypatch, file, tmp_path / "restored")

    assert "already contains photos" in restore(monkeypatch, other, tmp_path / "restored")


def test_second_restore_after_all_photos_were_deleted_restores_them(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_main(monkeypatch, "backup", file)
    restore(monkeypatch, file, tmp_path / "restored")
    with use_local_stores(tmp_path / "restored", FakeDetector()) as stores:
        owner = stores.backups.list_accounts()[0].owner
        LibraryService(stores.images, stores.objects, stores.preferences).delete_images(owner, 10)
        stores.objects.delete(*stores.objects.list_keys(""))
        with stores.database.write() as connection:
            connection.execute("DELETE FROM image")

    assert restore(monkeypatch, file, tmp_path / "restored") == 0

    assert "Restored 1 account, 1 photo." in capsys.readouterr().out.splitlines()[-2]


def test_restore_while_pixtag_runs_is_refused(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_main(monkeypatch, "backup", file)
    with use_local_stores(tmp_path / "restored", FakeDetector()) as stores:
        stores.folder.prepare()
        with stores.folder.lock("http://127.0.0.1:8000"):
            assert "PixTag is already running" in run_main(monkeypatch, "restore", file)


def test_restore_of_a_missing_file_says_so(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message = restore(monkeypatch, file, tmp_path / "restored")

    assert message == f"{file} cannot be read: No such file or directory. Check its name and its disk."
    assert not (tmp_path / "restored").exists()


def test_restore_of_a_pipe_says_that_it_must_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    try:
        message = restore(monkeypatch, Path(f"/dev/fd/{reader}"), tmp_path / "restored")
    finally:
        os.close(reader)
        os.close(writer)

    assert message == (
        f"/dev/fd/{reader} is not a file on a disk. PixTag reads a backup twice, so copy it to a disk first."
    )


def test_restore_of_a_file_on_a_broken_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class BrokenFile(io.BytesIO):
        name = "broken"

        def read(self, _: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(backups, "_open", lambda _: BrokenFile())

    assert "broken cannot be read: Input/output error" in restore(monkeypatch, tmp_path, tmp_path / "restored")


@pytest.mark.parametrize("size", [0, 100, 5_000])
def test_restore_of_a_cut_backup_restores_nothing(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    run_main(monkeypatch, "backup", file)
    file.write_bytes(file.read_bytes()[:size])

    message = restore(monkeypatch, file, tmp_path / "restored")

    assert "not complete" in message if size > 1024 else "not a backup" in message
    assert list_objects(tmp_path / "restored") == []


def test_restore_without_enough_space_restores_nothing(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_main(monkeypatch, "backup", file)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=67_000_000))

    message = restore(monkeypatch, file, tmp_path / "restored")

    assert message == (
        "The restore needs 67.1 MB: 0.0 MB for photos and 67.1 MB for PixTag. Only 67.0 MB are free. Free space, or"
        " choose another folder with --data. Nothing was restored."
    )
    assert list_objects(tmp_path / "restored") == []


@pytest.mark.parametrize(
    ("store", "method"),
    [
        ("backups", "begin_restore"),
        ("backups", "put_account"),
        ("objects", "claim"),
        ("objects", "put_derived"),
        ("images", "restore_image"),
        ("backups", "finish_restore"),
    ],
)
def test_restore_on_a_full_disk_can_be_continued(
    library: Library, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: str, method: str
) -> None:
    def fail() -> None:
        raise StorageFull

    run_main(monkeypatch, "backup", file)
    with use_local_stores(tmp_path / "restored", FakeDetector()) as stores:
        with before_call(getattr(stores, store), method, fail):
            message = run_main(monkeypatch, "restore", file)
        assert message == "The disk is full. Free space, then run the command again."
        if method != "begin_restore":
            with pytest.raises(StartFailed, match="Continue it: run `pixtag restore FILE`"), ExitStack() as stack:
                stack.enter_context(local_instance())
            assert "Continue it" in run_main(monkeypatch, "backup", tmp_path / "other")
            assert "Continue it" in run_main(monkeypatch, "rebuild")

        assert run_main(monkeypatch, "restore", file) == 0

    check_local_invariants(tmp_path / "restored")


def test_commands_end_after_signals_as_after_ctrl_c(
    library: Library, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    run_main(monkeypatch, "backup", file)

    assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.fixture
def on_aws(aws: None, monkeypatch: pytest.MonkeyPatch, detector: FakeDetector) -> Library:
    """An empty library on AWS, which the commands use."""
    make_resources()
    library = Library(connect_aws(lambda: detector), MotoData())
    monkeypatch.setattr(wiring, "stores", lambda: library.stores)
    monkeypatch.setattr(wiring, "find_local_settings", lambda: None)
    return library


def test_backup_of_aws_is_restored_on_this_machine(
    on_aws: Library,
    file: Path,
    tmp_path: Path,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    on_aws.add_photo(on_aws.add_account(), photo)
    assert run_main(monkeypatch, "backup", file) == 0
    monkeypatch.undo()

    assert restore(monkeypatch, file, tmp_path / "restored") == 0

    assert capsys.readouterr().out.endswith(
        'Passwords cannot move from or to AWS. Everyone sets a new one with "Forgot password?".\n'
    )
    check_local_invariants(tmp_path / "restored")


def test_restore_into_aws_says_how_people_sign_in(
    library: Library, file: Path, on_aws: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(library.backup())

    assert run_main(monkeypatch, "restore", file) == 0

    assert capsys.readouterr().out == (
        "Restored 1 account, 1 photo.\n"
        'Passwords cannot move from or to AWS. Everyone sets a new one with "Forgot password?".\n'
    )
    on_aws.stored.check()


def test_failure_of_aws_is_one_sentence(on_aws: Library, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not authorized"}}, "ListUsers")

    with before_call(on_aws.stores.backups, "list_accounts", fail):
        message = run_main(monkeypatch, "backup", file)

    assert message == (
        "AWS rejected a request: An error occurred (AccessDenied) when calling the ListUsers operation: not authorized."
        " Correct the cause, then run the command again."
    )
