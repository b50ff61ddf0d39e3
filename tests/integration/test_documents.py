"""Every command in the documents is run here, or by what is named here, or says that it needs an AWS account."""

import os
import re
import subprocess
import sys
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
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "docs/operations.md"]
MARK = "**On AWS**"
SECONDS = 30

# How a block begins that is no command: what a program prints, what is searched for.
LISTED = ("│", "person>=2, car")

# What runs a make target, or why nothing does.
EXERCISED = {
    "bench": "by hand: half an hour",
    "check": "make test, which .ci/run runs",
    "demo": "by hand: what it is made of is tested in tests/integration",
    "deploy": "tests/unit/infra/aws/test_deploy.py",
    "destroy": "tests/unit/infra/aws/test_deploy.py",
    "help": "tests/test_repository.py",
    "redrive": "tests/unit/infra/aws/test_deploy.py",
    "run": "tests/integration/test_local.py",
    "test": ".ci/run",
}

# These make the AWS CLI do more than one call, and are no call of the service's.
CUSTOM = {
    "aws cloudformation deploy",
    "aws configure get",
    "aws ecr get-login-password",
    "aws s3 rb",
    "aws sso login",
}


@dataclass(frozen=True)
class Block:
    """A block of code, and what is said before it."""

    document: str
    before: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Its commands: lines that go on are one, and what explains them is left out."""
        joined = self.text.replace("\\\n", " ")
        return [re.sub(r"\s+#\s.*", "", line).strip() for line in joined.splitlines() if line.strip()]

    @property
    def is_shown(self) -> bool:
        return self.text.startswith(LISTED)

    @property
    def needs_aws(self) -> bool:
        return MARK in self.before


def blocks() -> Iterator[Block]:
    for document in DOCUMENTS:
        before = ""
        for part in re.split(r"\n\n+", re.sub(r"```mermaid.*?```", "", (ROOT / document).read_text(), flags=re.DOTALL)):
            if all(line.startswith("    ") for line in part.splitlines()):
                yield Block(document, before, "\n".join(line[4:] for line in part.strip("\n").splitlines()))
            before = part


def block(beginning: str) -> Block:
    (found,) = [one for one in blocks() if one.text.startswith(beginning)]
    return found


COMMANDS = [one for one in blocks() if not one.is_shown]
RUN_HERE = ("api=http", "page=", ".venv/bin/python -m detector photos/", ".venv/bin/python -m app.rebuild")
BUILDS = ".venv/bin/python -m detector build"


def bash(script: str, folder: Path, **variables: str) -> str:
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=os.environ | variables, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("one", COMMANDS, ids=lambda one: f"{one.document}: {one.text.splitlines()[0][:40]}")
def test_a_block_is_run_by_a_test_or_by_make_or_says_that_it_needs_an_account(one: Block) -> None:
    runs = one.needs_aws or one.text.startswith((*RUN_HERE, BUILDS))

    assert runs or all(line.startswith("make ") for line in one.lines), one.text


@pytest.mark.parametrize("line", [line for one in COMMANDS for line in one.lines if line.startswith("make ")])
def test_make_knows_what_it_is_told_and_something_runs_it(line: str) -> None:
    assert line.split()[1] in EXERCISED

    bash(f"{line} --dry-run", ROOT)


def test_nothing_is_said_of_targets_that_no_document_shows() -> None:
    shown = {line.split()[1] for one in COMMANDS for line in one.lines if line.startswith("make ")}

    assert EXERCISED.keys() == shown


def calls_of_aws() -> list[str]:
    scripts = [path.read_text().replace("\\\n", " ") for path in sorted((ROOT / "infra").glob("*.sh"))]
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
