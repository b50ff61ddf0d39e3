"""`make deploy` and `make destroy`, with programs in the place of AWS's and Docker's that note what they are told."""

import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import jmespath
import pytest
from jmespath.parser import ParsedResult
from samtranslator.yaml_helper import yaml_parse

from infra.local.emulator import TEMPLATE

INFRA = TEMPLATE.parent
PROGRAM = """#!/bin/sh
echo "${0##*/} $*" >> "$CALLS"
case "$*" in
*get-caller-identity*) echo 123456789012; exit ${SIGNED_OUT:-0};;
*get-login-password*) echo secret;;
*--password-stdin*) cat >/dev/null;;
*describe-repositories*) exit 1;;
*ApiUrl*) echo https://pixtag.example;;
*RecordTarget*) echo "$TARGET";;
*QueueArn*) echo "arn-of-$4";;
*OutputKey==?Table*) echo "${RESTORED:-table-of-ours}";;
*LogicalResourceId==?Table*) echo table-of-ours;;
*LogicalResourceId*) echo "$HELD";;
esac
"""


@dataclass
class Account:
    """Where the programs are, and what they were told."""

    folder: Path

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()

    def run(self, script: str, said: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        path = {
            "PATH": f"{self.folder}:/usr/bin:/bin",
            "CALLS": str(self.folder / "calls"),
            "AWS_REGION": "eu-central-1",
            "HELD": "one-of-ours",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return subprocess.run(
            [INFRA / script], env=kept | path | variables, input=said, check=False, capture_output=True, text=True
        )


@pytest.fixture
def account(tmp_path: Path) -> Account:
    for name in ("aws", "docker", "make"):
        program = tmp_path / name
        program.write_text(PROGRAM)
        program.chmod(0o755)
    return Account(tmp_path)


def test_deploying_builds_pushes_deploys_guards_and_says_where(account: Account) -> None:
    done = account.run("deploy.sh", STACK="pixtag-test", PARAMETERS="LogDays=7 Cdn=true")

    steps = ["make image", "docker login", "docker tag", "docker push", "aws cloudformation deploy", "set-stack-policy"]
    found = [next(number for number, call in enumerate(account.calls) if step in call) for step in steps]
    (deployed,) = [call for call in account.calls if "cloudformation deploy" in call]
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "PixTag  https://pixtag.example")
    assert found == sorted(found)
    assert "--stack-name pixtag-test " in deployed
    assert " ImageUri=123456789012.dkr.ecr.eu-central-1.amazonaws.com/pixtag:2" in deployed
    assert deployed.endswith(" LogDays=7 Cdn=true")


def test_who_keeps_the_domain_elsewhere_is_told_what_its_record_has_to_name(account: Account) -> None:
    done = account.run("deploy.sh", TARGET="d-1.execute-api.example")

    assert "CNAME to d-1.execute-api.example" in done.stdout
    assert "CNAME" not in account.run("deploy.sh").stdout


def test_going_back_to_an_image_builds_nothing(account: Account) -> None:
    done = account.run("deploy.sh", IMAGE_URI="registry/pixtag:before")

    assert done.returncode == 0
    assert not [call for call in account.calls if call.startswith(("make", "docker", "aws ecr"))]
    assert [call for call in account.calls if call.endswith("ImageUri=registry/pixtag:before")]


@pytest.mark.parametrize("script", ["deploy.sh", "destroy.sh"])
def test_who_is_not_signed_in_is_told_so_and_nothing_is_done(account: Account, script: str) -> None:
    done = account.run(script, SIGNED_OUT="1")

    assert (done.returncode, done.stderr) == (1, "Sign in first: `aws configure` or `aws sso login`.\n")
    assert len(account.calls) == 1


@pytest.mark.parametrize("missing", ["aws", "docker"])
def test_a_program_that_is_missing_is_named_before_anything_is_done(account: Account, missing: str) -> None:
    (account.folder / missing).unlink()

    done = account.run("deploy.sh", PATH=f"{account.folder}:{_without_programs(account.folder)}")

    assert done.returncode == 1
    assert f"This needs `{missing}` on your PATH" in done.stderr


def _without_programs(folder: Path) -> Path:
    """A PATH on which nothing is but the shell."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("bash", "dirname", "env", "sh"):
        (programs / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    return programs


def test_redriving_asks_aws_to_move_what_the_worker_gave_up(account: Account) -> None:
    done = account.run("redrive.sh", STACK="pixtag-test")

    assert done.returncode == 0
    assert "aws sqs start-message-move-task --source-arn arn-of-one-of-ours" in account.calls


def test_there_is_nothing_to_redrive_without_a_stack(account: Account) -> None:
    done = account.run("redrive.sh", HELD="")

    assert (done.returncode, done.stderr) == (1, "There is no finished stack pixtag.\n")
    assert not [call for call in account.calls if call.startswith("aws sqs")]


def test_destroying_takes_the_stacks_name_and_says_what_was_kept(account: Account) -> None:
    done = account.run("destroy.sh", "pixtag-test\n", STACK="pixtag-test")

    assert done.returncode == 0
    assert "aws cloudformation delete-stack --stack-name pixtag-test" in account.calls
    assert done.stdout.count("delete-table --table-name table-of-ours") == done.stdout.count("delete-table") == 1
    assert "delete-user-pool --user-pool-id one-of-ours" in done.stdout
    assert "aws s3 rb s3://one-of-ours" in done.stdout


def test_of_a_stack_that_uses_a_restored_table_both_are_named(account: Account) -> None:
    done = account.run("destroy.sh", "pixtag\n", RESTORED="restored")

    assert "delete-table --table-name table-of-ours" in done.stdout
    assert "delete-table --table-name restored" in done.stdout


def test_of_a_stack_that_never_came_to_be_nothing_is_named_that_is_not_there(account: Account) -> None:
    done = account.run("destroy.sh", "pixtag\n", HELD="")

    assert done.returncode == 0
    assert "aws cloudformation delete-stack --stack-name pixtag" in account.calls
    assert "s3 rb" not in done.stdout
    assert "delete-user-pool" not in done.stdout


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ({"Outputs": [{"OutputKey": "Table", "OutputValue": "a"}, {"OutputKey": "Bucket", "OutputValue": "b"}]}, ["a"]),
        ({"Outputs": [{"OutputKey": "Bucket", "OutputValue": "b"}]}, []),
        ({"StackName": "pixtag"}, []),
    ],
)
def test_an_output_that_a_stack_has_not_is_nothing_and_no_word(described: dict[str, object], said: list[str]) -> None:
    assert asked("Outputs", "Table").search({"Stacks": [described]}) == said


def test_what_aws_has_deleted_is_no_resource() -> None:
    told = [
        {"LogicalResourceId": "Table", "PhysicalResourceId": "a", "ResourceStatus": "DELETE_SKIPPED"},
        {"LogicalResourceId": "Bucket", "PhysicalResourceId": "b", "ResourceStatus": "DELETE_COMPLETE"},
    ]

    found = {name: asked("StackResources", name).search({"StackResources": told}) for name in ("Table", "Bucket")}

    assert found == {"Table": ["a"], "Bucket": []}


def asked(what: str, name: str) -> ParsedResult:
    """What account.sh asks the AWS CLI to pick out of an answer, for this name."""
    (query,) = [text for text in re.findall('--query "(.*)"', (INFRA / "account.sh").read_text()) if what in text]
    return jmespath.compile(query.replace("$1", name))


@pytest.mark.parametrize("said", ["", "\n", "yes\n", "pixtag-tes\n"])
def test_nothing_is_destroyed_on_another_word(account: Account, said: str) -> None:
    done = account.run("destroy.sh", said, STACK="pixtag-test")

    assert done.returncode == 1
    assert not [call for call in account.calls if "delete" in call]


def test_sams_settings_are_of_this_template() -> None:
    stages = tomllib.loads((INFRA / "samconfig.toml").read_text())
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]

    deployed = {stage: stages[stage]["deploy"]["parameters"] for stage in ("default", "test")}

    assert stages["default"]["global"]["parameters"]["stack_name"] == "pixtag"
    assert stages["test"]["global"]["parameters"]["stack_name"] == "pixtag-test"
    assert {stage["template_file"] for stage in deployed.values()} == {TEMPLATE.name}
    assert [stage["capabilities"] for stage in deployed.values()] == [capabilities] * 2
    assert f"--capabilities {' '.join(capabilities)} " in (INFRA / "deploy.sh").read_text()


def test_emulators_in_docker_are_reached_from_this_machine_alone() -> None:
    services = yaml_parse((INFRA.parent / "local" / "compose.yaml").read_text())["services"]

    assert {name: service["ports"] for name, service in services.items()} == {
        "ministack": ["127.0.0.1:4566:4566"],
        "localstack": ["127.0.0.1:4566:4566"],
    }
    assert {service.get("network_mode") for service in services.values()} == {None}
    assert all(":" in service["image"] and not service["image"].endswith(":latest") for service in services.values())


def test_ci_may_only_read_and_runs_what_a_newcomer_runs() -> None:
    workflow = yaml_parse((INFRA.parents[1] / ".github/workflows/ci.yaml").read_text())
    steps = workflow["jobs"]["test"]["steps"]

    assert workflow["permissions"] == {"contents": "read"}
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert all("@v" in step["uses"] for step in steps if "uses" in step)
