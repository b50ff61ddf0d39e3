import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.hidden import CannotHide, hide_avx512

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or not (shutil.which("cc") and shutil.which("objdump")),
    reason="needs an x86-64 CPU, a C compiler and objdump",
)

SOURCE = """
unsigned features(void) {
    unsigned eax = 7, ebx, ecx = 0, edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return ebx;
}
"""
AVX2, AVX512F = 1 << 5, 1 << 16


def read_features(library: Path, variables: dict[str, str]) -> int:
    program = f"import ctypes; print(ctypes.CDLL({str(library)!r}).features())"
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, env=os.environ | variables, check=True, capture_output=True, text=True).stdout
    return int(output)


def test_hide_avx512_hides_only_avx512_from_copies_of_the_libraries(tmp_path: Path) -> None:
    library = tmp_path / "packages" / "numpy" / "features.so"
    library.parent.mkdir(parents=True)
    command = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)]
    subprocess.run(command, input=SOURCE, check=True, text=True)
    original = library.read_bytes()

    variables = hide_avx512(tmp_path / "packages", tmp_path / "work")

    copy = Path(variables["PYTHONPATH"]) / "numpy" / "features.so"
    hidden = read_features(copy, variables)
    assert not hidden & AVX512F
    assert hidden & AVX2 == read_features(library, {}) & AVX2
    assert copy.read_bytes() != original == library.read_bytes()


def test_hide_avx512_without_a_compiler_raises_cannot_hide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotHide, match="cc is missing"):
        hide_avx512(tmp_path / "packages", tmp_path / "work")
