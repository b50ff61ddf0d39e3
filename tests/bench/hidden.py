"""Hides AVX-512 from the libraries of a process, with copies of them (`avx2.c`)."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

PACKAGES: Final = {"numpy": "numpy", "opencv_python_headless": "cv2", "onnxruntime": "onnxruntime"}
"""The packages that choose their code by the features of the CPU, by the names of their distributions."""

_SOURCE: Final = Path(__file__).with_name("avx2.c")
_CPUID, _UD2 = b"\x0f\xa2", b"\x0f\x0b"
_SECTION: Final = re.compile(r"\s*\d+ \S+ +([0-9a-f]+) +([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+)")
_INSTRUCTION: Final = re.compile(r"\s*([0-9a-f]+):\s+cpuid")


class CannotHide(RuntimeError):
    """AVX-512 cannot be hidden. The message has the reason."""


def hide_avx512(packages: Path, work: Path) -> dict[str, str]:
    """Return the variables that hide AVX-512 from a process with the packages of this folder.

    The copies are made once per version of the packages, which takes a minute or two.

    Raises:
        CannotHide: the C compiler or objdump is missing, or fails.
    """
    work.mkdir(parents=True, exist_ok=True)
    versions = [path.name for name in PACKAGES for path in packages.glob(f"{name}-*.dist-info")]
    copies = work / f"avx2-{hashlib.sha256(repr(versions).encode()).hexdigest()[:12]}"
    if not copies.exists():
        unfinished = Path(mkdtemp(dir=work))
        try:
            _copy(packages, unfinished)
            unfinished.rename(copies)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return {"LD_PRELOAD": str(_compile(work)), "PYTHONPATH": str(copies.resolve())}


def _compile(work: Path) -> Path:
    library = (work / "avx2.so").resolve()
    list(_run("cc", "-O2", "-shared", "-fPIC", str(_SOURCE), "-o", str(library)))
    return library


def _copy(packages: Path, target: Path) -> None:
    for name in (*PACKAGES.values(), *(f"{distribution}.libs" for distribution in PACKAGES)):
        if (packages / name).exists():
            shutil.copytree(packages / name, target / name)
    for library in target.rglob("*.so*"):
        _replace_cpuid(library)


def _replace_cpuid(library: Path) -> None:
    content = bytearray(library.read_bytes())
    if _CPUID not in content:
        return
    for place in _find_cpuid(library):
        content[place : place + len(_UD2)] = _UD2
    library.unlink()  # the file can be a hard link into the cache of the installer
    library.write_bytes(content)


def _find_cpuid(library: Path) -> list[int]:
    """Return the positions of the instructions in the file."""
    headers = filter(None, map(_SECTION.match, _run("objdump", "-h", str(library))))
    sections = [[int(number, 16) for number in match.groups()] for match in headers]
    instructions = filter(None, map(_INSTRUCTION.match, _run("objdump", "-d", "--no-show-raw-insn", str(library))))
    addresses = [int(match[1], 16) for match in instructions]
    return [
        address - start + offset
        for address in addresses
        for size, start, offset in sections
        if start <= address < start + size
    ]


def _run(*command: str) -> Iterator[str]:
    """Yield the lines of the output, which can have a gigabyte."""
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            yield from process.stdout
    except OSError as error:
        raise CannotHide(f"not possible: {command[0]} is missing") from error
    if process.returncode:
        raise CannotHide(f"not possible: {command[0]} failed")
