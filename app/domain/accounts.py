"""Defines accounts, password rules and tokens."""

import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from app.domain.errors import InvalidAccount
from app.domain.quotas import Usage

CHARACTER_KINDS: Final = {
    "RequireUppercase": ("an upper-case letter", frozenset(string.ascii_uppercase)),
    "RequireLowercase": ("a lower-case letter", frozenset(string.ascii_lowercase)),
    "RequireNumbers": ("a digit", frozenset(string.digits)),
    "RequireSymbols": ("a symbol", frozenset(string.punctuation + " ")),
}


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The rules for passwords. `str` returns the rules as one sentence.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
    """

    min_length: int
    kinds: tuple[str, ...]  # the names of Cognito's settings for required characters

    def __str__(self) -> str:
        rules = ", ".join(
            [f"at least {self.min_length} characters", *(CHARACTER_KINDS[kind][0] for kind in self.kinds)]
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
            or any(CHARACTER_KINDS[kind][1].isdisjoint(password) for kind in self.kinds)
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
    """A person's e-mail address and names, whether the address is verified, and whether they are the administrator."""

    email: str = field(repr=False)
    given_name: str
    family_name: str
    email_verified: bool
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account in the list of all accounts."""

    owner: str
    email: str = field(repr=False)
    name: str = field(repr=False)
    created_at: datetime
    is_confirmed: bool
    is_admin: bool
    last_sign_in: date | None
    usage: Usage

    @property
    def cursor(self) -> str:
        """The place of the account in the list, oldest first."""
        return f"{int(self.created_at.timestamp())}:{self.owner}"


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """The issuer of the access tokens.

    Attributes:
        issuer: The `iss` claim of its tokens.
        client_id: The `client_id` claim of its tokens.
        fetch_keys: Returns its public keys as a JWKS. Raises Unavailable if they cannot be fetched.
        is_active: Returns whether an owner still has a session, by the claims `sub` and `origin_jti` of its tokens.
    """

    issuer: str
    client_id: str
    fetch_keys: Callable[[], bytes]
    is_active: Callable[[str, str], bool] = lambda _owner, _session: True
