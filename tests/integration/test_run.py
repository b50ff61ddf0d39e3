"""PixTag on one machine as real processes: `pixtag run` and plain uvicorn, signals, two starts and bad folders."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import pytest

from app.adapters.local.database import Database
from app.adapters.local.folder import DataFolder
from infra.local.pixtag import PixTag, run_pixtag
from infra.local.program import HOST, ProgramEnded, is_up, wait_until
from infra.local.scenes import scene
from tests.support.http_uploads import count_tags, get_image, upload
from tests.support.pixtag_commands import (
    ROOT,
    Command,
    is_worker_running,
    pixtag_command,
    run_to_end,
    start,
    variables,
)
from tests.support.sampling import TORTURE
from tests.support.workers import list_workers

SECONDS: Final = 20


SIGNALS: Final = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS if TORTURE else [signal.SIGINT])
def test_run_prints_its_parts_and_address_and_ends_with_status_0(data: Path, port: int, number: signal.Signals) -> None:
    with start(pixtag_command(port), data, port, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        (worker,) = list_workers(data)
        process.send_signal(number)
        output, _ = process.communicate(timeout=SECONDS)

    assert process.returncode == 0
    assert output.decode().splitlines() == [
        f"Library  {data}",
        f"Worker   process {worker}",
        f"API      process {process.pid}, http://{HOST}:{port}",
        f"PixTag   http://{HOST}:{port}",
        f"Mailbox  http://{HOST}:{port}/mailbox (codes and alerts)",
        "Press Ctrl-C to stop.",
        "PixTag has stopped.",
    ]


def test_run_with_verbose_logs_requests_without_paths(tmp_path: Path, data: Path) -> None:
    with run_pixtag(data, "--verbose") as pixtag:
        httpx.get(f"{pixtag.url}/images/secret", trust_env=False)

    log = (tmp_path / "data.log").read_text()
    assert re.search(r"^api: GET /images/\{image_id\}: 401 in ", log, re.MULTILINE)
    assert "secret" not in log


def test_killed_worker_is_started_again(data: Path) -> None:
    with run_pixtag(data) as pixtag:
        (worker,) = list_workers(data)
        port = httpx.URL(pixtag.url).port or 0

        os.kill(worker, signal.SIGKILL)

        wait_until(lambda: list_workers(data) not in ([], [worker]), SECONDS, "The worker was not started again.")
        wait_until(lambda: is_worker_running(port), SECONDS, "The worker does not run.")
    assert "api: The worker ended with status -9. It starts again in 1 s.\n" in Path(f"{data}.log").read_text()


def test_health_without_worker_says_that_it_is_stopped(data: Path) -> None:
    with run_pixtag(data) as pixtag:
        (worker,) = list_workers(data)
        os.kill(worker, signal.SIGKILL)

        wait_until(lambda: worker not in list_workers(data), SECONDS, "The worker runs.")
        response = httpx.get(f"{pixtag.url}/health", trust_env=False)

        health = {"status": "ok", "worker": "stopped", "storage": "ok", "registration": "open"}
        health["mailbox"] = f"{pixtag.url}/mailbox"
        assert (response.status_code, response.json()) == (200, health)


def test_worker_has_a_lower_priority(pixtag: PixTag) -> None:
    (worker,) = list_workers(pixtag.data)

    expected = os.getpriority(os.PRIO_PROCESS, 0) + 5

    wait_until(lambda: os.getpriority(os.PRIO_PROCESS, worker) == expected, SECONDS, "The priority is unchanged.")


def test_uploads_survive_a_kill_of_all_processes(data: Path) -> None:
    photos = [scene(stop_signs=1) + bytes([number]) for number in range(5)]
    with run_pixtag(data) as pixtag, pixtag.person("ada@example.com") as client:
        paths = []
        for photo in photos:
            response = client.post("/images", files={"file": ("stop.png", photo, "image/png")}).raise_for_status()
            paths.append(response.headers["Location"])
        os.kill(list_workers(data)[0], signal.SIGKILL)
        pixtag.program.kill()
        headers = dict(client.headers)

    with run_pixtag(data) as pixtag, httpx.Client(base_url=pixtag.url, headers=headers, trust_env=False) as client:
        for path in paths:
            wait_until(lambda: client.get(path).status_code == 200, SECONDS, "A photo stays pending.")  # noqa: B023
            assert count_tags(client.get(path).json()) == {"stop sign": 1}
        assert len(client.get("/search", params={"q": "stop sign"}).json()["images"]) == len(photos)


def test_library_after_a_restart_has_the_same_images_and_sessions(data: Path) -> None:
    with run_pixtag(data) as pixtag, pixtag.person("ada@example.com") as client:
        path = upload(client, scene(stop_signs=1))
        assert count_tags(get_image(client, path)) == {"stop sign": 1}
        headers = dict(client.headers)

    with run_pixtag(data) as pixtag, httpx.Client(base_url=pixtag.url, headers=headers, trust_env=False) as client:
        image = get_image(client, path)
        assert count_tags(image) == {"stop sign": 1}
        assert httpx.get(image["links"]["preview"], trust_env=False).headers["Content-Type"] == "image/jpeg"


# Starts that are refused.


def assert_refused(result: "subprocess.CompletedProcess[str]", sentence: str) -> None:
    """Assert that the output is the sentence, besides the lines of uvicorn that say that it starts and ends."""
    lines = (result.stdout + result.stderr).splitlines()
    own = [line.removeprefix("ERROR:    ") for line in lines if not line.startswith("INFO: ")]
    assert result.returncode not in {0, None}
    assert re.search(sentence, own[0]), result
    assert own[1:] in ([], ["Application startup failed. Exiting."])
    assert "Traceback" not in result.stdout + result.stderr


def test_second_start_with_the_same_folder_is_refused(pixtag: PixTag, command: Command, port: int) -> None:
    result = run_to_end(command(port), pixtag.data)

    assert_refused(result, rf"PixTag is already running, process {pixtag.program.pid} at {pixtag.url}\. It uses the")
    assert is_up(f"{pixtag.url}/health")
    assert len(list_workers(pixtag.data)) == 1


def test_second_start_on_the_same_port_names_pixtag(pixtag: PixTag) -> None:
    result = run_to_end(pixtag_command(httpx.URL(pixtag.url).port or 0), pixtag.data)

    assert_refused(result, rf"^PixTag is already running, process {pixtag.program.pid} at {pixtag.url}\.")


def test_start_on_a_taken_port_names_its_owner_and_writes_nothing(data: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        result = run_to_end(pixtag_command(port), data)

    name = Path("/proc/self/comm").read_text().strip()
    assert_refused(
        result,
        rf"^Port {port} is in use by process {os.getpid()} \({re.escape(name)}\)\. Choose another: `pixtag run --port"
        r" 8000` or `make run PORT=8000`\.$",
    )
    assert not data.exists()


def test_start_with_foreign_files_is_refused_and_writes_nothing(any_command: Command, data: Path, port: int) -> None:
    data.mkdir()
    (data / "letter.txt").write_text("Dear Ada")

    result = run_to_end(any_command(port), data)

    assert_refused(result, "contains other files and no PixTag library. Choose an empty or new folder")
    assert [path.name for path in data.iterdir()] == ["letter.txt"]


def test_start_with_a_file_instead_of_a_folder_is_refused(any_command: Command, data: Path, port: int) -> None:
    data.write_text("Dear Ada")

    assert_refused(
        run_to_end(any_command(port), data),
        "is not a folder. Choose another folder with --data, DATA= of make, or PIXTAG_DATA.",
    )
    assert data.read_text() == "Dear Ada"


@pytest.fixture
def library(data: Path) -> Path:
    """A folder with an empty library."""
    DataFolder(data).prepare()
    with closing(Database(data / "pixtag.db")) as database, database.read():
        return data


def test_start_with_a_newer_database_is_refused(any_command: Command, library: Path, port: int) -> None:
    with sqlite3.connect(library / "pixtag.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = (library / "pixtag.db").read_bytes()

    assert_refused(run_to_end(any_command(port), library), r"pixtag\.db .*(newer|later) version")
    assert (library / "pixtag.db").read_bytes() == before


@pytest.mark.parametrize("size", [10, 4096, 10_000])
def test_start_with_a_truncated_database_is_refused(any_command: Command, library: Path, port: int, size: int) -> None:
    for name in ("pixtag.db-wal", "pixtag.db-shm"):
        (library / name).unlink(missing_ok=True)
    os.truncate(library / "pixtag.db", size)
    before = (library / "pixtag.db").read_bytes()

    assert_refused(run_to_end(any_command(port), library), r"pixtag\.db .*(damaged|not a PixTag database)")
    assert (library / "pixtag.db").read_bytes() == before


def test_start_without_the_database_of_photos_is_refused(any_command: Command, library: Path, port: int) -> None:
    photo = library / "objects" / "originals" / "owner" / "image"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"photo")
    (library / "pixtag.db").unlink()

    assert_refused(run_to_end(any_command(port), library), "pixtag.db is missing or empty, but its library exists")
    assert not (library / "pixtag.db").exists()


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"PIXTAG_URL": "photos.example.com"}, "^These settings are missing or not valid: PIXTAG_URL"),
        ({"PIXTAG_URL": "https://photos.example.com/pixtag"}, "^These settings are missing or not valid: PIXTAG_URL"),
        ({"PIXTAG_URL": "https://ada@photos.example.com"}, "^These settings are missing or not valid: PIXTAG_URL"),
        ({"PIXTAG_SMTP_URL": "http://mail.example.com"}, "PIXTAG_SMTP_URL names no SMTP server"),
        ({"PIXTAG_TABLE": "photos"}, "^Set either PIXTAG_DATA or the settings of AWS, not both: PIXTAG_TABLE"),
    ],
)
def test_start_with_an_invalid_setting_is_refused(
    any_command: Command, data: Path, port: int, setting: dict[str, str], sentence: str
) -> None:
    assert_refused(run_to_end(any_command(port), data, **setting), sentence)


def test_run_pixtag_that_cannot_start_raises_program_ended(data: Path) -> None:
    data.write_text("Dear Ada")

    with pytest.raises(ProgramEnded, match="is not a folder"), ExitStack() as stack:
        stack.enter_context(run_pixtag(data, log=data.with_name("log")))


def test_api_accepts_no_connections_at_other_addresses(pixtag: PixTag) -> None:
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", httpx.URL(pixtag.url).port or 0), SECONDS)


def test_email_links_lead_to_the_chosen_port(pixtag: PixTag) -> None:
    email = f"{uuid4()}@example.com"
    with pixtag.person(email) as client:
        client.post("/subscriptions", json={"query": "stop sign"}).raise_for_status()
        upload(client, scene(stop_signs=1))

        def find_digest() -> str:
            return next((mail.body for mail in pixtag.list_mails(email) if "New photos" in mail.subject), "")

        wait_until(lambda: bool(find_digest()), SECONDS, "No alert was sent.")
        assert f"{pixtag.url}/photos/" in find_digest()


def test_redrive_runs_while_pixtag_runs_and_rebuild_is_refused(data: Path) -> None:
    with run_pixtag(data) as pixtag, pixtag.person("ada@example.com") as client:
        get_image(client, upload(client, scene(stop_signs=1)))

        redrive = run_to_end([sys.executable, "-m", "app.cli", "redrive"], data)
        rebuild = run_to_end([sys.executable, "-m", "app.cli", "rebuild"], data)

    assert (redrive.returncode, redrive.stdout) == (0, "0 messages moved back to the worker's queue.\n")
    assert_refused(rebuild, "PixTag is already running, process")


def test_rebuild_after_the_loss_of_the_database_restores_the_images_for_a_new_account(data: Path) -> None:
    email, password = "ada@example.com", "a laptop holds no secrets"
    with run_pixtag(data) as pixtag, pixtag.person(email) as client:
        path = upload(client, scene(stop_signs=2))
        owner = client.get("/auth/me").json()["id"]
        before = get_image(client, path)
    (data / "pixtag.db").unlink()

    rebuild = run_to_end([sys.executable, "-m", "app.cli", "rebuild"], data)
    command = f"pixtag user add ADDRESS --owner {owner}"
    assert (rebuild.returncode, rebuild.stdout) == (0, f"The photos of {owner} have no account. Run `{command}`.\n")
    arguments = command.replace("pixtag ", "").replace("ADDRESS", email).split()
    subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments, "--password-stdin"],
        env=variables(data),
        cwd=ROOT,
        check=True,
        input=password.encode(),
    )

    with run_pixtag(data) as pixtag, httpx.Client(base_url=pixtag.url, trust_env=False) as client:
        form = {"grant_type": "password", "username": email, "password": password}
        token = client.post("/auth/token", data=form).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        (image,) = client.get("/search", params={"q": "stop sign=2"}).json()["images"]
        assert image["id"] == before["id"]
        assert client.get("/auth/me").json()["id"] == owner


def test_demo_tags_and_finds_its_photos() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "infra.local.demo"], cwd=ROOT, check=False, capture_output=True, text=True
    )

    assert process.returncode == 0, process.stderr
    assert "stop sign>=2, clock finds" in process.stdout
