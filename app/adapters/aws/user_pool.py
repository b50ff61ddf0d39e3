"""The Cognito user pool: accounts, passwords, tokens. Its answers never tell whether an address is known.

Cognito is asked exactly once whether an address is known or not, and only with a password that its rules
allow: what it answers to others differs between known and unknown addresses.
"""

import logging
import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from app.domain.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCode,
    InvalidCredentials,
    InvalidToken,
    PixTagError,
    SessionEnded,
    TooManyRequests,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import InitiateAuthResponseTypeDef

logger: Final = logging.getLogger(__name__)

Meaning = Callable[[str], PixTagError] | None


def _all(meaning: Meaning, *codes: str) -> dict[str, Meaning]:
    return dict.fromkeys(codes, meaning)


def _untold(*codes: str) -> dict[str, Meaning]:
    return _all(None, *codes)


# What Cognito's error codes (less "Exception") mean to our callers, by operation of ours; None: they are not told.
# Codes that no caller can provoke are left out. Limits of one address are not told either: only known ones have them.
_EVERYWHERE: Final = _all(lambda _: TooManyRequests(), "TooManyRequests", "Forbidden")
_NO_MAIL: Final = _untold("CodeDeliveryFailure", "InvalidParameter", "LimitExceeded", "NotAuthorized", "UserNotFound")
_WRONG_CODE: Final = _all(
    lambda _: InvalidCode(),
    *("AliasExists", "CodeMismatch", "ExpiredCode", "InvalidParameter", "LimitExceeded"),
    *("NotAuthorized", "TooManyFailedAttempts", "UserNotConfirmed", "UserNotFound"),
)
_NO_LONGER: Final = ("InvalidParameter", "NotAuthorized", "PasswordResetRequired", "UserNotConfirmed", "UserNotFound")
_REVOKED: Final = _all(lambda _: InvalidToken("The access token was revoked."), *_NO_LONGER)
_MEANINGS: Final[Mapping[str, Mapping[str, Meaning]]] = {
    "describe": _EVERYWHERE,
    "register": _EVERYWHERE
    | _untold("UsernameExists", "CodeDeliveryFailure", "LimitExceeded")
    | _all(InvalidAccount, "InvalidPassword", "InvalidParameter", "NotAuthorized"),
    "confirm": _EVERYWHERE | _WRONG_CODE,
    "resend": _EVERYWHERE | _NO_MAIL,
    "forget": _EVERYWHERE | _NO_MAIL,
    "reset": _EVERYWHERE | _WRONG_CODE | _all(InvalidAccount, "InvalidPassword", "PasswordHistoryPolicyViolation"),
    "sign_in": _EVERYWHERE
    | _all(lambda _: InvalidCredentials(), *_NO_LONGER)
    | _all(lambda _: AccountNotConfirmed(), "UserNotConfirmed"),
    "refresh": _EVERYWHERE | _all(lambda _: SessionEnded(), *_NO_LONGER),
    "revoke": _EVERYWHERE | _untold("InvalidParameter", "NotAuthorized", "Unauthorized", "UnsupportedTokenType"),
    "get_account": _EVERYWHERE | _REVOKED,
    "delete": _EVERYWHERE | _REVOKED | _untold("UserNotFound"),
}


@contextmanager
def _in_our_words(operation: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        said = error.response["Error"]
        code, meanings = said["Code"].removesuffix("Exception"), _MEANINGS[operation]
        if code not in meanings:
            raise
        if meaning := meanings[code]:
            raise meaning(said["Message"]) from error
        logger.warning("%s: Cognito said %s, which its caller is not told", operation, code)


_KINDS: Final = {
    "RequireUppercase": ("an upper-case letter", frozenset(string.ascii_uppercase)),
    "RequireLowercase": ("a lower-case letter", frozenset(string.ascii_lowercase)),
    "RequireNumbers": ("a digit", frozenset(string.digits)),
    "RequireSymbols": ("a symbol", frozenset(string.punctuation + " ")),
}


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What the pool demands of a password; as text, its rules in one sentence.

    https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
    """

    length: int
    kinds: tuple[str, ...]  # of characters that have to be there, as Cognito calls them

    def __str__(self) -> str:
        rules = ", ".join([f"at least {self.length} characters", *(_KINDS[kind][0] for kind in self.kinds)])
        return f"A password has {rules} and no space at either end."

    def require(self, password: str) -> None:
        """Raise InvalidAccount, with the rules, unless they allow the password."""
        if (
            len(password) < self.length
            or password != password.strip()
            or any(_KINDS[kind][1].isdisjoint(password) for kind in self.kinds)
        ):
            raise InvalidAccount(str(self))


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token; `expires_in` in seconds."""

    access_token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Tokens(AccessToken):
    """What a person signs in for: access, and a token that renews it until it is revoked."""

    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Who a person says to be, and whether the address is known to be theirs."""

    email: str = field(repr=False)
    given_name: str
    family_name: str
    email_verified: bool


class UserPool:
    """The people of PixTag. Addresses are lower-cased; a person is the `sub` of the access token.

    Every operation raises TooManyRequests when Cognito has had too many from here.
    """

    def __init__(self, client: "CognitoIdentityProviderClient", *, pool_id: str, client_id: str) -> None:
        self._client = client
        self._pool_id = pool_id
        self._client_id = client_id

    @cached_property
    def password_policy(self) -> PasswordPolicy:
        """The rules for passwords, asked of Cognito once."""
        with _in_our_words("describe"):
            pool = self._client.describe_user_pool(UserPoolId=self._pool_id)["UserPool"]
        policy: Mapping[str, Any] = pool["Policies"]["PasswordPolicy"]
        return PasswordPolicy(policy["MinimumLength"], tuple(kind for kind in _KINDS if policy.get(kind)))

    def register(self, email: str, password: str, *, given_name: str, family_name: str) -> None:
        """Begin an account and send a code to the address; a known address gets no second account and no error.

        Raises:
            InvalidAccount: the pool refuses the password or another field; the message says why.
        """
        self.password_policy.require(password)
        attributes = {"email": email.lower(), "given_name": given_name, "family_name": family_name}
        with _in_our_words("register"):
            self._client.sign_up(
                ClientId=self._client_id,
                Username=email.lower(),
                Password=password,
                UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
            )

    def confirm(self, email: str, code: str) -> None:
        """Finish an account with the code that was sent to its address.

        Raises:
            InvalidCode: the code is wrong or has expired, the address waits for none or has had too many tries.
        """
        with _in_our_words("confirm"):
            self._client.confirm_sign_up(ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code)

    def resend(self, email: str) -> None:
        """Send a new code to the address if it waits for one; nothing happens otherwise."""
        with _in_our_words("resend"):
            self._client.resend_confirmation_code(ClientId=self._client_id, Username=email.lower())

    def forget(self, email: str) -> None:
        """Send a code for a new password to the address if an account has confirmed it; nothing happens otherwise."""
        with _in_our_words("forget"):
            self._client.forgot_password(ClientId=self._client_id, Username=email.lower())

    def reset(self, email: str, code: str, password: str) -> None:
        """Change the password with the code that was sent for it.

        Raises:
            InvalidAccount: the pool refuses the password; the message says why.
            InvalidCode: the code is wrong or has expired, the address waits for none or has had too many tries.
        """
        self.password_policy.require(password)
        with _in_our_words("reset"):
            self._client.confirm_forgot_password(
                ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code, Password=password
            )

    def sign_in(self, email: str, password: str) -> Tokens:
        """Exchange an address and its password for tokens.

        Raises:
            InvalidCredentials: the address is unknown or the password wrong.
            AccountNotConfirmed: both are right, but the address was never confirmed.
        """
        parameters = {"USERNAME": email.lower(), "PASSWORD": password}
        with _in_our_words("sign_in"):
            answer = self._client.initiate_auth(
                ClientId=self._client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
            )
        access = _access(answer)
        return Tokens(access.access_token, access.expires_in, answer["AuthenticationResult"]["RefreshToken"])

    def refresh(self, refresh_token: str) -> AccessToken:
        """Exchange a refresh token for a new access token; it stays the refresh token for the next time.

        Raises:
            SessionEnded: the token has expired, was revoked or is none; an empty text is none.
        """
        if not refresh_token:
            raise SessionEnded
        parameters = {"REFRESH_TOKEN": refresh_token}
        with _in_our_words("refresh"):
            answer = self._client.initiate_auth(
                ClientId=self._client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters
            )
        return _access(answer)

    def revoke(self, refresh_token: str) -> None:
        """End a refresh token; one that has ended or never was is no error.

        Cognito takes its access tokens no longer either; we, who only check signatures, do until they expire.
        """
        if not refresh_token:
            return
        with _in_our_words("revoke"):
            self._client.revoke_token(ClientId=self._client_id, Token=refresh_token)

    def get_account(self, access_token: str) -> Account:
        """Who the person with this access token is.

        Raises:
            InvalidToken: the token was revoked, or the account is gone.
        """
        with _in_our_words("get_account"):
            answer = self._client.get_user(AccessToken=access_token)
        said = {attribute["Name"]: attribute.get("Value", "") for attribute in answer["UserAttributes"]}
        names = said.get("given_name", ""), said.get("family_name", "")
        return Account(said["email"], *names, email_verified=said.get("email_verified") == "true")

    def delete(self, access_token: str) -> None:
        """End the account of the person with this access token; one that is gone already is no error.

        Raises:
            InvalidToken: the token was revoked.
        """
        with _in_our_words("delete"):
            self._client.delete_user(AccessToken=access_token)


def _access(answer: "InitiateAuthResponseTypeDef") -> AccessToken:
    """The access token, unless Cognito asks back (a temporary password, a second factor): nobody here can answer."""
    if "AuthenticationResult" not in answer:
        raise InvalidCredentials
    result = answer["AuthenticationResult"]
    return AccessToken(result["AccessToken"], result["ExpiresIn"])
