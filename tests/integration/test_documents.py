"""The documents are compared with the code: commands run, links lead somewhere, and lists are complete."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import botocore.session
import pytest
from botocore import xform_name

from infra.local.cloud import LocalCloud
from infra.local.program import wait_until
from infra.local.scenes import scene

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
DOCUMENTS = [*sorted(path.name for path in ROOT.glob("*.md")), *PAGES]
CURRENT = [name for name in DOCUMENTS if not name.startswith("docs/adr/0") and name != "CHANGELOG.md"]
MARK = "**On AWS**"
SECONDS = 30

# The languages of blocks that contain no commands: output, the layers, a diagram, a query.
SHOWN = {"layers", "mermaid", "query", "text"}

# What runs a make target, or why nothing does.
EXERCISED = {
    "accuracy": "by hand: it needs labelled photos",
    "api-costs": "tests/unit/support/test_api_costs.py compares the page",
    "bench": "by hand: half an hour",
    "check": "make test, which .ci/run runs",
    "cost-report": "tests/unit/bench/test_cost.py compares the page",
    "demo": "by hand: tests/integration covers its parts",
    "deploy": "tests/unit/infra/aws/test_deploy.py",
    "destroy": "tests/unit/infra/aws/test_deploy.py",
    "docs": "make check",
    "format": "by hand: make check fails for an unformatted file",
    "fuzz": "make test runs a sample",
    "load": "by hand: three minutes",
    "lock": "by hand: it needs the registries",
    "openapi": "tests/test_repository.py compares the file",
    "redrive": "tests/unit/infra/aws/test_deploy.py",
    "rehearsal": "by hand: it needs root",
    "run": "tests/integration/test_local.py",
    "screenshots": "make test takes the same pictures",
    "setup": ".ci/run",
    "test": ".ci/run",
    "torture": "make test runs a sample",
}

# Custom commands of the AWS CLI, which are not operations of a service.
CUSTOM = {
    "aws cloudformation deploy",
    "aws configure get",
    "aws ecr get-login-password",
    "aws s3 rb",
    "aws sso login",
}


@dataclass(frozen=True)
class Block:
    """A fenced block, and the paragraph before it."""

    document: str
    before: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Its commands: continued lines are joined, and comments are removed."""
        joined = self.text.replace("\\\n", " ")
        return [re.sub(r"\s+#\s.*", "", line).strip() for line in joined.splitlines() if line.strip()]

    @property
    def needs_aws(self) -> bool:
        return MARK in self.before


def blocks() -> Iterator[Block]:
    for document in DOCUMENTS:
        text = (ROOT / document).read_text()
        for fence in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            before = text[: fence.start()].rstrip().rpartition("\n\n")[2]
            yield Block(document, before, fence[1], fence[2])


def block(beginning: str) -> Block:
    (match,) = [one for one in blocks() if one.text.startswith(beginning)]
    return match


COMMANDS = [one for one in blocks() if one.language == "bash"]
RUN_HERE = ("api=http", "page=", ".venv/bin/python -m detector photos/", ".venv/bin/python -m app.rebuild")
BUILDS = ".venv/bin/python -m detector build"
NPM = ".venv/bin/python -m infra.build.node static npm run "
PYTEST = ".venv/bin/pytest "
HOOKS = ".venv/bin/pre-commit install"  # by hand: it changes the hooks of the checkout
SINGLE = [line for one in COMMANDS if not one.needs_aws for line in one.lines]
TOOLS = [line for line in SINGLE if re.match(r"(PYTHONPATH=\. )?\.venv/bin/(?!python |pytest |pre-commit )", line)]


def bash(script: str, folder: Path, **variables: str) -> str:
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=os.environ | variables, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_blocks_are_fenced_and_have_a_language() -> None:
    assert {one.language for one in blocks()} <= {"bash", *SHOWN}
    assert [name for name in DOCUMENTS if re.search(r"\n\n {4}", (ROOT / name).read_text())] == []


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: f"{one.document}: {one.text.splitlines()[0][:40]}")
def test_every_command_is_run_by_a_test_or_by_make_or_needs_aws(one: Block) -> None:
    runs = one.needs_aws or one.text.startswith((*RUN_HERE, BUILDS))

    assert runs or all(line.startswith(("make ", PYTEST, NPM, HOOKS, *TOOLS)) for line in one.lines), one.text


@pytest.mark.parametrize("line", [line for one in COMMANDS for line in one.lines if line.startswith("make ")])
def test_make_accepts_the_command_and_something_runs_its_target(line: str) -> None:
    assert line.split()[1] in EXERCISED

    bash(f"{line} --dry-run", ROOT)


def test_every_listed_target_is_shown_in_a_document() -> None:
    shown = {line.split()[1] for one in COMMANDS for line in one.lines if line.startswith("make ")}

    assert EXERCISED.keys() == shown


@pytest.mark.parametrize("line", [line for line in SINGLE if line.startswith(PYTEST)])
def test_pytest_finds_the_tests_that_a_command_names(line: str) -> None:
    arguments = line.removeprefix(PYTEST)

    bash(f"{sys.executable} -m pytest --collect-only --quiet -p no:cacheprovider {arguments}", ROOT)


@pytest.mark.parametrize("line", TOOLS)
def test_make_check_runs_the_tool_that_a_command_names(line: str) -> None:
    assert f"\t{line.replace('.venv/bin', '$(BIN)')}\n" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("line", [line for line in SINGLE if line.startswith(NPM)])
def test_npm_knows_the_script_that_a_command_names(line: str) -> None:
    assert line.removeprefix(NPM) in json.loads((ROOT / "static" / "package.json").read_text())["scripts"]


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub and mkdocs build them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_and_headings(document: str) -> None:
    path = ROOT / document
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)

    for target, _, anchor in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", prose)):
        if not target.startswith("https://"):
            linked = (path.parent / target).resolve() if target else path
            assert linked.is_file(), target
            assert not document.startswith("docs/") or linked.is_relative_to(ROOT / "docs"), target
            assert not anchor or anchor in anchors(linked.read_text()), f"{target}#{anchor}"


def links(document: str) -> set[str]:
    return set(re.findall(r"\]\(([\w./-]+\.md)\)", (ROOT / document).read_text()))


def test_the_indexes_list_every_page() -> None:
    pages = {name.removeprefix("docs/") for name in PAGES if not name.startswith("docs/adr/")} - {"index.md"}
    decisions = {name.removeprefix("docs/adr/") for name in PAGES if name.startswith("docs/adr/")} - {"index.md"}

    assert links("docs/index.md") == pages | {"adr/index.md"}
    assert links("docs/adr/index.md") == decisions


def test_the_index_of_decisions_has_their_titles() -> None:
    index = (ROOT / "docs" / "adr" / "index.md").read_text()

    for title, name in re.findall(r"\[([^]]+)\]\((\d{4}[\w-]+\.md)\)", index):
        assert (ROOT / "docs" / "adr" / name).read_text().startswith(f"# {title}\n")
        assert int(name[:4]) == int(title.partition(".")[0])


@pytest.mark.parametrize("document", CURRENT)
def test_paths_in_documents_exist(document: str) -> None:
    named = re.findall(r"`((?:app|detector|docs|infra|static|tests)/[\w./-]*)`", (ROOT / document).read_text())
    named += [f"tests/{name}" for name in re.findall(r"`([a-z_/]+/test_[a-z_]+\.py)`", (ROOT / document).read_text())]

    assert [name for name in named if "NAME" not in name and not places(name)] == []


def places(name: str) -> list[Path]:
    """Return the file or folder of the name; a name that has no folder of its own is below tests/."""
    return [path for path in (ROOT / name, ROOT / name.removeprefix("tests/")) if path.exists()]


def test_the_table_of_packages_names_modules_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()

    for package in ("app", "detector"):
        (section,) = re.findall(rf"^### {package}\n(.*?)^#", text, re.MULTILINE | re.DOTALL)
        cells = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
        named = [name for cell in cells for name in re.findall(r"`([\w./]+)`", cell)]
        assert named
        assert [name for name in named if not (ROOT / package / name).exists()] == []


def test_the_layers_in_the_architecture_are_those_of_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = [one["layers"] for one in contracts if one["type"] == "layers" and one["containers"] == ["app"]]

    (shown,) = [one.text.splitlines() for one in blocks() if one.language == "layers"]

    assert shown == layers


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def calls_of_aws() -> list[str]:
    scripts = [path.read_text().replace("\\\n", " ") for path in sorted((ROOT / "infra" / "aws").glob("*.sh"))]
    written = [line for script in scripts for line in re.findall(r"\baws [a-z0-9-]+ [a-z0-9-]+(?: .*)?", script)]
    return written + [line for one in COMMANDS for line in one.lines if line.startswith("aws ")]


@pytest.mark.parametrize("line", calls_of_aws())
def test_a_call_of_aws_is_one_that_aws_knows_with_its_options(line: str) -> None:
    _, service, operation, *_ = line.split()
    if f"aws {service} {operation}" in CUSTOM:
        return
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if operation == "wait":
        operation = "describe-table" if service == "dynamodb" else "describe-stacks"
    shape = model.operation_model(operations[operation]).input_shape
    known = {xform_name(name, "-") for name in shape.members} if shape else set()

    named = {name.removeprefix("no-") for name in re.findall(r"--([a-z-]+)", line)}

    assert named <= known | {"query", "output"}


def test_the_first_five_minutes_end_with_a_cup(cloud: LocalCloud, tmp_path: Path) -> None:
    script = block("api=").text.replace("http://127.0.0.1:8000", cloud.api_url).replace("ada@", f"{uuid4()}@")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    search = script.splitlines()[-1]

    bash(f"{script}\necho $token > token", tmp_path)

    again = f"api={cloud.api_url} token=$(cat token)\n{search}"
    wait_until(lambda: '"tag":"cup"' in bash(again, tmp_path), SECONDS, "No cup is found.")


def test_the_loop_exports_a_whole_library(cloud: LocalCloud, tmp_path: Path) -> None:
    script = block("page=").text.replace("http://127.0.0.1:8000", cloud.api_url)
    with cloud.person(f"{uuid4()}@example.com") as client:
        for signs in (1, 2):
            file = {"file": ("stop.png", scene(stop_signs=signs), "image/png")}
            client.post("/images", files=file).raise_for_status()
        find = partial(client.get, "/search", params={"q": "stop sign"})
        wait_until(lambda: len(find().json()["images"]) == 2, SECONDS, "They are not found.")

        bash(script, tmp_path, TOKEN=client.headers["Authorization"].removeprefix("Bearer "))

    header, *rows = (tmp_path / "library.csv").read_text().splitlines()
    assert header.startswith("id,")
    assert len(rows) == 2


def test_the_detector_does_what_the_document_shows(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "stop.png").write_bytes(scene(stop_signs=1))

    said = bash(block(".venv/bin/python -m detector photos/").text, tmp_path, PYTHONPATH=str(ROOT))

    assert said.count("stop sign") >= 2
    assert [path.name for path in (tmp_path / "boxes").iterdir()] == ["stop.png.jpg"]


def test_a_model_is_built_with_options_that_there_are() -> None:
    # make setup runs the first of them, tests/unit/detector/test_build.py the others.
    told = bash(f"{sys.executable} -m detector build --help", ROOT)

    named = set(re.findall(r"--[a-z0-9-]+", block(BUILDS).text))

    assert named == {option for option in named if option in told}


def test_rebuilding_runs_with_the_workers_environment(cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)

    bash(block(".venv/bin/python -m app.rebuild").text, tmp_path, PYTHONPATH=str(ROOT), **cloud.environment)
