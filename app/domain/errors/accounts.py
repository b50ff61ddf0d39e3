"""Defines the errors of accounts, sessions and registration."""

from typing import Self

from app.domain.errors.base import PixTagError


class InvalidToken(PixTagError):
    """The access token or the API key is missing, expired, revoked or not valid for this API."""

    def __init__(
        self,
        reason: str = "The access token is missing, expired or not valid.",
        advice: str = "Get a new one from POST /auth/token.",
    ) -> None:
        super().__init__(f"{reason} {advice}")

    @classmethod
    def of_key(cls) -> Self:
        """Return the error of an API key. It is the same for unknown, expired and revoked keys."""
        return cls("The API key is unknown, expired or revoked.", "Create a new one in the web UI or with POST /keys.")


class InvalidClient(PixTagError):
    """The credentials of the OAuth client cannot be read."""

    def __init__(self) -> None:
        super().__init__(
            "The header `Authorization: Basic` is not valid. PixTag needs no client credentials, so leave it out."
        )


class UnsupportedToken(PixTagError):
    """Only refresh tokens can be revoked."""

    def __init__(self) -> None:
        super().__init__(
            "This is no refresh token. An access token expires by itself. Revoke an API key with DELETE /keys/{id}."
        )


class SessionEnded(PixTagError):
    """The refresh token is missing, expired, revoked or not valid."""

    def __init__(self) -> None:
        super().__init__("You are not signed in, or your session has ended. Sign in again.")


class InvalidCredentials(PixTagError):
    """The e-mail address or the password is wrong. Both give the same error."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class AccountNotConfirmed(PixTagError):
    """The password is correct, but the e-mail address is not confirmed yet."""

    def __init__(self) -> None:
        super().__init__(
            "The e-mail address is not confirmed yet. Send the code from the e-mail to POST /auth/confirm."
        )


class InvalidCode(PixTagError):
    """The code is wrong or expired, or no code was requested. Every case gives the same error."""

    def __init__(self) -> None:
        super().__init__(
            "The code is wrong or has expired. Request a new one. After several failed attempts, wait an hour first."
        )


class InvalidAccount(PixTagError):
    """The account data is not valid, or the password is too weak."""


class WrongPassword(PixTagError):
    """The current password is wrong. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The current password is wrong. Enter the password with which you sign in.")


class RegistrationClosed(PixTagError):
    """This address may not register without an invitation."""

    def __init__(self, *, has_list: bool = False) -> None:
        reason = (
            "This address is not on the list of those that may register." if has_list else "Registration is closed."
        )
        super().__init__(f"{reason} Ask the person who runs this PixTag for an invitation.")


class InvalidInvitation(PixTagError):
    """The invitation is wrong or used, has expired, or is for another address. Every case gives the same error."""

    def __init__(self) -> None:
        super().__init__(
            "This invitation was used, has expired, or is for another address. Ask the person who runs this PixTag"
            " for a new one."
        )


class NotAdministrator(PixTagError):
    """Only the administrator can do this."""

    def __init__(self) -> None:
        super().__init__("Only the administrator of this PixTag can do this.")


class NoAdministration(PixTagError):
    """This PixTag runs on AWS, where the operator manages accounts with the tools of AWS."""

    def __init__(self) -> None:
        super().__init__(
            "This PixTag runs on AWS, where no account is the administrator. The operator manages people with Amazon"
            " Cognito, and registration with the parameter Registration of the stack, as the page Operations of the"
            " documentation describes."
        )


class AccountNotFound(PixTagError):
    """There is no account with this id. It may have been deleted."""

    def __init__(self) -> None:
        super().__init__("There is no account with this id. It may have been deleted.")


class OwnAccount(PixTagError):
    """Administrators delete their own account with DELETE /auth/me. Nothing was deleted."""

    def __init__(self) -> None:
        super().__init__("This is your own account. Delete it on the account page, or with DELETE /auth/me.")
