"""The repository keeps its own promises: every table here is compared with what it is about."""

import ast
import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import yaml

from app.api.problems import STATUS
from app.domain import errors
from app.main import app
from tests.conftest import pytest_collection_finish

ROOT = Path(__file__).parent.parent


def test_every_error_has_a_status() -> None:
    assert set(errors.PixTagError.__subclasses__()) == set(STATUS)


def test_the_openapi_document_is_the_committed_one() -> None:
    committed = json.loads((ROOT / "openapi.json").read_text())

    assert app.openapi() == committed, "make openapi writes it anew"


def tracked(*patterns: str) -> list[str]:
    """Return the paths of the files that git tracks, from the root folder."""
    command = ["git", "ls-files", "--", *patterns]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


def rows(text: str) -> set[str]:
    """The first cells of README's table of places."""
    return set(re.findall(r"^\| `([a-z/]+)/` \|", text, re.MULTILINE))


def test_readme_names_every_folder() -> None:
    folders = {name.partition("/")[0] for name in tracked() if "/" in name and not name.startswith(".")}

    assert {name.partition("/")[0] for name in rows((ROOT / "README.md").read_text())} == folders


def test_readme_shows_only_targets_that_exist_and_help_lists_them_all() -> None:
    makefile = (ROOT / "Makefile").read_text()
    declared = set(re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.MULTILINE))

    listed = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert set(re.findall(r"^  make ([a-z-]+)", listed, re.MULTILINE)) == declared
    for document in ("README.md", "CONTRIBUTING.md", "docs/operations.md"):
        assert set(re.findall(r"`?make ([a-z-]+)", (ROOT / document).read_text())) <= declared | {"and"}


def test_no_file_of_the_project_names_a_place_of_this_machine() -> None:
    for name in tracked():
        text = (ROOT / name).read_text(errors="ignore")
        assert not re.search(r"/(home|root|work)/\w|https?://[\w.]*(pypi|npmjs|pythonhosted|debian)", text), name


@pytest.mark.parametrize("package", ["app", "detector", "infra"])
def test_every_module_opens_with_one_sentence(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        first = (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()[:1]
        assert first, path
        assert first[0].endswith((".", ":")), path


def test_only_the_worker_catches_everything() -> None:
    broad = [
        path.relative_to(ROOT).as_posix()
        for package in ("app", "detector", "infra")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"except( Exception| BaseException)?( as \w+)?:", path.read_text())
    ]

    assert broad == ["app/worker.py"]


def test_there_is_no_table_scan() -> None:
    assert not [
        path
        for path in (ROOT / "app").rglob("*.py")
        if re.search("scan(?!IndexForward)", path.read_text(), re.IGNORECASE)
    ]


def test_no_test_is_left_out_because_another_has_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    item = SimpleNamespace(nodeid="test_a.py::test_a")

    pytest_collection_finish(cast("pytest.Session", SimpleNamespace(items=[item])))
    with pytest.raises(pytest.UsageError, match=r"test_a\.py::test_a"):
        pytest_collection_finish(cast("pytest.Session", SimpleNamespace(items=[item, item])))


def test_no_class_means_two_things_in_the_ui() -> None:
    """Styles are loaded with their screen and stay: what two of them set, the one that came last decides."""
    defined: defaultdict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "static" / "src" / "styles").glob("*.css"):
        for name in re.findall(r"^\s*\.([a-z][\w-]*)(?::[\w-]+)? *[{,]", path.read_text(), re.MULTILINE):
            defined[name].add(path.name)

    assert {name: files for name, files in defined.items() if len(files) > 1} == {}


def test_every_npm_lock_is_renewed_by_make_lock_and_by_dependabot_and_has_no_addresses() -> None:
    folders = {Path(name).parent.as_posix() for name in tracked("*package-lock.json")}

    renewed = subprocess.run(["make", "--dry-run", "lock"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    dependabot = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]

    assert set(re.findall(r"^for folder in (.*); do", renewed, re.MULTILINE)[0].split()) == folders
    assert {folder for npm in dependabot for folder in npm.get("directories", [])} == {f"/{name}" for name in folders}
    for folder in folders:
        assert "omit-lockfile-registry-resolved=true" in (ROOT / folder / ".npmrc").read_text().splitlines()
        assert '"resolved":' not in (ROOT / folder / "package-lock.json").read_text()


def test_commit_hooks_download_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())

    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    assert {hook["language"] for hook in config["repos"][0]["hooks"]} == {"system"}
