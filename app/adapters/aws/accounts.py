"""Manages accounts, passwords and tokens in the Cognito user pool.

No response reveals whether an address has an account. Each operation sends the same request for known and unknown
addresses. A password is sent only if the pool's policy allows it, because Cognito's errors for other passwords depend
on whether the address is known. `cognito_errors.py` translates Cognito's errors.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from app.adapters.aws.cognito_errors import translate_errors
from app.domain.accounts import CHARACTER_KINDS, AccessToken, Account, PasswordPolicy, Tokens
from app.domain.errors import InvalidCredentials, SessionEnded
from app.domain.ports import Accounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import InitiateAuthResponseTypeDef


class CognitoAccounts(Accounts):
    """Manages PixTag's accounts. E-mail addresses are lower-cased. An owner is the `sub` claim of an access token.

    Every operation raises TooManyRequests when Cognito throttles PixTag.
    """

    def __init__(self, client: "CognitoIdentityProviderClient", *, pool_id: str, client_id: str) -> None:
        self._client = client
        self._pool_id = pool_id
        self._client_id = client_id

    @cached_property
    @override
    def password_policy(self) -> PasswordPolicy:
        with translate_errors("describe"):
            pool = self._client.describe_user_pool(UserPoolId=self._pool_id)["UserPool"]
        policy: Mapping[str, Any] = pool["Policies"]["PasswordPolicy"]
        return PasswordPolicy(policy["MinimumLength"], tuple(kind for kind in CHARACTER_KINDS if policy.get(kind)))

    @override
    def register(self, email: str, password: str, *, given_name: str, family_name: str) -> None:
        self.password_policy.require(password)
        attributes = {"email": email.lower(), "given_name": given_name, "family_name": family_name}
        with translate_errors("register"):
            self._client.sign_up(
                ClientId=self._client_id,
                Username=email.lower(),
                Password=password,
                UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
            )

    @override
    def confirm(self, email: str, code: str) -> None:
        with translate_errors("confirm"):
            self._client.confirm_sign_up(ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code)

    @override
    def resend_code(self, email: str) -> None:
        with translate_errors("resend_code"):
            self._client.resend_confirmation_code(ClientId=self._client_id, Username=email.lower())

    @override
    def request_password_reset(self, email: str) -> None:
        with translate_errors("request_password_reset"):
            self._client.forgot_password(ClientId=self._client_id, Username=email.lower())

    @override
    def reset_password(self, email: str, code: str, password: str) -> None:
        self.password_policy.require(password)
        with translate_errors("reset_password"):
            self._client.confirm_forgot_password(
                ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code, Password=password
            )

    @override
    def sign_in(self, email: str, password: str) -> Tokens:
        parameters = {"USERNAME": email.lower(), "PASSWORD": password}
        with translate_errors("sign_in"):
            response = self._client.initiate_auth(
                ClientId=self._client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
            )
        access = _to_access_token(response)
        return Tokens(access.access_token, access.expires_in, response["AuthenticationResult"]["RefreshToken"])

    @override
    def refresh(self, refresh_token: str) -> AccessToken:
        if not refresh_token:
            raise SessionEnded
        parameters = {"REFRESH_TOKEN": refresh_token}
        with translate_errors("refresh"):
            response = self._client.initiate_auth(
                ClientId=self._client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters
            )
        return _to_access_token(response)

    @override
    def revoke(self, refresh_token: str) -> None:
        if not refresh_token:
            return
        with translate_errors("revoke"):
            self._client.revoke_token(ClientId=self._client_id, Token=refresh_token)

    @override
    def get_account(self, access_token: str) -> Account:
        with translate_errors("get_account"):
            response = self._client.get_user(AccessToken=access_token)
        attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in response["UserAttributes"]}
        return Account(
            attributes["email"],
            attributes.get("given_name", ""),
            attributes.get("family_name", ""),
            email_verified=attributes.get("email_verified") == "true",
        )

    @override
    def delete_account(self, access_token: str) -> None:
        with translate_errors("delete_account"):
            self._client.delete_user(AccessToken=access_token)


def _to_access_token(response: "InitiateAuthResponseTypeDef") -> AccessToken:
    """Return the access token in a response.

    Raises:
        InvalidCredentials: Cognito requires a further step, such as a second factor. PixTag supports none.
    """
    if "AuthenticationResult" not in response:
        raise InvalidCredentials
    result = response["AuthenticationResult"]
    return AccessToken(result["AccessToken"], result["ExpiresIn"])
