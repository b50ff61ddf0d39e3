"""The Cognito user pool: sign up, confirm, tokens. Its answers never tell whether an address is known."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import (
    AccountNotConfirmed,
    InvalidAccount,
    InvalidCode,
    InvalidCredentials,
    TooManyRequests,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a person signs in for; `expires_in` in seconds, for the access token."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


class UserPool:
    """The people of PixTag. Addresses are lower-cased; a person is the `sub` of the access token."""

    def __init__(self, client: "CognitoIdentityProviderClient", client_id: str) -> None:
        self._client = client
        self._client_id = client_id
        self._errors = client.exceptions

    def register(self, email: str, password: str, *, given_name: str, family_name: str) -> None:
        """Begin an account and send a code to the address; a known address gets no second account and no error.

        Raises:
            InvalidAccount: the pool refuses the password or another field; the message says why.
            TooManyRequests: too many tries from here or for this address.
        """
        attributes = {"email": email.lower(), "given_name": given_name, "family_name": family_name}
        try:
            self._client.sign_up(
                ClientId=self._client_id,
                Username=email.lower(),
                Password=password,
                UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
            )
        except self._errors.UsernameExistsException:
            return
        except (self._errors.InvalidPasswordException, self._errors.InvalidParameterException) as error:
            raise InvalidAccount(error.response["Error"]["Message"]) from error
        except (self._errors.TooManyRequestsException, self._errors.LimitExceededException) as error:
            raise TooManyRequests from error

    def confirm(self, email: str, code: str) -> None:
        """Finish an account with the code that was sent to its address.

        Raises:
            InvalidCode: the code is wrong or has expired, or the address waits for none.
            TooManyRequests: too many tries.
        """
        try:
            self._client.confirm_sign_up(ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code)
        except (
            self._errors.CodeMismatchException,
            self._errors.ExpiredCodeException,
            self._errors.InvalidParameterException,
            self._errors.NotAuthorizedException,
            self._errors.UserNotFoundException,
        ) as error:
            raise InvalidCode from error
        except (
            self._errors.LimitExceededException,
            self._errors.TooManyFailedAttemptsException,
            self._errors.TooManyRequestsException,
        ) as error:
            raise TooManyRequests from error

    def sign_in(self, email: str, password: str) -> Tokens:
        """Exchange an address and its password for tokens.

        Raises:
            InvalidCredentials: the address is unknown or the password wrong.
            AccountNotConfirmed: both are right, but the address was never confirmed.
            TooManyRequests: too many tries.
        """
        try:
            answer = self._client.initiate_auth(
                ClientId=self._client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email.lower(), "PASSWORD": password},
            )
        except self._errors.UserNotConfirmedException as error:
            raise AccountNotConfirmed from error
        except (
            self._errors.InvalidParameterException,
            self._errors.NotAuthorizedException,
            self._errors.PasswordResetRequiredException,
            self._errors.UserNotFoundException,
        ) as error:
            raise InvalidCredentials from error
        except self._errors.TooManyRequestsException as error:
            raise TooManyRequests from error
        result = answer["AuthenticationResult"]
        return Tokens(result["AccessToken"], result["RefreshToken"], result["ExpiresIn"])
