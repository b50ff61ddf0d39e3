"""Defines the errors of API keys."""

from app.domain.errors.base import PixTagError


class KeyNotFound(PixTagError):
    """You have no API key with this id. It may have been revoked."""

    def __init__(self) -> None:
        super().__init__("There is no such API key. It may have been revoked.")


class TooManyKeys(PixTagError):
    """You already have the maximum number of API keys."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"You can have at most {maximum} API keys. Revoke one first.")


class InsufficientScope(PixTagError):
    """The API key lacks the scope of this operation.

    Attributes:
        scope: The name of the scope.
    """

    def __init__(self, scope: str) -> None:
        super().__init__(f"This API key lacks the scope `{scope}`. Create a key with this scope.")
        self.scope = scope


class KeyNotAllowed(PixTagError):
    """API keys cannot do this. An access token can."""

    def __init__(self) -> None:
        super().__init__("API keys cannot do this. Sign in, and send the access token from POST /auth/token.")
