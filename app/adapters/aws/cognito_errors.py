"""Translates Cognito's errors to PixTag's errors, and prevents account enumeration.

An error that would reveal an account is either logged and suppressed, or translated to the error for an unknown
address.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import ClientError

from app.domain.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCode,
    InvalidCredentials,
    InvalidToken,
    PixTagError,
    RegistrationClosed,
    SessionEnded,
    TooManyRequests,
    WrongPassword,
)

logger: Final = logging.getLogger(__name__)

MakeError = Callable[[str], PixTagError]
"""Creates PixTag's error from Cognito's message."""

Translations = Mapping[str, MakeError | None]
"""Maps Cognito's error codes, without the suffix "Exception", to PixTag's errors. None suppresses an error."""


def _raise(make_error: MakeError, *codes: str) -> dict[str, MakeError | None]:
    return dict.fromkeys(codes, make_error)


def _suppress(*codes: str) -> dict[str, MakeError | None]:
    return dict.fromkeys(codes)


# Codes that no caller can cause are omitted. Only known addresses can exceed a limit per address. An error about such
# a limit would reveal an account.
_ALL_OPERATIONS: Final = _raise(lambda _: TooManyRequests(), "TooManyRequests", "Forbidden")
_CODE_NOT_SENT: Final = _suppress(
    "CodeDeliveryFailure", "InvalidParameter", "LimitExceeded", "NotAuthorized", "UserNotFound"
)
_INVALID_CODE: Final = _raise(
    lambda _: InvalidCode(),
    *("AliasExists", "CodeMismatch", "ExpiredCode", "InvalidParameter", "LimitExceeded"),
    *("NotAuthorized", "TooManyFailedAttempts", "UserNotConfirmed", "UserNotFound"),
)
_REJECTED: Final = ("InvalidParameter", "NotAuthorized", "PasswordResetRequired", "UserNotConfirmed", "UserNotFound")
_REVOKED: Final = _raise(lambda _: InvalidToken("The access token was revoked."), *_REJECTED)

_TRANSLATIONS: Final[Mapping[str, Translations]] = {
    "describe": _ALL_OPERATIONS,
    "register": _ALL_OPERATIONS
    | _suppress("UsernameExists", "CodeDeliveryFailure", "LimitExceeded")
    | _raise(InvalidAccount, "InvalidPassword", "InvalidParameter", "NotAuthorized")
    | _raise(lambda _: RegistrationClosed(), "UserLambdaValidation"),
    "confirm": _ALL_OPERATIONS | _INVALID_CODE,
    "resend_code": _ALL_OPERATIONS | _CODE_NOT_SENT,
    "request_password_reset": _ALL_OPERATIONS | _CODE_NOT_SENT,
    "reset_password": _ALL_OPERATIONS
    | _INVALID_CODE
    | _raise(InvalidAccount, "InvalidPassword", "PasswordHistoryPolicyViolation"),
    "sign_in": _ALL_OPERATIONS
    | _raise(lambda _: InvalidCredentials(), *_REJECTED)
    | _raise(lambda _: AccountNotConfirmed(), "UserNotConfirmed"),
    "refresh": _ALL_OPERATIONS | _raise(lambda _: SessionEnded(), *_REJECTED),
    "revoke": _ALL_OPERATIONS | _suppress("InvalidParameter", "NotAuthorized", "Unauthorized", "UnsupportedTokenType"),
    "take_over": _ALL_OPERATIONS | _raise(InvalidAccount, "InvalidPassword", "PasswordHistoryPolicyViolation"),
    "change_password": _ALL_OPERATIONS
    | _raise(lambda _: TooManyRequests(), "LimitExceeded")
    | _raise(InvalidAccount, "InvalidPassword", "PasswordHistoryPolicyViolation")
    | _raise(lambda _: WrongPassword(), *_REJECTED),
    "update_attributes": _ALL_OPERATIONS
    | _REVOKED
    | _raise(InvalidAccount, "InvalidParameter")
    | _suppress("AliasExists", "CodeDeliveryFailure", "CodeMismatch", "ExpiredCode"),
    "change_address": _ALL_OPERATIONS | _INVALID_CODE,
    "end_sessions": _ALL_OPERATIONS | _REVOKED,
    "get_account": _ALL_OPERATIONS | _REVOKED,
    "delete_account": _ALL_OPERATIONS | _REVOKED | _suppress("UserNotFound"),
}


@contextmanager
def translate_errors(operation: str) -> Iterator[None]:
    """Translate a Cognito error into a PixTag error, or log and suppress it. Other errors propagate unchanged.

    Args:
        operation: The operation of `UserPool` that sends the request.
    """
    try:
        yield
    except ClientError as error:
        details = error.response["Error"]
        code, translations = details["Code"].removesuffix("Exception"), _TRANSLATIONS[operation]
        if code not in translations:
            raise
        if make_error := translations[code]:
            raise make_error(details["Message"]) from error
        logger.warning("%s: suppressed Cognito's error %s", operation, code)
