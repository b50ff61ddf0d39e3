"""The user pool that the template declares, as far as moto takes it, and somebody to put into it."""

from functools import cache
from typing import TYPE_CHECKING, Any

from samtranslator.yaml_helper import yaml_parse

from app.userpool import UserPool
from infra.emulator import TEMPLATE

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

EMAIL, PASSWORD = "Ada@Example.com", "correct horse battery staple"
NAMES = {"given_name": "Ada", "family_name": "Lovelace"}


@cache
def declared(resource: str) -> Any:
    """The properties of a resource of the template."""
    return yaml_parse(TEMPLATE.read_text())["Resources"][resource]["Properties"]


def make_userpool(cognito: "CognitoIdentityProviderClient", kind: type[UserPool] = UserPool) -> UserPool:
    """An empty pool."""
    shape = {name: declared("UserPool")[name] for name in ("Policies", "UsernameAttributes", "AutoVerifiedAttributes")}
    pool_id = cognito.create_user_pool(PoolName="people", **shape)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="web", ExplicitAuthFlows=declared("Client")["ExplicitAuthFlows"]
    )
    return kind(cognito, pool_id=pool_id, client_id=client["UserPoolClient"]["ClientId"])
