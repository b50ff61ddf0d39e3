"""Defines the interfaces of the stores of accounts and invitations."""

from typing import Protocol

from app.domain.accounts import AccessToken, Account, PasswordPolicy, Tokens
from app.domain.registration import Invitation


class Accounts(Protocol):
    """Manages accounts, passwords and tokens. E-mail addresses are lower-cased.

    An owner is the `sub` claim of an access token. No response reveals whether an address has an account. Every
    operation may raise TooManyRequests.
    """

    @property
    def password_policy(self) -> PasswordPolicy:
        """The password rules."""

    def register(self, email: str, password: str, *, given_name: str, family_name: str, invitation: str = "") -> None:
        """Create an unconfirmed account and send a code to the address. An account with the address does not change.

        On one machine, its address gets an e-mail about the attempt. On AWS, it gets none.

        `services/registration.py` decides who may register. The user pool checks the invitation again.

        Raises:
            InvalidAccount: the account store rejects the password or another field. The message says why.
            RegistrationClosed: the user pool does not accept the address.
        """

    def confirm(self, email: str, code: str, password: str, *, given_name: str = "", family_name: str = "") -> None:
        """Confirm an account with the code that was sent to its address, and set its password and names.

        Somebody else may have registered the address before. The password of that registration becomes invalid, and
        all sessions end. An empty name does not change.

        Raises:
            InvalidAccount: the account store rejects the password. The message says why.
            InvalidCode: the code is wrong or has expired, no code was requested, or there were too many attempts.
        """

    def resend_code(self, email: str) -> None:
        """Send a new code to the address of an unconfirmed account. Any other address is ignored."""

    def request_password_reset(self, email: str) -> None:
        """Send a password reset code to the address of a confirmed account. Any other address is ignored."""

    def reset_password(self, email: str, code: str, password: str) -> None:
        """Set a new password with a password reset code, and end all sessions of the account.

        Raises:
            InvalidAccount: the account store rejects the password. The message says why.
            InvalidCode: the code is wrong or has expired, no code was requested, or there were too many attempts.
        """

    def sign_in(self, email: str, password: str) -> Tokens:
        """Exchange an e-mail address and password for tokens.

        Raises:
            InvalidCredentials: the address is unknown or the password is wrong.
            AccountNotConfirmed: both are correct, but the address has not been confirmed.
        """

    def refresh(self, refresh_token: str) -> AccessToken:
        """Exchange a refresh token for a new access token.

        If the result is `Tokens`, its refresh token replaces the given one. Otherwise, the given one stays valid.

        Raises:
            SessionEnded: the token is empty, invalid, expired or revoked.
        """

    def revoke(self, refresh_token: str) -> None:
        """Revoke a refresh token. An empty, invalid or revoked token is ignored.

        The session's access tokens are accepted until they expire, except by `get_account` and `delete_account`.
        """

    def change_password(self, access_token: str, old: str, new: str) -> None:
        """Set a new password, and end all sessions of the account, including this one.

        Raises:
            InvalidAccount: the account store rejects the new password. The message says why.
            InvalidToken: the access token was revoked, or the account was deleted.
            WrongPassword: the old password is wrong.
        """

    def change_names(self, access_token: str, *, given_name: str = "", family_name: str = "") -> None:
        """Change the names of the account. An empty name does not change.

        Raises:
            InvalidToken: the access token was revoked, or the account was deleted.
        """

    def request_address(self, access_token: str, email: str, password: str) -> None:
        """Send a code to a new address of the account. The account keeps its address until `change_address`.

        If another account has the address, it gets no code.

        Raises:
            InvalidAccount: this is not an e-mail address. The message says so.
            InvalidToken: the access token was revoked, or the account was deleted.
            WrongPassword: the password is wrong.
        """

    def change_address(self, access_token: str, code: str) -> None:
        """Replace the address of the account with the one to which the code was sent. The sessions continue.

        Raises:
            InvalidCode: the code is wrong or has expired, no code was requested, there were too many attempts, or
                another account has the address.
            InvalidToken: the access token was revoked, or the account was deleted.
        """

    def end_sessions(self, access_token: str) -> None:
        """End all sessions of the account, including this one.

        Raises:
            InvalidToken: the access token was revoked, or the account was deleted.
        """

    def get_account(self, access_token: str) -> Account:
        """Return the account that the access token belongs to.

        Raises:
            InvalidToken: the token was revoked, or the account was deleted.
        """

    def delete_account(self, access_token: str) -> None:
        """Delete the account that the access token belongs to. An account that is already deleted is ignored.

        Raises:
            InvalidToken: the token was revoked.
        """


class Invitations(Protocol):
    """Stores invitations. It contains only hashes of their addresses and tokens."""

    def add(self, invitation: Invitation) -> None:
        """Store an invitation."""

    def contains(self, email: str, token: str) -> bool:
        """Return whether an invitation of this address has this token and has not expired.

        Raises:
            TooManyRequests: there were too many requests about accounts.
        """

    def remove(self, email: str) -> None:
        """Delete all invitations of the address."""
