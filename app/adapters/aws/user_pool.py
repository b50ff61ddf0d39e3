"""Manages accounts, passwords and tokens in the Cognito user pool.

No response reveals whether an address has an account. Each operation sends the same request for known and unknown
addresses. A password is sent only if the pool's policy allows it, because Cognito's errors for other passwords depend
on whether the address is known. `cognito_errors.py` translates Cognito's errors.
"""

import string
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from app.adapters.aws.cognito_errors import translate_errors
from app.domain.errors import InvalidAccount, InvalidCredentials, SessionEnded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import InitiateAuthResponseTypeDef

_CHARACTER_KINDS: Final = {
    "RequireUppercase": ("an upper-case letter", frozenset(string.ascii_uppercase)),
    "RequireLowercase": ("a lower-case letter", frozenset(string.ascii_lowercase)),
    "RequireNumbers": ("a digit", frozenset(string.digits)),
    "RequireSymbols": ("a symbol", frozenset(string.punctuation + " ")),
}


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The pool's password rules. `str` returns the rules as one sentence.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
    """

    min_length: int
    kinds: tuple[str, ...]  # the names of Cognito's settings for required characters

    def __str__(self) -> str:
        rules = ", ".join(
            [f"at least {self.min_length} characters", *(_CHARACTER_KINDS[kind][0] for kind in self.kinds)]
        )
        return f"A password has {rules} and no space at either end."

    def require(self, password: str) -> None:
        """Check that the password follows the rules.

        Raises:
            InvalidAccount: the password breaks a rule. The message contains the rules.
        """
        if (
            len(password) < self.min_length
            or password != password.strip()
            or any(_CHARACTER_KINDS[kind][1].isdisjoint(password) for kind in self.kinds)
        ):
            raise InvalidAccount(str(self))


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token. `expires_in` is in seconds."""

    access_token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Tokens(AccessToken):
    """A session's tokens. The refresh token renews the access token until it expires or is revoked."""

    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A person's e-mail address and names, and whether the address is verified."""

    email: str = field(repr=False)
    given_name: str
    family_name: str
    email_verified: bool


class UserPool:
    """Manages PixTag's accounts. E-mail addresses are lower-cased. An owner is the `sub` claim of an access token.

    Every operation raises TooManyRequests when Cognito throttles PixTag.
    """

    def __init__(self, client: "CognitoIdentityProviderClient", *, pool_id: str, client_id: str) -> None:
        self._client = client
        self._pool_id = pool_id
        self._client_id = client_id

    @cached_property
    def password_policy(self) -> PasswordPolicy:
        """The password rules. They are requested from Cognito only once."""
        with translate_errors("describe"):
            pool = self._client.describe_user_pool(UserPoolId=self._pool_id)["UserPool"]
        policy: Mapping[str, Any] = pool["Policies"]["PasswordPolicy"]
        return PasswordPolicy(policy["MinimumLength"], tuple(kind for kind in _CHARACTER_KINDS if policy.get(kind)))

    def register(self, email: str, password: str, *, given_name: str, family_name: str) -> None:
        """Create an unconfirmed account and send a code to the address. A known address is ignored.

        Raises:
            InvalidAccount: the pool rejects the password or another field. The message says why.
        """
        self.password_policy.require(password)
        attributes = {"email": email.lower(), "given_name": given_name, "family_name": family_name}
        with translate_errors("register"):
            self._client.sign_up(
                ClientId=self._client_id,
                Username=email.lower(),
                Password=password,
                UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
            )

    def confirm(self, email: str, code: str) -> None:
        """Confirm an account with the code that was sent to its address.

        Raises:
            InvalidCode: the code is wrong or has expired, no code was requested, or there were too many attempts.
        """
        with translate_errors("confirm"):
            self._client.confirm_sign_up(ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code)

    def resend_code(self, email: str) -> None:
        """Send a new code to the address of an unconfirmed account. Any other address is ignored."""
        with translate_errors("resend_code"):
            self._client.resend_confirmation_code(ClientId=self._client_id, Username=email.lower())

    def request_password_reset(self, email: str) -> None:
        """Send a password reset code to the address of a confirmed account. Any other address is ignored."""
        with translate_errors("request_password_reset"):
            self._client.forgot_password(ClientId=self._client_id, Username=email.lower())

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password with a password reset code.

        Raises:
            InvalidAccount: the pool rejects the password. The message says why.
            InvalidCode: the code is wrong or has expired, no code was requested, or there were too many attempts.
        """
        self.password_policy.require(password)
        with translate_errors("reset_password"):
            self._client.confirm_forgot_password(
                ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code, Password=password
            )

    def sign_in(self, email: str, password: str) -> Tokens:
        """Exchange an e-mail address and password for tokens.

        Raises:
            InvalidCredentials: the address is unknown or the password is wrong.
            AccountNotConfirmed: both are correct, but the address has not been confirmed.
        """
        parameters = {"USERNAME": email.lower(), "PASSWORD": password}
        with translate_errors("sign_in"):
            response = self._client.initiate_auth(
                ClientId=self._client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
            )
        access = _to_access_token(response)
        return Tokens(access.access_token, access.expires_in, response["AuthenticationResult"]["RefreshToken"])

    def refresh(self, refresh_token: str) -> AccessToken:
        """Exchange a refresh token for a new access token. The refresh token stays valid.

        Raises:
            SessionEnded: the token is empty, invalid, expired or revoked.
        """
        if not refresh_token:
            raise SessionEnded
        parameters = {"REFRESH_TOKEN": refresh_token}
        with translate_errors("refresh"):
            response = self._client.initiate_auth(
                ClientId=self._client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters
            )
        return _to_access_token(response)

    def revoke(self, refresh_token: str) -> None:
        """Revoke a refresh token. An empty, invalid or revoked token is ignored.

        Cognito then rejects the session's access tokens too. PixTag does not check revocation, so it accepts these
        access tokens until they expire.
        """
        if not refresh_token:
            return
        with translate_errors("revoke"):
            self._client.revoke_token(ClientId=self._client_id, Token=refresh_token)

    def get_account(self, access_token: str) -> Account:
        """Return the account that the access token belongs to.

        Raises:
            InvalidToken: the token was revoked, or the account was deleted.
        """
        with translate_errors("get_account"):
            response = self._client.get_user(AccessToken=access_token)
        attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in response["UserAttributes"]}
        return Account(
            attributes["email"],
            attributes.get("given_name", ""),
            attributes.get("family_name", ""),
            email_verified=attributes.get("email_verified") == "true",
        )

    def delete_account(self, access_token: str) -> None:
        """Delete the account that the access token belongs to. An account that is already deleted is ignored.

        Raises:
            InvalidToken: the token was revoked.
        """
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
