import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import supervisor
from app.supervisor import Supervisor, supervise_worker, worker_environment
from infra.local.program import wait_until

SECONDS = 10
ROOT = Path(__file__).parents[3]

UNTIL_END_OF_INPUT = "import sys; sys.stdin.read()"
FOREVER = "import time; time.sleep(600)"


@pytest.fixture(autouse=True)
def short_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.05)


Supervise = Callable[[str], Supervisor]


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    """A file descriptor that the process inherits."""
    with (tmp_path / "lock").open("w") as file:
        yield file.fileno()


@pytest.fixture
def crashes() -> list[int]:
    """One item for each process that ended by itself."""
    return []


@pytest.fixture
def supervise(lock: int, crashes: list[int]) -> Iterator[Supervise]:
    """Return a function that runs Python code under a supervisor."""
    supervisors: list[Supervisor] = []

    def run(code: str) -> Supervisor:
        supervisors.append(Supervisor(os.environ, lock, lambda: crashes.append(1), [sys.executable, "-c", code]))
        return supervisors[-1]

    yield run
    for each in supervisors:
        each.stop()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def await_output(path: Path) -> None:
    wait_until(path.exists, SECONDS, "The process does not work.")


def test_stop_lets_the_process_complete_its_work(
    supervise: Supervise, tmp_path: Path, crashes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", SECONDS)
    worker = supervise(
        "import pathlib, signal, time\n"
        "def complete(*_):\n    time.sleep(0.2)\n    pathlib.Path('done').touch()\n    raise SystemExit\n"
        "signal.signal(signal.SIGTERM, complete)\npathlib.Path('ready').touch()\ntime.sleep(600)"
    )
    await_output(tmp_path / "ready")

    worker.stop()

    assert (tmp_path / "done").exists()
    assert not is_alive(worker.pid)
    assert crashes == []


@pytest.mark.parametrize("after", ["sys.stdin.read()", "time.sleep(600)"], ids=["at the end of its input", "never"])
def test_stop_ends_a_process_that_does_not_complete_its_work(supervise: Supervise, tmp_path: Path, after: str) -> None:
    worker = supervise(
        "import pathlib, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, signal.SIG_IGN)\npathlib.Path('ready').touch()\n{after}"
    )
    await_output(tmp_path / "ready")

    worker.stop()

    assert not is_alive(worker.pid)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (signal.SIGKILL, "The worker ended with status -9. It starts again in 0.05 s."),
        (signal.SIGALRM, "The worker exceeded the time limit of a message. It starts again in 0.05 s."),
    ],
)
def test_supervisor_starts_an_ended_process_again(
    supervise: Supervise, number: signal.Signals, message: str, crashes: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    worker = supervise(FOREVER)
    first = worker.pid

    os.kill(first, number)

    wait_until(lambda: worker.pid != first, SECONDS, "The process was not started again.")
    assert is_alive(worker.pid)
    assert worker.is_running
    assert caplog.messages == [message]
    assert crashes == [1]


def test_supervisor_pauses_longer_before_each_start(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "MAX_PAUSE_SECONDS", 0.04)

    supervise("")
    wait_until(lambda: len(caplog.messages) >= 4, SECONDS, "The process was not started again.")

    pauses = [message.partition("again in ")[2] for message in caplog.messages]
    assert pauses[:4] == ["0.01 s.", "0.02 s.", "0.04 s.", "0.04 s."]


def test_supervisor_after_a_long_run_pauses_shortly(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor, "STABLE_SECONDS", 0)

    supervise("")
    wait_until(lambda: len(caplog.messages) >= 3, SECONDS, "The process was not started again.")

    assert set(caplog.messages) == {"The worker ended with status 0. It starts again in 0.05 s."}


def test_stop_during_a_pause_starts_no_process(supervise: Supervise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 600)
    worker = supervise("")
    first = worker.pid
    wait_until(lambda: not worker.is_running, SECONDS, "The process did not end.")

    worker.stop()

    assert worker.pid == first


def test_process_has_its_own_session_which_ctrl_c_does_not_reach(supervise: Supervise) -> None:
    worker = supervise(UNTIL_END_OF_INPUT)

    assert os.getsid(worker.pid) == worker.pid


def test_process_that_ends_while_stop_runs_is_not_started_again(supervise: Supervise) -> None:
    worker = supervise(UNTIL_END_OF_INPUT)
    worker.stop()

    assert not worker._restart()  # noqa: SLF001 - as after the end of a pause, at the same time as stop()


def test_supervisor_that_cannot_start_the_process_tries_again(
    supervise: Supervise, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker = supervise(FOREVER)
    first = worker.pid
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", lambda *_, **__: (_ for _ in ()).throw(OSError("no memory")))
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: "The worker cannot be started." in caplog.messages, SECONDS, "It was started.")

    wait_until(lambda: worker.pid != first, SECONDS, "The process was not started again.")


def test_process_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from app.supervisor import Supervisor\n"
        f"command = [sys.executable, '-c', {UNTIL_END_OF_INPUT!r}]\n"
        "print(Supervisor(os.environ, 2, list, command).pid, flush=True)\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        assert is_alive(pid)
        process.kill()

    wait_until(lambda: not is_alive(pid), SECONDS, "The process still runs.")


def test_process_inherits_the_lock(supervise: Supervise, lock: int) -> None:
    worker = supervise(UNTIL_END_OF_INPUT)

    assert Path(f"/proc/{worker.pid}/fd/{lock}").samefile(f"/proc/self/fd/{lock}")


def test_supervise_worker_stops_the_process_with_its_block(
    tmp_path: Path, lock: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Supervisor.__init__, "__defaults__", ([sys.executable, "-c", UNTIL_END_OF_INPUT],))

    with supervise_worker(tmp_path, lock, lambda: None) as worker:
        assert is_alive(worker.pid)

    assert not is_alive(worker.pid)


def test_worker_environment_has_the_absolute_folder_and_the_path_of_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/other")

    variables = worker_environment(Path("data"))

    assert variables["PIXTAG_DATA"] == str(tmp_path / "data")
    assert variables["PYTHONPATH"] == f"{ROOT}{os.pathsep}/other"
    assert variables["POWERTOOLS_SERVICE_NAME"] == "worker"


def test_worker_environment_limits_the_memory_that_glibc_keeps_unless_a_person_sets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    monkeypatch.delenv("MALLOC_MMAP_THRESHOLD_", raising=False)

    variables = worker_environment(tmp_path)

    assert (variables["MALLOC_ARENA_MAX"], variables["MALLOC_MMAP_THRESHOLD_"]) == ("4", "1048576")
