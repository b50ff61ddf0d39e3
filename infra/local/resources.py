"""Creates the table and the user pool in emulators of one service, which know no CloudFormation."""

from collections.abc import Mapping
from typing import Any, Final

import boto3

from infra.local.endpoints import COGNITO, DYNAMODB, VARIABLE, explain_failures

Template = Mapping[str, Any]

TABLE_PROPERTIES: Final = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema")
USER_POOL_PROPERTIES: Final = (
    "AutoVerifiedAttributes",
    "Policies",
    "Schema",
    "UsernameAttributes",
    "UsernameConfiguration",
    "VerificationMessageTemplate",
)


def create_elsewhere(
    session: boto3.Session, template: Template, stack: str, endpoints: Mapping[str, str]
) -> dict[str, str]:
    """Create the resources whose service has its own emulator.

    Args:
        session: The session with the credentials of emulators.
        template: The CloudFormation template.
        stack: The name of the stack, which becomes the name of the resources.
        endpoints: The URLs of the emulators of single services, by the name of their variable.

    Returns:
        The physical ids of the resources, by their names in the template.

    Raises:
        EmulatorFailed: an emulator cannot create a resource.
    """
    properties = {name: resource.get("Properties", {}) for name, resource in template["Resources"].items()}
    ids: dict[str, str] = {}
    if url := endpoints.get(f"{VARIABLE}_{DYNAMODB}"):
        with explain_failures(url):
            table = {name: properties["Table"][name] for name in TABLE_PROPERTIES}
            session.client("dynamodb", endpoint_url=url).create_table(TableName=stack, **table)
        ids["Table"] = stack
    if url := endpoints.get(f"{VARIABLE}_{COGNITO}"):
        with explain_failures(url):
            cognito = session.client("cognito-idp", endpoint_url=url)
            pool = {name: properties["UserPool"][name] for name in USER_POOL_PROPERTIES}
            ids["UserPool"] = cognito.create_user_pool(PoolName=stack, **pool)["UserPool"]["Id"]
            client = properties["Client"] | {"UserPoolId": ids["UserPool"]}
            response = cognito.create_user_pool_client(ClientName=stack, **client)
        ids["Client"] = response["UserPoolClient"]["ClientId"]
    return ids


def replace_resources(template: Template, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the template without these resources. Parameters with the same names contain their ids.

    The conditional resources are left out too, because the local cloud does not deploy them.
    """
    resources = {name: resource for name, resource in template["Resources"].items() if name not in ids}
    parameters = {name: {"Type": "String", "Default": value} for name, value in ids.items()}
    sections = {name: section for name, section in template.items() if name not in {"Globals", "Transform"}}
    return sections | {
        "Parameters": template["Parameters"] | parameters,
        "Resources": _leave_out_conditional(resources),
        "Outputs": _leave_out_conditional(template["Outputs"]),
    }


def _leave_out_conditional(section: Template) -> dict[str, Any]:
    return {name: item for name, item in section.items() if "Condition" not in item}
