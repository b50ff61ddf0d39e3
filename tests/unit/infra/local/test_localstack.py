import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import localstack
from infra.local.localstack import NotPrivate, make_localstack, make_moto, report, require_private
from infra.local.program import HOST, ProgramEnded, TimedOut, find_free_ports
from tests.support.documents import ROOT

LOCK = ROOT / "requirements-localstack.lock"


def test_lock_has_the_last_version_without_an_account_and_only_hashed_packages() -> None:
    text = LOCK.read_text()
    requirements = re.findall(r"^[a-z].*", text, re.MULTILINE)

    assert "localstack-core==4.14.0 \\" in requirements
    assert "--python-version 3.13 --exclude-newer 2026-03-02" in text.splitlines()[1]
    assert [line for line in requirements if not re.fullmatch(r"[a-z0-9-]+==\S+ \\", line)] == []


def test_make_localstack_without_python_3_13_is_skipped_with_the_reason() -> None:
    command = ["make", "--silent", "--no-print-directory", "--old-file=setup", "localstack", "LOCALSTACK_PYTHON="]

    process = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert process.returncode == 0
    assert process.stdout == "Skipped: LocalStack 4.14.0 needs Python 3.13. Install it, or set LOCALSTACK_PYTHON=.\n"


def test_moto_serves_only_this_machine(tmp_path: Path) -> None:
    (port,) = find_free_ports(1)

    with make_moto(tmp_path, port) as moto:
        moto.wait_for(f"http://{HOST}:{port}/moto-api/data.json")

        require_private(port)


def test_port_that_is_open_to_other_machines_is_rejected() -> None:
    with socket.create_server(("127.0.0.2", 0)) as server, pytest.raises(NotPrivate, match="from other machines"):
        require_private(server.getsockname()[1])


def test_localstack_runs_in_its_own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localstack, "PYTHON", sys.executable)

    with make_localstack(tmp_path, 1) as program, pytest.raises((ProgramEnded, TimedOut)) as error:
        program.wait_for(f"http://{HOST}:1/")

    assert "No module named 'localstack'" in str(error.value) or "does not respond" in str(error.value)


def test_report_shows_the_step_and_its_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    report("upload", 1.25)

    assert capsys.readouterr().out == "upload       1.2 s\n"
