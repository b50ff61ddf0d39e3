"""Tests of the whole repository: its tables, lists and conventions match the code."""

import ast
import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import yaml

from app.api.error_statuses import STATUS
from app.domain import errors
from app.main import app
from tests.conftest import pytest_collection_finish

ROOT = Path(__file__).parent.parent


def test_every_error_of_the_domain_has_a_status() -> None:
    assert set(errors.PixTagError.__subclasses__()) == set(STATUS)


def test_committed_openapi_document_matches_code() -> None:
    committed = json.loads((ROOT / "openapi.json").read_text())

    assert app.openapi() == committed, "run make openapi"


def list_tracked(*patterns: str) -> list[str]:
    """Return the paths of the files that git tracks, relative to the root folder."""
    command = ["git", "ls-files", "--", *patterns]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


def test_every_helper_of_the_tests_is_used() -> None:
    """Coverage measures only the code of PixTag."""
    texts = {name: (ROOT / name).read_text() for name in list_tracked("tests/*.py")}
    words = Counter(word for text in texts.values() for word in re.findall(r"\w+", text))
    definition = re.compile(r"^((?:@.*\n)*)(?:async )?(?:def|class) (?!test_|Test|pytest_)(\w+)", re.MULTILINE)
    helpers = [(name, *match.groups()) for name, text in texts.items() for match in definition.finditer(text)]

    assert [
        f"{name}: {helper}" for name, marks, helper in helpers if words[helper] == 1 and "autouse" not in marks
    ] == []


def list_folders(text: str) -> set[str]:
    """Return the first cells of the README's table of folders."""
    return set(re.findall(r"^\| `([a-z/]+)/` \|", text, re.MULTILINE))


def test_readme_lists_every_folder() -> None:
    folders = {name.partition("/")[0] for name in list_tracked() if "/" in name and not name.startswith(".")}

    assert {name.partition("/")[0] for name in list_folders((ROOT / "README.md").read_text())} == folders


def test_make_targets_in_help_and_documents_match_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    declared = set(re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.MULTILINE))

    output = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    assert set(re.findall(r"^  make ([a-z-]+)", output, re.MULTILINE)) == declared
    for document in ("README.md", "CONTRIBUTING.md", "docs/operations.md"):
        assert set(re.findall(r"`?make ([a-z-]+)", (ROOT / document).read_text())) <= declared | {"and"}


def test_tracked_files_contain_no_local_paths_or_registry_hosts() -> None:
    for name in list_tracked():
        text = (ROOT / name).read_text(errors="ignore")
        assert not re.search(r"/(home|root|work)/\w|https?://[\w.]*(pypi|npmjs|pythonhosted|debian)", text), name


@pytest.mark.parametrize("package", ["app", "detector", "infra"])
def test_every_module_docstring_starts_with_one_sentence(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        first_line = (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()[:1]
        assert first_line, path
        assert first_line[0].endswith((".", ":")), path


def swallows_every_exception(handler: ast.ExceptHandler) -> bool:
    """Return whether an exception handler accepts every exception and does not raise it again."""
    kind = ast.unparse(handler.type) if handler.type else "BaseException"
    return kind in {"Exception", "BaseException"} and not isinstance(handler.body[-1], ast.Raise)


def test_only_contain_failure_catches_every_exception() -> None:
    modules = [
        path.relative_to(ROOT).as_posix()
        for package in ("app", "detector", "infra")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and swallows_every_exception(node)
    ]

    assert modules == ["app/services/failures.py"]


def test_only_the_doctor_scans_the_table() -> None:
    assert [
        path.name
        for path in (ROOT / "app").rglob("*.py")
        if path.parent.name != "client"  # it scans folders
        and re.search("scan(?!IndexForward)", path.read_text(), re.IGNORECASE)
    ] == ["row_checks.py"]


def test_collection_under_xdist_with_duplicate_ids_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    item = SimpleNamespace(nodeid="test_a.py::test_a")

    pytest_collection_finish(cast("pytest.Session", SimpleNamespace(items=[item])))
    with pytest.raises(pytest.UsageError, match=r"test_a\.py::test_a"):
        pytest_collection_finish(cast("pytest.Session", SimpleNamespace(items=[item, item])))


def test_npm_lock_files_are_renewed_by_make_and_dependabot_and_contain_no_urls() -> None:
    folders = {Path(name).parent.as_posix() for name in list_tracked("*package-lock.json")}

    commands = subprocess.run(
        ["make", "--dry-run", "lock"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    dependabot = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]

    assert set(re.findall(r"^for folder in (.*); do", commands, re.MULTILINE)[0].split()) == folders
    assert {folder for npm in dependabot for folder in npm.get("directories", [])} == {f"/{name}" for name in folders}
    for folder in folders:
        assert "omit-lockfile-registry-resolved=true" in (ROOT / folder / ".npmrc").read_text().splitlines()
        assert '"resolved":' not in (ROOT / folder / "package-lock.json").read_text()


def test_ci_actions_are_pinned_by_commit_and_updated_by_dependabot() -> None:
    """A tag of an action can be moved to other code. Dependabot updates the commit and the version in its comment."""
    workflows = "".join((ROOT / name).read_text() for name in list_tracked(".github/workflows/*"))
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]

    actions = re.findall(r"uses: *(.*)", workflows)

    assert actions
    assert [each for each in actions if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []
    assert "github-actions" in {update["package-ecosystem"] for update in updates}


def test_commit_hooks_use_only_local_tools() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())

    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    assert {hook["language"] for hook in config["repos"][0]["hooks"]} == {"system"}
