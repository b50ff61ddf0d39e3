import errno
import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from typing_extensions import override

from app import __version__, rebuild, wiring
from app.adapters.local.copies import describe_age
from app.adapters.local.files import RAISED
from app.cli import __main__, server
from app.cli.main import main
from app.domain.errors import StartFailed
from app.domain.uploads import Upload
from app.settings import LocalSettings
from infra.local.scenes import scene
from tests.support.fakes import FakeDetector
from tests.support.local_stores import use_local_stores
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores


@pytest.fixture
def stores(tmp_path: Path, detector: FakeDetector) -> Iterator["LocalStores"]:
    with use_local_stores(tmp_path / "data", detector) as stores:
        yield stores


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    """Run `pixtag` with these arguments and return its exit status or message."""
    monkeypatch.setattr(sys, "argv", ["pixtag", *arguments])
    with pytest.raises(SystemExit) as error:
        main()
    return error.value.code


def test_help_lists_the_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(monkeypatch, "--help") == 0

    output = capsys.readouterr().out
    assert all(f"\n  {name} " in output for name in ("run", "detect", "redrive", "recover", "rebuild", "user"))


def test_version_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(monkeypatch, "--version") == 0

    assert capsys.readouterr().out == f"pixtag {__version__}\n"


class InterruptedTerminal(io.StringIO):
    """A terminal in which a person presses Ctrl-C."""

    @override
    def isatty(self) -> bool:
        return True

    @override
    def readline(self, *_: Any) -> Any:
        raise KeyboardInterrupt


def test_interrupt_at_a_prompt_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", InterruptedTerminal())

    assert run_main(monkeypatch, "login") == 130

    assert capsys.readouterr().err == "\nStopped. Run the same command again to continue.\n"


def test_help_imports_no_slow_library() -> None:
    code = (
        "import sys; from app.cli.main import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(not {'rich', 'uvicorn', 'fastapi', 'boto3', 'cv2'}.isdisjoint(sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL).returncode == 0


def test_module_runs_the_command_line() -> None:
    process = subprocess.run([sys.executable, "-m", "app.cli"], check=False, capture_output=True, text=True)

    assert "Usage: " in process.stdout + process.stderr
    assert vars(__main__)["main"] is main


def test_detect_prints_tags_of_photo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    handlers: list[Any] = []
    monkeypatch.setattr(signal, "signal", lambda *handler: handlers.append(handler))
    photo = tmp_path / "street.png"
    photo.write_bytes(scene(stop_signs=2))

    assert run_main(monkeypatch, "detect", str(photo), "--json") == 0

    assert json.loads(capsys.readouterr().out)["tags"] == {"stop sign": 2}
    assert handlers == [(signal.SIGPIPE, signal.SIG_DFL)]


@pytest.mark.parametrize(("arguments", "status", "usage"), [(["--help"], 0, "--boxes DIR"), (["-x"], 2, "usage: ")])
def test_detect_passes_its_options_to_the_detector(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    usage: str,
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    assert run_main(monkeypatch, "detect", *arguments) == status

    output = "".join(capsys.readouterr())
    assert output.startswith("usage: pixtag detect [-h]")
    assert usage in output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], (8000, False)), (["--port", "9000", "--verbose"], (9000, True)), (["--port=0"], (0, False))],
)
def test_run_passes_its_options(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: tuple[int, bool]
) -> None:
    calls: list[tuple[int, bool]] = []
    statuses: list[int] = []
    monkeypatch.setattr(server, "serve", lambda port, *, is_verbose: calls.append((port, is_verbose)))
    monkeypatch.setattr(os, "_exit", statuses.append)

    run_main(monkeypatch, "run", *arguments)

    assert calls == [expected]
    assert statuses == [0]


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_run_with_an_impossible_port_prints_the_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    assert run_main(monkeypatch, "run", "--port", port) == 2
    assert "--port" in capsys.readouterr().err


def test_redrive_prints_the_number_of_messages(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stores.folder.prepare()
    stores.queue.send(["poison"])
    for _ in range(5):
        stores.queue.lease()
        stores.queue.release_all(counts=True)
    assert not stores.queue.lease()

    assert [run_main(monkeypatch, "redrive") for _ in range(2)] == [0, 0]

    assert capsys.readouterr().out == (
        "1 message moved back to the worker's queue.\n0 messages moved back to the worker's queue.\n"
    )


def test_redrive_without_a_library_says_so(stores: "LocalStores", monkeypatch: pytest.MonkeyPatch) -> None:
    message = run_main(monkeypatch, "redrive")

    assert message == (
        f"{stores.folder.path} contains no PixTag library."
        " Choose another folder with --data, DATA= of make, or PIXTAG_DATA."
    )
    assert not stores.folder.path.exists()


def test_redrive_on_aws_says_that_it_is_for_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    wiring.local_stores.cache_clear()
    monkeypatch.setattr(wiring, "settings", lambda: SETTINGS)

    assert "Unset them to use PixTag on this machine." in run_main(monkeypatch, "redrive")


def add_account(stores: "LocalStores") -> None:
    stores.folder.prepare()
    stores.account_admin.add("ada@example.com", "a laptop holds no secrets", given_name="Ada", family_name="")


def test_recover_puts_the_copy_in_place_and_says_what_is_next(
    stores: "LocalStores", owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_account(stores)
    assert stores.copies.make_nightly(stores.database)
    wiring.ingest().receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
    stores.database.close()
    stores.folder.database.write_bytes(b"damaged" * 1_000)
    (copy,) = stores.folder.list_copies()

    assert run_main(monkeypatch, "recover") == 0

    (damaged,) = stores.folder.path.glob("damaged-*")
    assert capsys.readouterr().out == (
        f"{copy.name} is the database now. The replaced files are in {damaged}.\n"
        f"The copy is {describe_age(copy)}. Later accounts, edits and other changes are lost.\n"
        "Newer photos, which the worker processes after the next start: 1\n"
        "Photos in the copy that were deleted later: 0\n"
        f"The photos of {owner} have no account. Run `pixtag user add ADDRESS --owner {owner}`.\n"
        f"If it was not damaged, `pixtag recover {damaged / 'pixtag.db'}` undoes this recovery.\n"
        "Start PixTag again.\n"
    )
    assert "is not damaged" in run_main(monkeypatch, "recover")


def test_recover_completes_an_interrupted_recovery(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_account(stores)
    assert stores.copies.make_nightly(stores.database)
    stores.database.close()
    stores.folder.database.rename(stores.folder.recovered)

    assert run_main(monkeypatch, "recover") == 0

    output = capsys.readouterr().out
    assert output.startswith("Completed the interrupted recovery.")
    assert "undoes" not in output


def test_recover_while_pixtag_runs_is_refused(stores: "LocalStores", monkeypatch: pytest.MonkeyPatch) -> None:
    add_account(stores)
    stores.copies.make_nightly(stores.database)

    with stores.folder.lock("http://127.0.0.1:8000"):
        assert "PixTag is already running, process" in run_main(monkeypatch, "recover")


@pytest.mark.parametrize(("failures", "status"), [(0, 0), (1, 1)])
def test_rebuild_ends_with_status_1_after_a_failure(
    stores: "LocalStores", monkeypatch: pytest.MonkeyPatch, failures: int, status: int
) -> None:
    monkeypatch.setattr(rebuild, "rebuild", lambda: failures)

    assert run_main(monkeypatch, "rebuild") == status


def test_rebuild_restores_the_images_of_a_lost_database(
    stores: "LocalStores", owner: str, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.folder.prepare()
    image = wiring.ingest().receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
    wiring.ingest().ingest(owner, image.id)
    with stores.database.write() as connection:
        connection.execute("DELETE FROM image")

    assert run_main(monkeypatch, "rebuild") == 0

    assert stores.images.get_image(owner, image.id).state == "ready"


def test_rebuild_after_the_deletion_of_an_account_names_no_account_for_its_photos(
    stores: "LocalStores",
    owner: str,
    photo: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stores.folder.prepare()
    wiring.ingest().receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
    stores.outbox.put_account_deletion(owner)
    with stores.database.write() as connection:
        connection.execute("DELETE FROM outbox")

    assert run_main(monkeypatch, "rebuild") == 0

    assert stores.outbox.has_account_deletion(owner)
    assert owner not in capsys.readouterr().out


def test_rebuild_needs_a_folder_that_no_instance_uses(stores: "LocalStores", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "rebuild", lambda: pytest.fail("the folder is in use"))
    stores.folder.prepare()

    with stores.folder.lock("http://127.0.0.1:8000"):
        assert "PixTag is already running, process" in run_main(monkeypatch, "rebuild")


def test_rebuild_keeps_the_folder_from_other_instances(stores: "LocalStores", monkeypatch: pytest.MonkeyPatch) -> None:
    def start() -> int:
        with pytest.raises(StartFailed), ExitStack() as stack:
            stack.enter_context(stores.folder.lock(""))
        return 0

    monkeypatch.setattr(rebuild, "rebuild", start)

    assert run_main(monkeypatch, "rebuild") == 0


def test_rebuild_on_aws_needs_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(wiring, "find_local_settings", lambda: None)
    monkeypatch.setattr(rebuild, "rebuild", lambda: 0)

    assert run_main(monkeypatch, "rebuild") == 0

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
            'A call to AWS failed: Could not connect to the endpoint URL: "http://127.0.0.1:9"',
        ),
        (
            ClientError({"Error": {"Code": "InvalidAction"}}, "Query"),
            "The AWS endpoint of this PixTag lacks the operation Query. Choose another emulator.",
        ),
    ],
)
def test_failure_of_aws_is_one_sentence(monkeypatch: pytest.MonkeyPatch, error: Exception, message: str) -> None:
    def fail() -> int:
        raise error

    monkeypatch.setattr(wiring, "settings", lambda: SETTINGS)
    monkeypatch.setattr(rebuild, "rebuild", fail)

    assert run_main(monkeypatch, "rebuild") == message


def test_folder_that_cannot_be_read_is_not_an_invalid_value(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wiring, "settings", lambda: LocalSettings(data=tmp_path))
    monkeypatch.setattr(os, "access", lambda *_, **__: False)

    assert "the mode 0700. Correct it" in run_main(monkeypatch, "redrive", "--data", str(tmp_path))


def test_failure_of_a_command_without_stores_loads_no_libraries_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "app.wiring")

    assert run_main(monkeypatch, "--help") == 0

    assert "app.wiring" not in sys.modules


def test_error_of_a_file_names_it_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/photos")

    monkeypatch.setattr(wiring, "settings", lambda: SETTINGS)
    monkeypatch.setattr(rebuild, "rebuild", fail)

    assert run_main(monkeypatch, "rebuild") == (
        "PixTag cannot use /photos: Permission denied. Check the disk and the permissions of the file."
    )


def test_log_line_of_an_error_that_is_printed_is_omitted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_main(monkeypatch, "--help")
    capsys.readouterr()

    for facts in ({"msg": "a"}, {"msg": "b", **RAISED}):
        assert logging.lastResort
        logging.lastResort.handle(logging.makeLogRecord({"levelno": logging.ERROR, **facts}))

    assert capsys.readouterr().err == "a\n"


def test_error_of_no_file_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no file")

    monkeypatch.setattr(wiring, "settings", lambda: SETTINGS)
    monkeypatch.setattr(rebuild, "rebuild", fail)
    monkeypatch.setattr(sys, "argv", ["pixtag", "rebuild"])

    with pytest.raises(OSError, match="no file"):
        main()


def test_unexpected_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "settings", lambda: SETTINGS)
    monkeypatch.setattr(rebuild, "rebuild", lambda: 1 // 0)
    monkeypatch.setattr(sys, "argv", ["pixtag", "rebuild"])

    with pytest.raises(ZeroDivisionError):
        main()
