"""`make deploy`, `make destroy` and `make redrive`, with fake programs that record their arguments."""

import os
import re
import subprocess
import tomllib
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import jmespath
import pytest
from jmespath.parser import ParsedResult
from samtranslator.yaml_helper import yaml_parse

from app.api.routers.pages import get_asset
from app.api.ui_files import UI_FOLDERS
from infra.local.emulator import TEMPLATE

INFRA = TEMPLATE.parent
FAKE_PROGRAM = """#!/bin/sh
echo "${0##*/} $*" >> "$CALLS"
case "${0##*/} $*" in
*"${FAILING:-no call}"*) echo "failure of ${0##*/} $*" >&2; exit 254;;
esac
case "$*" in
*get-caller-identity*) echo 123456789012; exit ${SIGNED_OUT:-0};;
*get-login-password*) echo secret;;
*--password-stdin*) cat >/dev/null;;
*describe-repositories*) exit 1;;
*create-repository*) echo 123456789012.dkr.ecr.eu-central-1.amazonaws.com/pixtag;;
*ApiUrl*) echo https://pixtag.example;;
*RecordTarget*) echo "$TARGET";;
*OutputKey==?Assets*) { [ -z "$IS_NEW" ] || grep -q "cloudformation deploy" "$CALLS"; } && echo "$ASSETS";;
*QueueArn*) echo "arn-of-$4";;
*OutputKey==?Table*) echo "${RESTORED:-stack-table}";;
*LogicalResourceId==?Table*) echo stack-table;;
*LogicalResourceId*) echo "$RESOURCE_ID";;
esac
"""


@dataclass
class Account:
    """The folder of the fake programs, and the calls that they recorded."""

    folder: Path

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()

    def run(self, script: str, typed: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        fakes = {
            "PATH": f"{self.folder}:/usr/bin:/bin",
            "CALLS": str(self.folder / "calls"),
            "AWS_REGION": "eu-central-1",
            "RESOURCE_ID": "resource-id",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return subprocess.run(
            [INFRA / script],
            env=inherited | fakes | variables,
            input=typed,
            check=False,
            capture_output=True,
            text=True,
        )


@pytest.fixture
def account(tmp_path: Path) -> Account:
    for name in ("aws", "docker", "make"):
        program = tmp_path / name
        program.write_text(FAKE_PROGRAM)
        program.chmod(0o755)
    return Account(tmp_path)


def test_deploy_builds_pushes_deploys_sets_the_policy_and_prints_the_address(account: Account) -> None:
    process = account.run("deploy.sh", STACK="pixtag-test", PARAMETERS="LogDays=7 Cdn=true")

    steps = ["make image", "docker login", "docker tag", "docker push", "aws cloudformation deploy", "set-stack-policy"]
    positions = [next(number for number, call in enumerate(account.calls) if step in call) for step in steps]
    (deploy_call,) = [call for call in account.calls if "cloudformation deploy" in call]
    assert (process.returncode, process.stdout.splitlines()[-1]) == (0, "PixTag  https://pixtag.example")
    assert positions == sorted(positions)
    assert "--stack-name pixtag-test " in deploy_call
    assert " ImageUri=123456789012.dkr.ecr.eu-central-1.amazonaws.com/pixtag:2" in deploy_call
    assert deploy_call.endswith(" LogDays=7 Cdn=true")


def test_deploy_with_a_record_target_prints_the_record(account: Account) -> None:
    process = account.run("deploy.sh", TARGET="d-1.execute-api.example")

    assert "Add a CNAME record to your domain, with the target d-1.execute-api.example" in process.stdout
    assert "CNAME" not in account.run("deploy.sh").stdout


def test_deploy_with_an_image_uri_builds_nothing(account: Account) -> None:
    process = account.run("deploy.sh", IMAGE_URI="registry/pixtag:earlier")

    assert process.returncode == 0
    assert not [call for call in account.calls if call.startswith(("make", "docker", "aws ecr"))]
    assert [call for call in account.calls if call.endswith("ImageUri=registry/pixtag:earlier")]


@pytest.mark.parametrize(("is_new", "order"), [("", ["s3 cp", "deploy"]), ("1", ["deploy", "s3 cp"])])
def test_deploy_with_cloudfront_uploads_the_assets_once_and_first_if_it_can(
    account: Account, is_new: str, order: list[str]
) -> None:
    process = account.run("deploy.sh", ASSETS="assets-bucket", IS_NEW=is_new)

    calls = [next((name for name in order if f" {name} " in call), "") for call in account.calls]
    assert process.returncode == 0
    assert [name for name, _ in groupby(filter(None, calls))] == order
    assert len(list_uploads(account)) == calls.count("s3 cp")


def test_deploy_without_cloudfront_uploads_no_assets(account: Account) -> None:
    assert account.run("deploy.sh").returncode == 0

    assert list_uploads(account) == {}


def test_assets_are_uploaded_with_the_headers_of_the_api(account: Account, tmp_path: Path) -> None:
    account.run("deploy.sh", ASSETS="assets-bucket")

    (assets,) = [folder / "assets" for folder in UI_FOLDERS if folder.exists()]
    uploads = list_uploads(account)
    assert uploads.keys() == {file.suffix for file in assets.iterdir()}
    for suffix, options in uploads.items():
        name = next(file.name for file in assets.iterdir() if file.suffix == suffix)
        headers = get_asset(name, assets.parent).headers
        assert options["--content-type"] == headers["Content-Type"]
        assert options["--cache-control"] == headers["Cache-Control"]


def list_uploads(account: Account) -> dict[str, dict[str, str]]:
    """Return the options of each recursive copy to the bucket `assets-bucket`, by the suffix of its files."""
    prefix = "aws s3 cp --recursive --only-show-errors static/dist/assets s3://assets-bucket/assets --exclude * "
    uploads = [call.removeprefix(prefix) for call in account.calls if call.startswith(prefix)]
    options = [dict(re.findall(r"(--\S+) (.+?)(?= --|$)", upload)) for upload in uploads]
    return {each["--include"].removeprefix("*"): each for each in options}


FAILURES = {
    "get-caller-identity": "You are not signed in to AWS. Run `aws configure` or `aws sso login`.\n",
    "make image": "could not build the image. See the message above. Run `make deploy` again.\n",
    "create-repository": "could not create the image repository. See the message above. Run `make deploy` again.\n",
    "get-login-password": "could not sign in to the image repository. See the message above.",
    "docker login": "could not sign in to the image repository. See the message above.",
    "docker tag": "could not push the image. See the message above. Run `make deploy` again.\n",
    "docker push": "could not push the image. See the message above. Run `make deploy` again.\n",
    "s3 cp": "could not upload the files of the web UI. See the message above. The image is ready.",
    "include *.woff2": "could not upload the files of the web UI. See the message above. The image is ready.",
    "cloudformation deploy": "could not deploy the stack. See the message above. CloudFormation rolls",
    "OutputKey=='Assets'": "could not find the bucket of the web UI. See the message above. PixTag is deployed.",
    "set-stack-policy": "could not protect the data with the stack policy. See the message above. PixTag is deployed.",
    "RecordTarget": "could not read the address of PixTag. See the message above. PixTag is deployed.",
    "ApiUrl": "could not read the address of PixTag. See the message above. PixTag is deployed.",
}


@pytest.mark.parametrize("failing", FAILURES)
def test_deploy_that_fails_at_a_call_names_the_step_and_ends(account: Account, failing: str) -> None:
    process = account.run("deploy.sh", FAILING=failing, ASSETS="assets-bucket")

    assert process.returncode != 0
    assert FAILURES[failing] in process.stderr
    assert "PixTag  https" not in process.stdout
    is_deployed = any("cloudformation deploy" in call for call in account.calls)
    assert is_deployed is (list(FAILURES).index(failing) >= list(FAILURES).index("cloudformation deploy"))


def test_deploy_of_a_new_stack_whose_upload_fails_says_that_it_is_deployed(account: Account) -> None:
    process = account.run("deploy.sh", FAILING="s3 cp", ASSETS="assets-bucket", IS_NEW="1")

    assert process.returncode != 0
    assert "could not upload the files of the web UI. See the message above. PixTag is deployed. Run" in process.stderr


def test_deploy_has_no_other_call_that_can_fail(account: Account) -> None:
    """If the repository cannot be described, it is created. So `create-repository` reports all failures."""
    account.run("deploy.sh", ASSETS="assets-bucket")

    assert [call for call in account.calls if not any(each in call for each in (*FAILURES, "describe-repo"))] == []


def test_deploy_of_a_stack_that_fails_names_the_image_that_needs_no_build(account: Account) -> None:
    process = account.run("deploy.sh", FAILING="cloudformation deploy")

    (image,) = re.findall(r"run `make deploy IMAGE_URI=(\S+)`", process.stderr)
    assert f" ImageUri={image}" in account.calls[-1]
    assert "run `make destroy`" in process.stderr


@pytest.mark.parametrize(
    "name", ["PixTag", "pix_tag", "1pixtag", "-pixtag", "", "pix.tag", "xn--pixtag", "p" * 38, "pixtäg"]
)
def test_deploy_with_a_name_that_no_bucket_can_have_stops_before_the_build(account: Account, name: str) -> None:
    process = account.run("deploy.sh", STACK=name)

    if name:
        assert process.returncode == 1
        assert f'The stack name "{name}" gives the invalid bucket name' in process.stderr
        assert "at most 37 lower-case letters" in process.stderr
        assert not [call for call in account.calls if not call.startswith(("aws sts", "aws configure"))]
    else:  # the default name
        assert process.returncode == 0


def test_deploy_with_the_longest_name_deploys(account: Account) -> None:
    assert account.run("deploy.sh", STACK="p" * 37).returncode == 0


@pytest.mark.parametrize("script", ["deploy.sh", "destroy.sh"])
def test_script_without_a_sign_in_says_so_and_does_nothing(account: Account, script: str) -> None:
    process = account.run(script, SIGNED_OUT="1")

    assert (process.returncode, process.stderr) == (
        1,
        "You are not signed in to AWS. Run `aws configure` or `aws sso login`.\n",
    )
    assert len(account.calls) == 1


@pytest.mark.parametrize("missing", ["aws", "docker"])
def test_deploy_without_a_program_names_it(account: Account, missing: str) -> None:
    (account.folder / missing).unlink()

    process = account.run("deploy.sh", PATH=f"{account.folder}:{_make_minimal_path(account.folder)}")

    assert process.returncode == 1
    assert f"`{missing}` is not on your PATH" in process.stderr


def _make_minimal_path(folder: Path) -> Path:
    """Return a folder that contains only the shell and its tools."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("bash", "dirname", "env", "sh"):
        (programs / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    return programs


def test_redrive_starts_a_move_task(account: Account) -> None:
    process = account.run("redrive.sh", STACK="pixtag-test")

    assert process.returncode == 0
    assert "aws sqs start-message-move-task --source-arn arn-of-resource-id" in account.calls


def test_redrive_without_a_stack_fails(account: Account) -> None:
    process = account.run("redrive.sh", RESOURCE_ID="")

    assert (process.returncode, process.stderr) == (1, "There is no stack pixtag. Choose another with STACK=.\n")
    assert not [call for call in account.calls if call.startswith("aws sqs")]


def test_destroy_with_the_name_of_the_stack_deletes_it_and_lists_its_data(account: Account) -> None:
    process = account.run("destroy.sh", "pixtag-test\n", STACK="pixtag-test")

    assert process.returncode == 0
    assert "aws cloudformation delete-stack --stack-name pixtag-test" in account.calls
    assert process.stdout.count("delete-table --table-name stack-table") == process.stdout.count("delete-table") == 1
    assert "delete-user-pool --user-pool-id resource-id" in process.stdout
    assert "aws s3 rb s3://resource-id" in process.stdout


def test_destroy_empties_the_bucket_of_assets_first(account: Account) -> None:
    account.run("destroy.sh", "pixtag\n")

    changes = [call for call in account.calls if " s3 " in call or "delete-stack" in call]
    assert changes == [
        "aws s3 rm --recursive --only-show-errors s3://resource-id",
        "aws cloudformation delete-stack --stack-name pixtag",
    ]


def test_destroy_whose_bucket_of_assets_stays_full_keeps_the_stack(account: Account) -> None:
    process = account.run("destroy.sh", "pixtag\n", FAILING="s3 rm")

    assert process.returncode != 0
    assert not [call for call in account.calls if "delete-stack" in call]


def test_destroy_of_a_stack_with_a_restored_table_lists_both_tables(account: Account) -> None:
    process = account.run("destroy.sh", "pixtag\n", RESTORED="restored")

    assert "delete-table --table-name stack-table" in process.stdout
    assert "delete-table --table-name restored" in process.stdout


def test_destroy_of_an_incomplete_stack_lists_only_existing_resources(account: Account) -> None:
    process = account.run("destroy.sh", "pixtag\n", RESOURCE_ID="")

    assert process.returncode == 0
    assert "aws cloudformation delete-stack --stack-name pixtag" in account.calls
    assert not [call for call in account.calls if " s3 " in call]
    assert "s3 rb" not in process.stdout
    assert "delete-user-pool" not in process.stdout


@pytest.mark.parametrize(
    ("stack", "values"),
    [
        ({"Outputs": [{"OutputKey": "Table", "OutputValue": "a"}, {"OutputKey": "Bucket", "OutputValue": "b"}]}, ["a"]),
        ({"Outputs": [{"OutputKey": "Bucket", "OutputValue": "b"}]}, []),
        ({"StackName": "pixtag"}, []),
    ],
)
def test_query_of_a_missing_output_returns_nothing(stack: dict[str, object], values: list[str]) -> None:
    assert compile_query("Outputs", "Table").search({"Stacks": [stack]}) == values


def test_query_of_a_deleted_resource_returns_nothing() -> None:
    resources = [
        {"LogicalResourceId": "Table", "PhysicalResourceId": "a", "ResourceStatus": "DELETE_SKIPPED"},
        {"LogicalResourceId": "Bucket", "PhysicalResourceId": "b", "ResourceStatus": "DELETE_COMPLETE"},
    ]

    ids = {
        name: compile_query("StackResources", name).search({"StackResources": resources})
        for name in ("Table", "Bucket")
    }

    assert ids == {"Table": ["a"], "Bucket": []}


def compile_query(member: str, name: str) -> ParsedResult:
    """Return the query in account.sh that selects a name in this member of a response."""
    (query,) = [text for text in re.findall('--query "(.*)"', (INFRA / "account.sh").read_text()) if member in text]
    return jmespath.compile(query.replace("$1", name))


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "pixtag-tes\n"])
def test_destroy_with_another_name_deletes_nothing(account: Account, typed: str) -> None:
    process = account.run("destroy.sh", typed, STACK="pixtag-test")

    assert process.returncode == 1
    assert not [call for call in account.calls if "delete" in call or " s3 " in call]


def test_samconfig_matches_the_template_and_the_deploy_script() -> None:
    stages = tomllib.loads((INFRA / "samconfig.toml").read_text())
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]

    parameters = {stage: stages[stage]["deploy"]["parameters"] for stage in ("default", "test")}

    assert stages["default"]["global"]["parameters"]["stack_name"] == "pixtag"
    assert stages["test"]["global"]["parameters"]["stack_name"] == "pixtag-test"
    assert {stage["template_file"] for stage in parameters.values()} == {TEMPLATE.name}
    assert [stage["capabilities"] for stage in parameters.values()] == [capabilities] * 2
    assert f"--capabilities {' '.join(capabilities)} " in (INFRA / "deploy.sh").read_text()


def test_ci_has_only_read_permission_and_runs_the_ci_script() -> None:
    workflow = yaml_parse((INFRA.parents[1] / ".github/workflows/ci.yaml").read_text())
    steps = workflow["jobs"]["test"]["steps"]

    assert workflow["permissions"] == {"contents": "read"}
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]) for step in steps if "uses" in step)
