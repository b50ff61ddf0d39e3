"""Runs PixTag 0.1 with its own packages and its own MiniStack, from a temporary folder."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from infra.local.program import LocalCloudError
from tests.bench.frame import console, progress
from tests.bench.local.composition import Photo
from tests.bench.local.instances import Instance

COMMIT: Final = "f6f0aa1"
BATCH: Final = 100  # photos per step of the progress bar

_ROOT: Final = Path(__file__).parents[3]
_DRIVER: Final = Path(__file__).with_name("first_driver.py")


@dataclass(frozen=True, slots=True)
class FirstVersion:
    """The code of version 0.1 in `folder`, with its environment and its model."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter with the packages of the version's own lock file."""
        return self.folder / ".venv" / "bin" / "python"

    @contextmanager
    def run(self, people: int = 1) -> Iterator["RunningFirstVersion"]:
        """Run PixTag 0.1 with empty libraries of a number of people during the block.

        Raises:
            LocalCloudError: it does not start.
        """
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
        with (
            TemporaryDirectory(prefix="pixtag-0.1-") as state,
            subprocess.Popen(
                [self.python, "-P", _DRIVER, state, str(people)],
                cwd=self.folder,
                env=variables | {"PYTHONPATH": str(self.folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            ) as process,
        ):
            assert process.stdin
            assert process.stdout
            try:
                line = process.stdout.readline()
                if not line:
                    raise LocalCloudError("PixTag 0.1 does not start. See its output above.")
                started = json.loads(line)
                instance = Instance(started["url"], started["tokens"][0], started["owner"], process.pid)
                yield RunningFirstVersion(instance, started["tokens"], process.stdin, process.stdout)
            finally:
                process.stdin.close()  # the driver stops its processes at the end of its input


@dataclass(frozen=True, slots=True)
class RunningFirstVersion:
    """A running PixTag 0.1, the access tokens of its people, and the pipe to its driver (`first_driver.py`)."""

    instance: Instance
    tokens: list[str]
    _input: IO[str]
    _output: IO[str]

    def fill(self, photos: Iterable[Photo], count: int) -> None:
        """Store the photos in the library, with the version's own adapter for DynamoDB."""
        remaining = iter(photos)
        with progress("PixTag 0.1", -(-count // BATCH)) as step:
            while batch := list(islice(remaining, BATCH)):
                self._input.write(json.dumps([asdict(photo) for photo in batch]) + "\n")
                self._input.flush()
                if not self._output.readline():
                    raise LocalCloudError("PixTag 0.1 has stopped. See its output above.")
                next(step)


@contextmanager
def first_version() -> Iterator[FirstVersion]:
    """Extract version 0.1 from the repository, install its lock file, and build its model. Delete it after the block.

    Raises:
        LocalCloudError: the commit is missing, or its packages cannot be installed.
    """
    with TemporaryDirectory(prefix="pixtag-0.1-") as folder:
        version = FirstVersion(Path(folder))
        console.print("Installing PixTag 0.1 …")
        _extract(version.folder)
        uv = Path(sys.executable).parent / "uv"
        _run([uv, "venv", "--quiet", "--python", sys.executable, version.python.parents[1]], version.folder)
        lock = version.folder / "requirements-dev.lock"  # it includes MiniStack
        _run([uv, "pip", "sync", "--quiet", "--python", version.python, "--require-hashes", lock], version.folder)
        _run([version.python, "-m", "detector", "build"], version.folder)
        yield version


def _extract(folder: Path) -> None:
    archive = folder / "0.1.tar"
    command = ["git", "-C", str(_ROOT), "archive", "--output", str(archive), COMMIT]
    if subprocess.run(command, check=False).returncode:
        raise LocalCloudError(f"The repository has no commit {COMMIT}. Run `git fetch --unshallow`.")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    archive.unlink()


def _run(command: list[str | Path], folder: Path) -> None:
    variables = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    result = subprocess.run(command, cwd=folder, env=variables, check=False, capture_output=True, text=True)
    if result.returncode:
        raise LocalCloudError(f"PixTag 0.1 cannot be installed:\n{result.stdout}{result.stderr}")
