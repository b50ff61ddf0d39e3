"""Manages accounts, passwords and tokens in the Cognito user pool.

No response reveals whether an address has an account. Each operation sends the same request for known and unknown
addresses. A password is sent only if the pool's policy allows it, because Cognito's errors for other passwords depend
on whether the address is known. `cognito_errors.py` translates Cognito's errors.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypedDict

from botocore.exceptions import BotoCoreError, ClientError
from typing_extensions import override

from app.adapters.aws.cognito_errors import translate_errors
from app.domain.accounts import CHARACTER_KINDS, AccessToken, Account, PasswordPolicy, Tokens
from app.domain.errors import InvalidCredentials, SessionEnded, Unavailable, WrongPassword
from app.domain.ports import Accounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef, InitiateAuthResponseTypeDef

NOT_TAKEN_OVER: Final = "Your address is confirmed, but your password was not set. Request a code for a new password."


class _User(TypedDict):
    """The parameters that name a user in a request of an administrator."""

    UserPoolId: str
    Username: str


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
    def register(self, email: str, password: str, *, given_name: str, family_name: str, invitation: str = "") -> None:
        self.password_policy.require(password)
        attributes = {"email": email.lower(), "given_name": given_name, "family_name": family_name}
        with translate_errors("register"):
            self._client.sign_up(
                ClientId=self._client_id,
                Username=email.lower(),
                Password=password,
                UserAttributes=_to_attributes(attributes),
                ClientMetadata={"invitation": invitation},  # for sign_up_trigger.py
            )

    @override
    def confirm(self, email: str, code: str, password: str, *, given_name: str = "", family_name: str = "") -> None:
        self.password_policy.require(password)
        with translate_errors("confirm"):
            self._client.confirm_sign_up(ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code)
        try:
            self._take_over(email.lower(), password, {"given_name": given_name, "family_name": family_name})
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(NOT_TAKEN_OVER) from error

    def _take_over(self, username: str, password: str, names: "Mapping[str, str]") -> None:
        """Replace the password and the names of the person who has registered the address, and end their sessions."""
        user: _User = {"UserPoolId": self._pool_id, "Username": username}
        with translate_errors("take_over"):
            self._client.admin_set_user_password(**user, Password=password, Permanent=True)
            self._client.admin_user_global_sign_out(**user)
            if attributes := {name: value for name, value in names.items() if value}:
                self._client.admin_update_user_attributes(**user, UserAttributes=_to_attributes(attributes))

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
        with translate_errors("take_over"):
            self._client.admin_user_global_sign_out(UserPoolId=self._pool_id, Username=email.lower())

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
    def change_password(self, access_token: str, old: str, new: str) -> None:
        self.password_policy.require(new)
        self.get_account(access_token)  # Cognito's error for a revoked token is the same as for a wrong password
        with translate_errors("change_password"):
            self._client.change_password(AccessToken=access_token, PreviousPassword=old, ProposedPassword=new)
        self.end_sessions(access_token)

    @override
    def change_names(self, access_token: str, *, given_name: str = "", family_name: str = "") -> None:
        names = {"given_name": given_name, "family_name": family_name}
        self._update_attributes(access_token, {name: value for name, value in names.items() if value})

    @override
    def request_address(self, access_token: str, email: str, password: str) -> None:
        account = self.get_account(access_token)
        try:
            tokens = self.sign_in(account.email, password)
        except InvalidCredentials as error:
            raise WrongPassword from error
        self.revoke(tokens.refresh_token)
        # AttributesRequireVerificationBeforeUpdate in the template keeps the old address until the code is entered.
        self._update_attributes(access_token, {"email": email.lower()})

    def _update_attributes(self, access_token: str, attributes: "Mapping[str, str]") -> None:
        with translate_errors("update_attributes"):
            self._client.update_user_attributes(AccessToken=access_token, UserAttributes=_to_attributes(attributes))

    @override
    def change_address(self, access_token: str, code: str) -> None:
        self.get_account(access_token)  # Cognito's error for a revoked token may be the same as for a wrong code
        with translate_errors("change_address"):
            self._client.verify_user_attribute(AccessToken=access_token, AttributeName="email", Code=code)

    @override
    def end_sessions(self, access_token: str) -> None:
        with translate_errors("end_sessions"):
            self._client.global_sign_out(AccessToken=access_token)

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


def _to_attributes(values: "Mapping[str, str]") -> "list[AttributeTypeTypeDef]":
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _to_access_token(response: "InitiateAuthResponseTypeDef") -> AccessToken:
    """Return the access token in a response.

    Raises:
        InvalidCredentials: Cognito requires a further step, such as a second factor. PixTag supports none.
    """
    if "AuthenticationResult" not in response:
        raise InvalidCredentials
    result = response["AuthenticationResult"]
    return AccessToken(result["AccessToken"], result["ExpiresIn"])
