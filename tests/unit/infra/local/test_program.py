import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.program import (
    HOST,
    PortTaken,
    Program,
    ProgramEnded,
    TimeOut,
    answers,
    free_ports,
    require_free,
    wait_until,
)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def server(port: int, tmp_path: Path) -> Iterator[Program]:
    command = ["http.server", str(port), "--bind", HOST, "--directory", str(tmp_path)]
    with Program("The server", command, os.environ, tmp_path / "log") as program:
        yield program


def test_a_program_is_waited_for_until_it_answers(server: Program, port: int) -> None:
    server.wait_for(f"http://{HOST}:{port}/")

    server.check()
    assert answers(f"http://{HOST}:{port}/")


def test_a_program_is_gone_when_the_block_is_left(tmp_path: Path) -> None:
    with Program("The loop", ["timeit", "-n1000000000"], os.environ, tmp_path / "log") as program:
        os.kill(program.pid, 0)

    with pytest.raises(ProcessLookupError):
        os.kill(program.pid, 0)


def test_a_killed_program_starts_again(server: Program, port: int) -> None:
    server.kill()

    server.start()

    server.wait_for(f"http://{HOST}:{port}/")


def test_a_program_that_ends_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with Program("The lost one", ["no.such.module"], os.environ, log) as program, pytest.raises(ProgramEnded) as error:
        program.wait_for(f"http://{HOST}:1/")

    assert str(error.value).startswith(f"The lost one ended with status 1; the end of {log}:\n")
    assert "No module named" in str(error.value)


def test_a_program_without_a_log_refers_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with Program("The lost one", ["no.such.module"], os.environ) as program, pytest.raises(ProgramEnded) as error:
        program.wait_for(f"http://{HOST}:1/")

    assert str(error.value) == "The lost one ended with status 1; see its output above."
    assert "No module named" in capfd.readouterr().err


def test_waiting_ends_with_what_was_waited_for() -> None:
    with pytest.raises(TimeOut, match="Spring did not come"):
        wait_until(lambda: False, 0, "Spring did not come.")


def test_an_error_is_no_answer(server: Program, port: int) -> None:
    server.wait_for(f"http://{HOST}:{port}/")

    assert not answers(f"http://{HOST}:{port}/nothing-here")


def test_a_taken_port_is_named_with_the_option_that_changes_it(taken: int) -> None:
    with pytest.raises(PortTaken, match=rf"Port {taken}: Address already in use. Choose another with --port."):
        require_free(taken, "--port")


def test_a_port_that_cannot_be_is_named() -> None:
    with pytest.raises(PortTaken, match="There is no port 99999"):
        require_free(99999, "--port")


def test_free_ports_are_free_and_different() -> None:
    ports = free_ports(5)

    assert len(set(ports)) == 5
    for port in ports:
        require_free(port, "--port")
