#!/usr/bin/env bash
# A guess about `pip install --target` into a folder that has an older version, and what really happens.
#
# Versions: pip 26.3, uv 0.13.9, hatchling 1.33.0, Python 3.11.
# Expected: the folder has the new version afterwards, as an environment would, or pip ends with an error.
# Seen:     pip prints "Successfully installed demo-2.0" and ends with status 0, but the package is still version 1.0: pip
#           keeps folders that exist, and only warns. It adds the new dist-info folder, so importlib.metadata says 2.0.
#           With --upgrade, the package is replaced, and the dist-info folder of 1.0 remains. uv replaces both.
# Remedy:   install into an empty folder, as images and bundles for Lambda should be built anyway, or use uv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9 hatchling==1.33.0
for version in 1.0 2.0; do
  mkdir --parents "project-$version/demo"
  echo "version = '$version'" >"project-$version/demo/__init__.py"
  cat >"project-$version/pyproject.toml" <<TOML
[build-system]
requires = ["hatchling==1.33.0"]
build-backend = "hatchling.build"
[project]
name = "demo"
version = "$version"
TOML
  (cd "project-$version" && ../venv/bin/python -m hatchling build --directory ../dist --target wheel >/dev/null)
done

describe() {
  PYTHONPATH=$1 venv/bin/python -c "import demo, importlib.metadata as m; print(f'metadata {m.version(\"demo\")}, code {demo.version}')"
}
check() {
  echo "$1: $2"
  [ "$2" = "$3" ]
}
first=dist/demo-1.0-py2.py3-none-any.whl second=dist/demo-2.0-py2.py3-none-any.whl
venv/bin/pip install --quiet --no-index --target with-pip "$first"
venv/bin/pip install --no-index --target with-pip "$second" >output 2>&1
grep "Successfully installed demo-2.0" output
check "pip" "$(describe with-pip)" "metadata 2.0, code 1.0"
venv/bin/pip install --quiet --no-index --upgrade --target with-pip "$second"
check "pip --upgrade" "$(describe with-pip)" "metadata 2.0, code 2.0"
check "dist-info folders after --upgrade" "$(cd with-pip && echo ./*.dist-info)" "./demo-1.0.dist-info ./demo-2.0.dist-info"
for wheel in "$first" "$second"; do
  venv/bin/uv pip install --quiet --no-index --python venv/bin/python --target with-uv "$wheel"
done
check "uv" "$(describe with-uv)" "metadata 2.0, code 2.0"
check "dist-info folders of uv" "$(cd with-uv && echo ./*.dist-info)" "./demo-2.0.dist-info"
