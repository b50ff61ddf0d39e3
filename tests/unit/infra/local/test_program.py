import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.program import (
    HOST,
    PortTaken,
    Program,
    ProgramEnded,
    TimedOut,
    find_free_ports,
    is_taken,
    is_up,
    require_free,
    wait_until,
)

SECONDS = 30


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def port() -> int:
    return find_free_ports(1)[0]


@pytest.fixture
def server(port: int, tmp_path: Path) -> Iterator[Program]:
    command = ["http.server", str(port), "--bind", HOST, "--directory", str(tmp_path)]
    with Program("The server", command, os.environ, tmp_path / "log") as program:
        yield program


def test_wait_for_returns_when_the_program_responds(server: Program, port: int) -> None:
    server.wait_for(f"http://{HOST}:{port}/")

    server.require_running()
    assert is_up(f"http://{HOST}:{port}/")


def test_program_ends_with_its_block(tmp_path: Path) -> None:
    with Program("The loop", ["timeit", "-n1000000000"], os.environ, tmp_path / "log") as program:
        os.kill(program.pid, 0)

    with pytest.raises(ProcessLookupError):
        os.kill(program.pid, 0)


def test_start_after_kill_starts_the_program_again(server: Program, port: int) -> None:
    server.kill()

    server.start()

    server.wait_for(f"http://{HOST}:{port}/")


def test_wait_for_a_program_that_ends_raises_program_ended_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with (
        Program("The missing module", ["no.such.module"], os.environ, log) as program,
        pytest.raises(ProgramEnded) as error,
    ):
        program.wait_for(f"http://{HOST}:1/")

    assert str(error.value).startswith(f"The missing module ended with status 1; the end of {log}:\n")
    assert "No module named" in str(error.value)


def test_wait_for_a_program_without_a_log_refers_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with Program("The missing module", ["no.such.module"], os.environ) as program, pytest.raises(ProgramEnded) as error:
        program.wait_for(f"http://{HOST}:1/")

    assert str(error.value) == "The missing module ended with status 1; see its output above."
    assert "No module named" in capfd.readouterr().err


def test_end_of_a_program_with_an_empty_log_is_one_sentence(tmp_path: Path) -> None:
    with Program("The loop", ["timeit", "-n1000000000"], os.environ, tmp_path / "log") as program:
        program.kill()

        with pytest.raises(ProgramEnded, match=r"^The loop ended with status -9\.$"):
            program.require_running()


def test_program_runs_with_the_given_interpreter(tmp_path: Path) -> None:
    command = ["timeit", "-s", "import sys; print(sys.executable)", "-n1", "pass"]
    interpreter = tmp_path / "python"
    interpreter.symlink_to(sys.executable)

    with Program("The interpreter", command, os.environ, tmp_path / "log", interpreter) as program:
        wait_until(lambda: program.status == 0, SECONDS, "The program does not end.")

    assert (tmp_path / "log").read_text().splitlines()[0] == str(interpreter)


def test_wait_until_after_its_time_raises_timed_out() -> None:
    with pytest.raises(TimedOut, match="The service is not ready"):
        wait_until(lambda: False, 0, "The service is not ready.")


def test_is_up_with_an_error_response_is_false(server: Program, port: int) -> None:
    server.wait_for(f"http://{HOST}:{port}/")

    assert not is_up(f"http://{HOST}:{port}/nothing-here")


def test_require_free_of_a_taken_port_names_the_option_that_changes_it(taken_port: int) -> None:
    with pytest.raises(PortTaken, match=rf"Port {taken_port}: Address already in use. Choose another with --port."):
        require_free(taken_port)


def test_is_taken_says_whether_a_port_is_available(taken_port: int, port: int) -> None:
    assert (is_taken(taken_port), is_taken(port)) == (True, False)


def test_require_free_of_an_impossible_port_raises_port_taken() -> None:
    with pytest.raises(PortTaken, match="There is no port 99999"):
        require_free(99999)


def test_find_free_ports_returns_different_free_ports() -> None:
    ports = find_free_ports(5)

    assert len(set(ports)) == 5
    for port in ports:
        require_free(port)
