"""Runs the AWS emulator MiniStack and deploys PixTag's stack to it."""

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
from samtranslator.yaml_helper import yaml_parse

from infra.local.endpoints import COGNITO, VARIABLE, find_endpoint, list_service_endpoints
from infra.local.program import CHILD, HOST, ROOT, START_SECONDS, LocalCloudError, Program, wait_until
from infra.local.resources import create_elsewhere, replace_resources

ACCOUNT = "000000000000"
REGION = "us-east-1"
STACK = "pixtag"
TEMPLATE = ROOT / "infra" / "aws" / "template.yaml"
MINISTACK_ENVIRONMENT = ROOT / ".venv-ministack"

_FINGERPRINT = "template-sha256"


class DeploymentFailed(LocalCloudError):
    """The emulator could not create the stack."""


class CodeNotFound(LocalCloudError):
    """No code was sent to the e-mail address."""


class EmulatorMissing(LocalCloudError):
    """The emulator is not installed."""


class StackNotFound(LocalCloudError):
    """The emulator has no PixTag stack."""


class TemplateChanged(LocalCloudError):
    """The stack was created from another version of the template."""


def ministack(folder: Path, port: int, functions: Mapping[str, str] | None = None) -> Program:
    """Return the MiniStack program. It keeps its data in memory, so nothing remains when it stops.

    Args:
        folder: The absolute path of the folder for its log and its PID file.
        port: The port on which MiniStack listens.
        functions: Maps the name of each Lambda function to the URL that receives its events.

    Raises:
        EmulatorMissing: MiniStack is not installed.
    """
    if not (MINISTACK_ENVIRONMENT / "installed").exists():
        raise EmulatorMissing("MiniStack is not installed. Run `make .venv-ministack/installed`.")
    settings = {f"MINISTACK_LAMBDA_PROXY_{name}": url for name, url in (functions or {}).items()} | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(folder),
    }
    variables = environment(f"http://{HOST}:{port}") | settings
    python = MINISTACK_ENVIRONMENT / "bin" / "python"
    return Program("MiniStack", [CHILD, "ministack"], variables, folder / "ministack.log", python)


def environment(endpoint_url: str) -> dict[str, str]:
    """Return a copy of this process's environment variables with the AWS settings of the emulator.

    `AWS_ENDPOINT_URL_<SERVICE>` is kept, so that a service can have another emulator.
    """
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
    return (
        variables
        | list_service_endpoints(os.environ)
        | {
            "AWS_ENDPOINT_URL": endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "no_proxy": f"{HOST},localhost",
        }
    )


def confirmation_code(endpoint_url: str, email: str) -> str:
    """Return the latest code that the MiniStack at `endpoint_url` sent to `email`.

    Raises:
        CodeNotFound: no code was sent to this address.
    """
    for message in reversed(ses_messages(endpoint_url)):
        if email in message["To"] and (code := re.search(r"\d{6}", message["BodyText"])):
            return code[0]
    raise CodeNotFound(f"No code was sent to {email}.")


def ses_messages(endpoint_url: str) -> list[dict[str, Any]]:
    """Return the e-mails that MiniStack's Cognito sent, oldest first. With other emulators, the list is empty."""
    query = {"account": ACCOUNT}
    response = httpx.get(f"{endpoint_url}/_ministack/ses/messages", params=query, trust_env=False)
    messages: list[dict[str, Any]] = response.json()["messages"].get(ACCOUNT, []) if response.is_success else []
    return messages


class Stack:
    """PixTag's stack in the emulator at `endpoint_url`. If `image_uri` is set, the stack includes the functions.

    `parameters` are more parameters of the template.
    """

    def __init__(self, endpoint_url: str, image_uri: str = "", **parameters: str) -> None:
        self._endpoint_url = endpoint_url
        self._service_endpoints = list_service_endpoints(os.environ)
        compute = {"Compute": "true", "ImageUri": image_uri} if image_uri else {"Compute": "false"}
        self._parameters = compute | parameters
        self._cloudformation = session().client("cloudformation", endpoint_url=endpoint_url)

    def deploy(self) -> dict[str, str]:
        """Create the stack if it does not exist, and return its outputs as environment variables.

        An existing stack is never updated, because emulators replace changed tables and user pools and lose their data.

        Raises:
            DeploymentFailed: the emulator could not create the stack.
            TemplateChanged: the existing stack was created from another version of the template.
        """
        if not self._find():
            self._create()
        wait_until(self._is_settled, START_SECONDS, "The stack was not created in time.")
        stack = self._get()
        _require_same_template(stack)
        return self._to_variables(stack)

    def find_queues(self) -> dict[str, str]:
        """Return a mapping from the name of each queue in the template to its URL.

        Raises:
            StackNotFound: the emulator has no PixTag stack.
        """
        self._require()
        ids = self._list_ids()
        return {name: ids[name] for name in ("Uploads", "DeadLetters")}

    def variables(self) -> dict[str, str]:
        """Return the outputs of the stack as environment variables.

        Raises:
            StackNotFound: the emulator has no PixTag stack.
        """
        return self._to_variables(self._require())

    def _require(self) -> StackTypeDef:
        if stack := self._find():
            return stack
        raise StackNotFound(f"PixTag is not running at {self._endpoint_url}. Run `python -m infra.local`.")

    def _find(self) -> StackTypeDef | None:
        stacks = self._cloudformation.describe_stacks()["Stacks"]
        return next((stack for stack in stacks if stack["StackName"] == STACK), None)

    def _get(self) -> StackTypeDef:
        return self._cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]

    def _create(self) -> None:
        self._cloudformation.create_stack(
            StackName=STACK,
            TemplateBody=self._make_template(),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in self._parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            Tags=[{"Key": _FINGERPRINT, "Value": _fingerprint()}],
        )

    def _make_template(self) -> str:
        """Return the template. It refers to the resources that other emulators have."""
        template = yaml_parse(TEMPLATE.read_text())
        ids = create_elsewhere(session(), template, STACK, self._service_endpoints)
        return json.dumps(replace_resources(template, ids)) if ids else TEMPLATE.read_text()

    def _is_settled(self) -> bool:
        return not self._get()["StackStatus"].endswith("IN_PROGRESS")

    def _list_ids(self) -> dict[str, str]:
        resources = self._cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}

    def _to_variables(self, stack: StackTypeDef) -> dict[str, str]:
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        # The emulator's tokens have the same issuer as AWS's tokens, but their keys come from the emulator.
        cognito_url = find_endpoint(COGNITO, self._service_endpoints | {VARIABLE: self._endpoint_url})
        outputs["JwksUrl"] = f"{cognito_url}/{outputs['UserPoolId']}/.well-known/jwks.json"
        return {variable_name(name): value for name, value in outputs.items()}


def variable_name(output: str) -> str:
    """Return the environment variable for a stack output. For example, `UserPoolId` gives `PIXTAG_USER_POOL_ID`."""
    return "PIXTAG" + re.sub(r"(?=[A-Z])", "_", output).upper()


def _require_same_template(stack: StackTypeDef) -> None:
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise DeploymentFailed(f"The stack could not be created: {stack.get('StackStatusReason')}")
    tags = {tag["Key"]: tag["Value"] for tag in stack["Tags"]}
    if tags.get(_FINGERPRINT) != _fingerprint():
        raise TemplateChanged(
            f"{TEMPLATE.name} has changed since the stack in this emulator was created, and an update would delete its"
            " images and accounts. Restart the emulator to start without data."
        )


def _fingerprint() -> str:
    return hashlib.sha256(TEMPLATE.read_bytes()).hexdigest()


def session() -> boto3.Session:
    """Return a boto3 session for emulators. It ignores your AWS configuration files, profile and proxy."""
    session = botocore.session.Session(
        session_vars={
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
            "profile": (None, None, None, None),
        }
    )
    session.set_default_client_config(Config(proxies={}))
    return boto3.Session("test", "test", region_name=REGION, botocore_session=session)
