#!/usr/bin/env bash
# A guess about linked data files in a source archive that hatchling builds, and what really happens.
#
# Versions: hatchling 1.33.0, setuptools 84.2.1, build 1.6.1, Python 3.11.
# Expected: a project in a repository of several projects has the data file `demo/shared.txt`, a link to `../../shared.txt`,
#           and the folder `demo/pictures`, a link to `../../pictures`. Both are outside of the project. The wheel and
#           the source archive contain their bytes, or the build fails.
# Seen:     hatchling's wheel contains the bytes of both. Its source archive contains those of the folder, but the file
#           stays a link, which leads nowhere. There is no warning. A wheel cannot be built from this archive, so
#           `python -m build`, which builds one by default, fails, and a published archive cannot be installed.
#           setuptools copies the bytes of both.
# Remedy:   build the wheel from the source archive in CI, and copy shared files with a build hook.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check hatchling==1.33.0 setuptools==84.2.1 build==1.6.1

cat >links.py <<'PYTHON'
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
DATA = '[tool.setuptools]\npackages = ["demo"]\n[tool.setuptools.package-data]\ndemo = ["**"]\n'


def make(name, text):
    top = Path(name)
    package = top / "project" / "demo"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (top / "shared.txt").write_text("shared")
    (top / "pictures").mkdir()
    (top / "pictures" / "a.txt").write_text("picture")
    os.symlink("../../shared.txt", package / "shared.txt")
    os.symlink("../../pictures", package / "pictures")
    (top / "project" / "pyproject.toml").write_text(f'{text}[project]\nname = "demo"\nversion = "1.0"\n')
    return top / "project"


def build(project, kind):
    command = [sys.executable, "-m", "build", "--no-isolation", kind, str(project)]
    return subprocess.run(command, capture_output=True).returncode == 0


expected = {
    "hatchling": ({"shared.txt": "link", "pictures/a.txt": "file"}, False),
    "setuptools": ({"shared.txt": "file", "pictures/a.txt": "file"}, True),
}
for name, text in {"hatchling": HATCHLING, "setuptools": SETUPTOOLS + DATA}.items():
    project = make(name, text)
    assert build(project, "--wheel") and build(project, "--sdist")
    names = zipfile.ZipFile(next((project / "dist").glob("*.whl"))).namelist()
    assert {"demo/shared.txt", "demo/pictures/a.txt"} <= set(names)
    archive = next((project / "dist").glob("*.tar.gz"))
    with tarfile.open(archive) as members:
        kinds = {
            member.name.removeprefix("demo-1.0/demo/"): "link" if member.issym() else "file"
            for member in members
            if member.name.endswith(".txt") and "/demo/" in member.name
        }
        members.extractall(f"{name}-extracted", filter="fully_trusted")
    is_built = build(Path(f"{name}-extracted/demo-1.0"), "--wheel")
    print(f"{name}: source archive {kinds}, wheel from it: {is_built}")
    assert (kinds, is_built) == expected[name]
PYTHON
venv/bin/python links.py
