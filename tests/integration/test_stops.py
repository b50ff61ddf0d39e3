"""PixTag on one machine stops within a second, and nothing of it runs on, however it ends."""

import os
import pty
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import Final

import httpx
import pytest

from infra.local.program import HOST, find_free_ports, wait_until
from tests.robustness.hostile import bomb
from tests.support.pixtag_commands import (
    KEEP_HANGUP,
    ROOT,
    Command,
    is_worker_running,
    pixtag_command,
    run_to_end,
    start,
    uvicorn_command,
    variables,
)
from tests.support.sampling import TORTURE
from tests.support.workers import list_workers

SECONDS: Final = 20
STOP_SECONDS: Final = 5  # a stop takes a second at most, and longer on a busy machine
EMAIL: Final = "ada@example.com"
PASSWORD: Final = "a laptop holds no secrets"


def assert_nothing_runs(data: Path, port: int) -> None:
    wait_until(lambda: not list_workers(data), SECONDS, "A worker still runs.")
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, port)) != 0


SIGNALS: Final = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]
COMMANDS: Final = [pixtag_command, uvicorn_command]


def ends(*sample: tuple[Command, signal.Signals]) -> pytest.MarkDecorator:
    """Parametrize a test by a command and the signal that ends it: all pairs, or the sample in `make test`."""
    pairs = list(product(COMMANDS, SIGNALS) if TORTURE else sample)
    ids = [f"{command.__name__}-{number.name}" for command, number in pairs]
    return pytest.mark.parametrize(("command", "number"), pairs, ids=ids)


@ends((pixtag_command, signal.SIGTERM), (uvicorn_command, signal.SIGKILL))
def test_nothing_runs_after_a_signal(command: Command, data: Path, port: int, number: signal.Signals) -> None:
    with start(command(port), data, port) as process:
        assert len(list_workers(data)) == 1

        process.send_signal(number)

        process.wait(SECONDS)
        assert_nothing_runs(data, port)


def run_in_closed_terminal(run: Callable[[], None], port: int) -> None:
    """Call a function that runs PixTag, in a process with its own terminal. Close it when the worker runs."""
    child, terminal = pty.fork()
    if not child:
        os.chdir(ROOT)
        run()
        os._exit(0)
    try:
        wait_until(lambda: is_worker_running(port), SECONDS, "The worker does not run.")
    finally:
        os.close(terminal)
    os.waitpid(child, 0)


def test_nothing_runs_after_the_terminal_is_closed(command: Command, data: Path, port: int) -> None:
    def run() -> None:
        os.execvpe(KEEP_HANGUP[0], [*KEEP_HANGUP, *command(port)], variables(data))  # noqa: S606 - PixTag's own program

    run_in_closed_terminal(run, port)

    assert_nothing_runs(data, port)


def test_nothing_runs_after_the_terminal_of_another_program_is_closed(data: Path, port: int) -> None:
    """The system tells only the program that opened the terminal. It may wait for PixTag, as make does."""

    def run() -> None:
        signal.signal(signal.SIGHUP, lambda *_: None)
        subprocess.run(pixtag_command(port), env=variables(data), check=False)

    run_in_closed_terminal(run, port)

    assert_nothing_runs(data, port)


def test_run_with_nohup_survives_the_end_of_the_terminal(data: Path, port: int) -> None:
    with start(["nohup", *pixtag_command(port)], data, port, stdout=subprocess.DEVNULL) as process:
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)

        assert is_worker_running(port)


@contextmanager
def sign_in(data: Path, port: int) -> Iterator[httpx.Client]:
    """Create an account, sign in to a running PixTag, and yield a client with an idle connection."""
    arguments = ["user", "add", EMAIL, "--password-stdin"]
    subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env=variables(data),
        cwd=ROOT,
        check=True,
        input=PASSWORD.encode(),
    )
    with httpx.Client(base_url=f"http://{HOST}:{port}", timeout=SECONDS, trust_env=False) as client:
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        token = client.post("/auth/token", data=form).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def upload_slow_photos(client: httpx.Client, data: Path) -> list[str]:
    """Upload photos that take the worker a second each, and wait until it has received the first one."""
    photo = bomb(7_000, 7_000)
    paths = []
    for number in range(2):
        file = {"file": ("large.png", photo + bytes([number]), "image/png")}
        paths.append(client.post("/images", files=file).raise_for_status().headers["Location"])
    wait_until(lambda: any(read_receives(data)), SECONDS, "No message is received.")
    return paths


def begin_upload(client: httpx.Client, port: int) -> socket.socket:
    """Send the first half of an upload, and keep the connection open."""
    connection = socket.create_connection((HOST, port))
    connection.sendall(
        f"POST /images HTTP/1.1\r\nHost: {HOST}:{port}\r\nAuthorization: {client.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n".encode()
    )
    return connection


def read_receives(data: Path) -> list[int]:
    """Return how many receives of each message count."""
    with sqlite3.connect(data / "pixtag.db") as connection:
        rows: list[tuple[int]] = connection.execute("SELECT receives FROM message").fetchall()
    connection.close()
    return [row[0] for row in rows]


@ends((uvicorn_command, signal.SIGTERM))
def test_busy_pixtag_stops_at_once_and_continues_after_the_next_start(
    command: Command, data: Path, port: int, number: signal.Signals
) -> None:
    with ExitStack() as clients:
        with start(command(port), data, port) as process:
            client = clients.enter_context(sign_in(data, port))
            paths = upload_slow_photos(client, data)
            clients.enter_context(begin_upload(client, port))

            process.send_signal(number)

            process.wait(STOP_SECONDS)
            assert_nothing_runs(data, port)
        with start(command(port), data, port):
            assert max(read_receives(data), default=0) <= 1  # one photo may be in work already
            for path in paths:
                wait_until(lambda: client.get(path).status_code == 200, SECONDS, "A photo stays pending.")  # noqa: B023


def test_photo_in_work_at_many_stops_stays_pending(data: Path, port: int) -> None:
    with start(pixtag_command(port), data, port), sign_in(data, port) as client:
        paths = upload_slow_photos(client, data)
    for number in range(6 if TORTURE else 2):
        with start(pixtag_command(port), data, port) as process:
            wait_until(lambda: any(read_receives(data)), SECONDS, "No message is received.")
            process.send_signal(signal.SIGTERM if number % 2 else signal.SIGKILL)
            process.wait(STOP_SECONDS)

    with start(pixtag_command(port), data, port), httpx.Client(headers=client.headers, trust_env=False) as client:
        for path in paths:
            url = f"http://{HOST}:{port}{path}"
            wait_until(lambda: client.get(url).status_code != 202, SECONDS, "A photo stays pending.")  # noqa: B023
            assert client.get(url).json()["state"] == "ready"


def stop_worker(data: Path) -> int:
    """Let the worker process stand still, as if its disk did not respond. Return its id."""
    (worker,) = list_workers(data)
    os.kill(worker, signal.SIGSTOP)
    return worker


def test_start_while_a_worker_of_a_killed_pixtag_lives_is_refused(any_command: Command, data: Path, port: int) -> None:
    with start(any_command(port), data, port) as process:
        worker = stop_worker(data)
        process.kill()
        process.wait()
        try:
            result = run_to_end(any_command(port), data)
        finally:
            os.kill(worker, signal.SIGCONT)

    assert result.returncode != 0
    assert f"A worker of PixTag, process {worker}, still uses the folder {data}, although" in result.stderr
    assert "Traceback" not in result.stderr
    with start(any_command(port), data, port):
        assert worker not in list_workers(data)


def test_only_one_of_several_starts_at_once_succeeds(data: Path) -> None:
    ports = find_free_ports(4)
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    (pixtag_command, uvicorn_command)[number % 2](port),
                    env=variables(data),
                    cwd=ROOT,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for number, port in enumerate(ports)
        ]
        try:
            wait_until(
                lambda: sum(process.poll() is None for process in processes) == 1,
                3 * SECONDS,  # four processes start at once
                "Not only one start succeeds.",
            )
            (winner,) = [process for process in processes if process.poll() is None]
            port = ports[processes.index(winner)]
            wait_until(lambda: is_worker_running(port), SECONDS, "The worker does not run.")
            assert len(list_workers(data)) == 1
        finally:
            for process in processes:
                process.kill()
        errors = [process.communicate()[1] for process in processes if process is not winner]

    assert all(f"PixTag is already running, process {winner.pid}" in error for error in errors)
    assert_nothing_runs(data, port)
