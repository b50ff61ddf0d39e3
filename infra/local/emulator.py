"""The emulated AWS account: MiniStack as a program and PixTag's stack in it; knows no other process."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import httpx
from botocore.config import Config
from mypy_boto3_cloudformation.type_defs import StackTypeDef
from mypy_boto3_dynamodb.type_defs import TimeToLiveSpecificationTypeDef
from samtranslator.yaml_helper import yaml_parse

from infra.local.program import HOST, START_SECONDS, LocalCloudError, Program, wait_until

LAPTOP = "http://127.0.0.1:4566"
ACCOUNT = "000000000000"
REGION = "us-east-1"
STACK = "pixtag"
TEMPLATE = Path(__file__).parents[1] / "aws" / "template.yaml"

_FINGERPRINT = "template-sha256"


class DeploymentFailed(LocalCloudError):
    """The emulator refused the template."""


class NoCode(LocalCloudError):
    """No code was mailed to an address."""


class NotRunning(LocalCloudError):
    """There is no stack in the emulator."""


class TemplateChanged(LocalCloudError):
    """The stack was made from another template than today's."""


def ministack(state: Path, port: int, functions: Mapping[str, str] | None = None) -> Program:
    """Return MiniStack, which keeps all it holds in `state` when it is stopped (not when it is killed).

    Events of the Lambda functions that are named go to the addresses that are given for them.
    """
    settings = {f"MINISTACK_LAMBDA_PROXY_{name}": url for name, url in (functions or {}).items()} | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "ministack"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "objects"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(state),  # where it leaves its pid file
    }
    endpoint_url = f"http://{HOST}:{port}"
    return Program("MiniStack", ["ministack"], environment(endpoint_url) | settings, state / "ministack.log")


def environment(endpoint_url: str) -> dict[str, str]:
    """Return this process's environment with the emulator in the place of the person's own AWS account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
    return kept | {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": f"{HOST},localhost",
    }


def confirmation_code(endpoint_url: str, email: str) -> str:
    """Return the code that MiniStack last mailed to `email`; raises NoCode when there is none."""
    for message in reversed(ses_messages(endpoint_url)):
        if email in message["To"] and (code := re.search(r"\d{6}", message["BodyText"])):
            return code[0]
    raise NoCode(f"No code was mailed to {email}.")


def ses_messages(endpoint_url: str) -> list[dict[str, Any]]:
    """Return the mail that MiniStack would have sent for Cognito, oldest first; other emulators show none."""
    query = {"account": ACCOUNT}
    answer = httpx.get(f"{endpoint_url}/_ministack/ses/messages", params=query, trust_env=False)
    messages: list[dict[str, Any]] = answer.json()["messages"].get(ACCOUNT, []) if answer.is_success else []
    return messages


class Stack:
    """PixTag's template in the emulator at `endpoint_url`: without its compute, unless that has an image."""

    def __init__(self, endpoint_url: str, image_uri: str = "") -> None:
        account = session()
        self._endpoint_url = endpoint_url
        self._parameters = {"Compute": "true", "ImageUri": image_uri} if image_uri else {"Compute": "false"}
        self._cloudformation = account.client("cloudformation", endpoint_url=endpoint_url)
        self._dynamodb = account.client("dynamodb", endpoint_url=endpoint_url)
        self._sqs = account.client("sqs", endpoint_url=endpoint_url)

    def deploy(self) -> dict[str, str]:
        """Create the stack unless it is there, and return its outputs as environment variables.

        A stack is never updated: emulators replace a changed table or user pool, and what it held is lost.
        Raises DeploymentFailed, or TemplateChanged when the stack there is of another template.
        """
        if not self._find():
            self._create()
        wait_until(self._settled, START_SECONDS, "The template is still being deployed.")
        stack = self._get()
        _require_same_template(stack)
        self._complete()
        return self._variables(stack)

    def queues(self) -> dict[str, str]:
        """Return the URLs of the stack's queues by their names in the template; raises NotRunning without a stack."""
        self._require()
        ids = self._ids()
        return {name: ids[name] for name in ("Uploads", "DeadLetters")}

    def variables(self) -> dict[str, str]:
        """Return the outputs of the stack as environment variables; raises NotRunning without a stack."""
        return self._variables(self._require())

    def _require(self) -> StackTypeDef:
        if stack := self._find():
            return stack
        raise NotRunning(f"There is no PixTag at {self._endpoint_url}. Start it: make run")

    def _find(self) -> StackTypeDef | None:
        stacks = self._cloudformation.describe_stacks()["Stacks"]
        return next((stack for stack in stacks if stack["StackName"] == STACK), None)

    def _get(self) -> StackTypeDef:
        return self._cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]

    def _create(self) -> None:
        self._cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=TEMPLATE.read_text(),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in self._parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            Tags=[{"Key": _FINGERPRINT, "Value": _fingerprint()}],
        )

    def _settled(self) -> bool:
        return not self._get()["StackStatus"].endswith("IN_PROGRESS")

    def _complete(self) -> None:
        """Set what MiniStack skips in a template but acts on when asked.

        It also skips the bucket's CORS, lifecycle and public access block, but acts on those in no case.
        """
        template = yaml_parse(TEMPLATE.read_text())["Resources"]
        ids = self._ids()
        self._expire(ids["Table"], template["Table"]["Properties"]["TimeToLiveSpecification"])
        self._redrive(ids["Uploads"], ids["DeadLetters"], template["Uploads"]["Properties"]["RedrivePolicy"])

    def _ids(self) -> dict[str, str]:
        found = self._cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

    def _expire(self, table: str, specification: TimeToLiveSpecificationTypeDef) -> None:
        current = self._dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if current["TimeToLiveStatus"] == "DISABLED":
            self._dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)

    def _redrive(self, queue: str, dead_letters: str, policy: dict[str, Any]) -> None:
        answer = self._sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])
        resolved = policy | {"deadLetterTargetArn": answer["Attributes"]["QueueArn"]}
        self._sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps(resolved)})

    def _variables(self, stack: StackTypeDef) -> dict[str, str]:
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        # Tokens name AWS as their issuer here too; only their keys are fetched from the emulator.
        outputs["JwksUrl"] = f"{self._endpoint_url}/{outputs['UserPoolId']}/.well-known/jwks.json"
        return {variable(name): value for name, value in outputs.items()}


def variable(output: str) -> str:
    """Return the environment variable of a stack output: `UserPoolId` is `PIXTAG_USER_POOL_ID`."""
    return "PIXTAG" + re.sub(r"(?=[A-Z])", "_", output).upper()


def _require_same_template(stack: StackTypeDef) -> None:
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise DeploymentFailed(f"The template could not be deployed: {stack.get('StackStatusReason')}")
    tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
    if tags.get(_FINGERPRINT) != _fingerprint():
        raise TemplateChanged(
            f"{TEMPLATE.name} has changed since this cloud was made from it, and a cloud is not changed in"
            " place: its images and people would be lost. Start an empty one by removing its state"
            " (rm -r .pixtag), or go back to the template it was made from."
        )


def _fingerprint() -> str:
    return hashlib.sha256(TEMPLATE.read_bytes()).hexdigest()


def session() -> boto3.Session:
    """Return a session for emulators: it reads no AWS file, no profile and no proxy of the person's."""
    blank = botocore.session.Session(
        session_vars={
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
            "profile": (None, None, None, None),
        }
    )
    blank.set_default_client_config(Config(proxies={}))
    return boto3.Session("test", "test", region_name=REGION, botocore_session=blank)
