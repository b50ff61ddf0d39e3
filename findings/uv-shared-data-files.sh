#!/usr/bin/env bash
# A guess about data files that uv installs in two environments, and what really happens.
#
# Versions: uv 0.13.9, hatchling 1.33.0, Python 3.11, Linux.
# Expected: environments are independent, as those of pip. A program or a person who edits a data file of a package in
#           one environment changes only this one, and `uv pip install --reinstall` brings the published bytes back.
# Seen:     the edit is in all environments of the machine, also in those that are created later. A new installation does
#           not notice it, although the file no longer matches its hash in RECORD.
# Why:      on Linux and Windows, uv links the files of an environment to those in its cache. An editor that writes a new
#           file and renames it is harmless. Opening the file for writing or appending changes the cache.
# Remedy:   never write to the data files of a package, or use `--link-mode copy`. `uv cache clean` removes such edits.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9 hatchling==1.33.0
export UV_CACHE_DIR=$PWD/cache UV_PYTHON_DOWNLOADS=never
mkdir --parents project/demo
printf '' >project/demo/__init__.py
echo "published" >project/demo/data.txt
cat >project/pyproject.toml <<'TOML'
[build-system]
requires = ["hatchling==1.33.0"]
build-backend = "hatchling.build"
[project]
name = "demo"
version = "1.0"
TOML
(cd project && ../venv/bin/python -m hatchling build --target wheel >/dev/null)

install() {
  venv/bin/uv venv --quiet --python venv/bin/python "$1"
  venv/bin/uv pip install --quiet --no-index --python "$1" "${@:2}" project/dist/demo-1.0-py2.py3-none-any.whl
}
read_data() { cat "$1"/lib/python*/site-packages/demo/data.txt; }

install first
install second
echo "edited" >>"$(echo first/lib/python*/site-packages/demo/data.txt)"
install third
venv/bin/uv pip install --quiet --no-index --reinstall --python second project/dist/demo-1.0-py2.py3-none-any.whl
for name in second third; do
  echo "$name environment: $(read_data $name | paste --serial --delimiters ' ')"
  [ "$(read_data $name)" = $'published\nedited' ]
done

venv/bin/uv cache clean --quiet
install fourth --link-mode copy
install fifth --link-mode copy
echo "edited" >>"$(echo fourth/lib/python*/site-packages/demo/data.txt)"
echo "with --link-mode copy: $(read_data fifth)"
[ "$(read_data fifth)" = "published" ]
