"""The user pool as the template declares it, as far as moto supports it, and the data of a person to register."""

import json
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from app.adapters.aws.accounts import CognitoAccounts
from tests.support.template import resource_properties

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

EMAIL, PASSWORD = "Ada@Example.com", "correct horse battery staple"
NAMES = {"given_name": "Ada", "family_name": "Lovelace"}


def make_user_pool(
    cognito: "CognitoIdentityProviderClient", kind: type[CognitoAccounts] = CognitoAccounts
) -> CognitoAccounts:
    """Create an empty user pool and return it. It supports `DeleteUser`, which moto lacks."""
    shape = {
        name: resource_properties("UserPool")[name]
        for name in ("Policies", "UsernameAttributes", "AutoVerifiedAttributes")
    }
    pool_id = cognito.create_user_pool(PoolName="people", **shape)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="web", ExplicitAuthFlows=resource_properties("Client")["ExplicitAuthFlows"]
    )

    def delete_user(params: dict[str, Any], **_: object) -> Any:
        name = cognito.get_user(AccessToken=json.loads(params["body"])["AccessToken"])["Username"]
        cognito.admin_delete_user(UserPoolId=pool_id, Username=name)
        return AWSResponse("", 200, HTTPHeaders(), None), {}

    cognito.meta.events.register_last("before-call.cognito-idp.DeleteUser", delete_user)
    return kind(cognito, pool_id=pool_id, client_id=client["UserPoolClient"]["ClientId"])
