"""Defines the errors of queries, of pages of results and of subscriptions."""

from app.domain.errors.base import PixTagError


class InvalidQuery(PixTagError):
    """The query cannot be parsed.

    Attributes:
        position: The 0-based index of the first invalid character.
        suggestion: A valid query that the person probably means, or None.
    """

    def __init__(self, message: str, text: str, position: int, suggestion: str | None = None) -> None:
        super().__init__(f"{message} (at character {position + 1}: {text[position : position + 20]!r})")
        self.position = position
        self.suggestion = suggestion


class InvalidCursor(PixTagError):
    """The cursor is neither a month nor from an earlier response."""

    def __init__(self) -> None:
        super().__init__(
            "The cursor is not valid. Use the cursor from the previous response, a month such as 2019-07, or omit it."
        )


class SubscriptionNotFound(PixTagError):
    """You have no subscription with this id. A subscription of another account gives the same error."""

    def __init__(self) -> None:
        super().__init__("You have no such subscription.")


class TooManySubscriptions(PixTagError):
    """You already have the maximum number of subscriptions."""
