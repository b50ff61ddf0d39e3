"""The documents match the code: their commands exist, their links lead to files and their lists are complete."""

import json
import re
import shutil
import sys
import tomllib
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from tests.support.documents import BUILD_COMMAND, DOCUMENTS, PAGES, ROOT, Block, list_blocks, run_bash

CURRENT = [name for name in DOCUMENTS if not name.startswith("docs/adr/0") and name != "CHANGELOG.md"]

# Languages of blocks without commands: configuration files, the layers, a diagram, programs, a query, output.
LANGUAGES_WITHOUT_COMMANDS = {"ini", "layers", "mermaid", "nginx", "python", "query", "text", "typescript"}

# The test or command that runs each make target, or the reason why none does.
EXERCISED = {
    "accuracy": "by hand: it needs labelled photos",
    "api-costs": "tests/integration/test_api_costs.py compares the page",
    "bench": "by hand: half an hour",
    "check": "make test, which .ci/run runs",
    "clients": ".github/workflows/ci.yaml",
    "cost-report": "tests/unit/bench/test_cost.py compares the page",
    "demo": "by hand: tests/integration covers its parts",
    "deploy": "tests/unit/infra/aws/test_deploy.py",
    "destroy": "tests/unit/infra/aws/test_deploy.py",
    "docs": "make check",
    "format": "by hand: make check fails for an unformatted file",
    "fuzz": "make test runs a sample",
    "load": "by hand: three minutes",
    "localstack": "by hand: a minute; tests/integration/test_journey.py runs its steps on MiniStack",
    "lock": "by hand: it needs the registries",
    "openapi": "tests/test_repository.py compares the file",
    "redrive": "tests/integration/test_run.py, and tests/unit/infra/aws/test_deploy.py for AWS",
    "rehearsal": "by hand: it needs root",
    "run": "tests/integration/test_run.py",
    "sam": ".github/workflows/ci.yaml",
    "screenshots": "make test takes the same pictures",
    "setup": ".ci/run",
    "test": ".ci/run",
    "torture": "make test runs a sample",
    "wheel": "by hand: it needs the registries",
}

# Commands that the AWS CLI adds to the operations of the services.
CUSTOM_AWS_COMMANDS = {
    "aws cloudformation deploy",
    "aws configure get",
    "aws ecr get-login-password",
    "aws s3 cp",
    "aws s3 rb",
    "aws s3 rm",
    "aws sso login",
}

COMMANDS = [block for block in list_blocks() if block.language == "bash"]
RUN_BY_TESTS = (
    "api=http",
    "page=",
    ".venv/bin/python -m detector photos/",
    ".venv/bin/python -m app.cli rebuild",
)
NPM_COMMAND = ".venv/bin/python -m infra.build.node static npm run "
PYTEST_COMMAND = ".venv/bin/pytest "
HOOKS_COMMAND = ".venv/bin/pre-commit install"  # by hand: it changes the hooks of the checkout
LINES = [line for block in COMMANDS if not block.needs_aws for line in block.lines]
TOOL_LINES = [line for line in LINES if re.match(r"(PYTHONPATH=\. )?\.venv/bin/(?!python |pytest |pre-commit )", line)]


def test_code_blocks_are_fenced_and_have_a_known_language() -> None:
    assert {block.language for block in list_blocks()} <= {"bash", *LANGUAGES_WITHOUT_COMMANDS}
    assert [name for name in DOCUMENTS if re.search(r"\n\n {4}", (ROOT / name).read_text())] == []


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: f"{block.document}: {block.text.splitlines()[0][:40]}")
def test_every_command_is_run_by_a_test_or_by_make_or_needs_aws(block: Block) -> None:
    is_covered = block.needs_aws or block.text.startswith((*RUN_BY_TESTS, BUILD_COMMAND))
    prefixes = ("make ", PYTEST_COMMAND, NPM_COMMAND, HOOKS_COMMAND, *TOOL_LINES)

    assert is_covered or all(line.startswith(prefixes) for line in block.lines), block.text


@pytest.mark.parametrize("line", [line for block in COMMANDS for line in block.lines if line.startswith("make ")])
def test_make_accepts_command_and_its_target_is_exercised(line: str) -> None:
    assert line.split()[1] in EXERCISED

    run_bash(f"{line} --dry-run", ROOT)


def test_every_exercised_target_is_shown_in_a_document() -> None:
    shown_targets = {line.split()[1] for block in COMMANDS for line in block.lines if line.startswith("make ")}

    assert EXERCISED.keys() == shown_targets


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith(PYTEST_COMMAND)])
def test_pytest_collects_the_tests_of_a_command(line: str) -> None:
    arguments = line.removeprefix(PYTEST_COMMAND)

    run_bash(f"{sys.executable} -m pytest --collect-only --quiet -p no:cacheprovider {arguments}", ROOT)


@pytest.mark.parametrize("line", TOOL_LINES)
def test_makefile_runs_the_tool_of_a_command(line: str) -> None:
    assert f"\t{line.replace('.venv/bin', '$(BIN)')}\n" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith(NPM_COMMAND)])
def test_package_json_has_the_script_of_a_command(line: str) -> None:
    assert line.removeprefix(NPM_COMMAND) in json.loads((ROOT / "static" / "package.json").read_text())["scripts"]


def list_anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub and MkDocs make them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_and_headings(document: str) -> None:
    path = ROOT / document
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)

    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", prose)):
        if not target.startswith("https://"):
            file = (path.parent / target).resolve() if target else path
            assert file.is_file(), target
            assert not document.startswith("docs/") or file.is_relative_to(ROOT / "docs"), target
            assert not anchor or anchor in list_anchors(file.read_text()), f"{target}#{anchor}"


def list_links(document: str) -> set[str]:
    return set(re.findall(r"\]\(([\w./-]+\.md)\)", (ROOT / document).read_text()))


def test_indexes_list_every_page() -> None:
    pages = {name.removeprefix("docs/") for name in PAGES if not name.startswith("docs/adr/")} - {"index.md"}
    decisions = {name.removeprefix("docs/adr/") for name in PAGES if name.startswith("docs/adr/")} - {"index.md"}

    assert list_links("docs/index.md") == pages | {"adr/index.md"}
    assert list_links("docs/adr/index.md") == decisions


def test_index_of_decisions_has_their_titles_and_numbers() -> None:
    index = (ROOT / "docs" / "adr" / "index.md").read_text()

    for title, name in re.findall(r"\[([^]]+)\]\((\d{4}[\w-]+\.md)\)", index):
        assert (ROOT / "docs" / "adr" / name).read_text().startswith(f"# {title}\n")
        assert int(name[:4]) == int(title.partition(".")[0])


@pytest.mark.parametrize("document", CURRENT)
def test_paths_in_documents_exist(document: str) -> None:
    names = re.findall(r"`((?:app|detector|docs|infra|static|tests)/[\w./-]*)`", (ROOT / document).read_text())
    names += [f"tests/{name}" for name in re.findall(r"`([a-z_/]+/test_[a-z_]+\.py)`", (ROOT / document).read_text())]

    assert [name for name in names if "NAME" not in name and not find_paths(name)] == []


def find_paths(name: str) -> list[Path]:
    """Return the existing files and folders with this name; one in the root folder may lack the prefix tests/."""
    return [path for path in (ROOT / name, ROOT / name.removeprefix("tests/")) if path.exists()]


def test_modules_in_the_table_of_packages_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()

    for package in ("app", "detector"):
        (section,) = re.findall(rf"^### {package}\n(.*?)^#", text, re.MULTILINE | re.DOTALL)
        cells = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
        names = [name for cell in cells for name in re.findall(r"`([\w./]+)`", cell)]
        assert names
        assert [name for name in names if not (ROOT / package / name).exists()] == []


def test_layers_in_the_architecture_match_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = [
        contract["layers"]
        for contract in contracts
        if contract["type"] == "layers" and contract["containers"] == ["app"]
    ]

    (shown_layers,) = [block.text.splitlines() for block in list_blocks() if block.language == "layers"]

    assert shown_layers == layers


def test_service_on_the_page_is_the_file() -> None:
    (block,) = [block for block in list_blocks() if block.language == "ini"]

    assert block.text == (ROOT / "docs" / "pixtag.service").read_text()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_service(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "pixtag.service").read_text().replace("/opt/pixtag/bin/pixtag", sys.executable)
    (tmp_path / "pixtag.service").write_text(text)

    assert run_bash("systemd-analyze verify pixtag.service 2>&1", tmp_path) == ""


def test_readme_has_at_most_120_lines() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def list_aws_commands() -> list[str]:
    scripts = [path.read_text().replace("\\\n", " ") for path in sorted((ROOT / "infra" / "aws").glob("*.sh"))]
    lines = [line for script in scripts for line in re.findall(r"\baws [a-z0-9-]+ [a-z0-9-]+(?: .*)?", script)]
    return lines + [line for block in COMMANDS for line in block.lines if line.startswith("aws ")]


@pytest.mark.parametrize("line", list_aws_commands())
def test_operation_and_options_of_an_aws_command_exist(line: str) -> None:
    _, service, operation, *_ = line.split()
    if f"aws {service} {operation}" in CUSTOM_AWS_COMMANDS:
        return
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if operation == "wait":
        operation = "describe-table" if service == "dynamodb" else "describe-stacks"
    shape = model.operation_model(operations[operation]).input_shape
    members = {xform_name(name, "-") for name in shape.members} if shape else set()

    options = {name.removeprefix("no-") for name in re.findall(r"--([a-z-]+)", line)}

    assert options <= members | {"query", "output"}
