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
    """Create an empty user pool and return it. It supports some operations that moto lacks."""
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
    _verify_new_addresses(cognito, pool_id)
    return kind(cognito, pool_id=pool_id, client_id=client["UserPoolClient"]["ClientId"])


def _verify_new_addresses(cognito: "CognitoIdentityProviderClient", pool_id: str) -> None:
    """Keep the address of a user until a new one is verified, as `AttributesRequireVerificationBeforeUpdate` does.

    The code is 123456. The address of another user is refused, as by Cognito. The service checks the access token.
    """
    pending: dict[str, str] = {}
    done = AWSResponse("", 200, HTTPHeaders(), None), dict[str, Any]()

    def update(params: dict[str, Any], **_: object) -> Any:
        body = json.loads(params["body"])
        emails = [each["Value"] for each in body["UserAttributes"] if each["Name"] == "email"]
        if not emails:
            return None
        name = cognito.get_user(AccessToken=body["AccessToken"])["Username"]
        users = cognito.list_users(UserPoolId=pool_id, Filter=f'email = "{emails[0]}"')["Users"]
        if users:
            return _refuse("AliasExistsException")
        pending[name] = emails[0]
        return done

    def verify(params: dict[str, Any], **_: object) -> Any:
        body = json.loads(params["body"])
        name = cognito.get_user(AccessToken=body["AccessToken"])["Username"]
        if name not in pending or body["Code"] != "123456":
            return _refuse("CodeMismatchException")
        email = pending.pop(name)
        cognito.admin_update_user_attributes(
            UserPoolId=pool_id, Username=name, UserAttributes=[{"Name": "email", "Value": email}]
        )
        return done

    def revoke(**_: object) -> Any:
        return done

    cognito.meta.events.register_last("before-call.cognito-idp.UpdateUserAttributes", update)
    cognito.meta.events.register_last("before-call.cognito-idp.VerifyUserAttribute", verify)
    cognito.meta.events.register_last("before-call.cognito-idp.RevokeToken", revoke)


def _refuse(code: str) -> Any:
    return AWSResponse("", 400, HTTPHeaders(), None), {"Error": {"Code": code, "Message": code}}
