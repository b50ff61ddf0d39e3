import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import ports
from app.cli.ports import HOST, listen
from app.domain.errors import StartFailed


@pytest.fixture(params=[HOST, "0.0.0.0"])  # noqa: S104 - another program may listen at all addresses
def taken_port(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.create_server((request.param, 0)) as server:
        yield server.getsockname()[1]


def test_listen_accepts_connections_on_this_machine() -> None:
    with listen(0) as listening:
        host, port = listening.getsockname()

        assert host == HOST
        socket.create_connection((HOST, port)).close()


def test_listen_on_a_taken_port_names_its_owner(taken_port: int) -> None:
    name = re.escape(Path("/proc/self/comm").read_text().strip())

    with pytest.raises(
        StartFailed, match=rf"^Port {taken_port} is in use by process {os.getpid()} \({name}\)\. Choose"
    ):
        listen(taken_port)


def test_listen_on_a_taken_port_of_ipv6_names_its_owner() -> None:
    server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)

    with server, pytest.raises(StartFailed, match=f"by process {os.getpid()} "):
        listen(server.getsockname()[1])


def test_listen_on_a_taken_port_without_proc_names_no_owner(
    taken_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "_PROC", tmp_path)

    with pytest.raises(StartFailed, match=rf"^Port {taken_port} is in use\. Choose another: `pixtag run --port 8000`"):
        listen(taken_port)


def test_listen_on_a_port_of_another_user_names_no_owner(
    taken_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net").symlink_to("/proc/net")
    (tmp_path / "1").mkdir()
    monkeypatch.setattr(ports, "_PROC", tmp_path)

    with pytest.raises(StartFailed, match=rf"^Port {taken_port} is in use\. Choose"):
        listen(taken_port)


def test_listen_on_the_taken_default_port_suggests_the_next(taken_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "DEFAULT_PORT", taken_port)

    with pytest.raises(StartFailed, match=r"`make run PORT=8001`\.$"):
        listen(taken_port)


def test_listen_on_an_address_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "HOST", "192.0.2.1")

    with pytest.raises(StartFailed, match=r"^Port 8000 failed: Cannot assign requested address\. Choose another"):
        listen(8000)
