"""Every failure in PixTag's own words; knows nothing of HTTP (`problems.py` gives each its status)."""


class PixTagError(Exception):
    """A failure that a person can be told: the message says what happened and what to do."""


class InvalidRequest(PixTagError):
    """A request that does not have the described form; `fault` is what is wrong, `pointer` where."""

    def __init__(self, pointer: str, fault: str) -> None:
        super().__init__(f"The request is not valid: {pointer}: {fault}")
        self.pointer = pointer
        self.fault = fault


class ImageNotFound(PixTagError):
    """No image of this owner has this id; another owner's image is the same answer."""

    def __init__(self) -> None:
        super().__init__("There is no such image in your library.")


class ImageChanged(PixTagError):
    """The image is no longer at the version that was read, so nothing was written."""

    def __init__(self) -> None:
        super().__init__("The image was changed by somebody else in the meantime. Read it again, then retry.")


class VersionOutdated(PixTagError):
    """The image is no longer at the version that the request was made for, so nothing was written."""

    def __init__(self) -> None:
        super().__init__("The image has changed since you read it. Read it again; its `ETag` goes into `If-Match`.")


class DetectionNotFound(PixTagError):
    """The image has no such box (any more)."""

    def __init__(self) -> None:
        super().__init__("The image has no such detection. Read it again: its `detections` carry their ids.")


class RedetectionNotFound(PixTagError):
    """Nobody has asked for the whole library to be looked at again."""

    def __init__(self) -> None:
        super().__init__("Your library was never looked at again. POST /redetection begins.")


class IdempotencyKeyReused(PixTagError):
    """An Idempotency-Key that came with another request before."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key came with another request before. Send a new key with a new request.")


class InvalidState(PixTagError):
    """The image is not in a state in which this can be done."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This cannot be done with an image that is {state}.")


class PhotoExists(PixTagError):
    """Another image of the library has exactly these bytes."""

    def __init__(self) -> None:
        super().__init__("This photograph is in your library already.")


class InvalidTag(PixTagError):
    """A text that cannot name a tag."""


class InvalidQuery(PixTagError):
    """A query that cannot be parsed; `position` is the 0-based index of the character at fault."""

    def __init__(self, message: str, text: str, position: int) -> None:
        super().__init__(f"{message} (at character {position + 1}: {text[position : position + 20]!r})")
        self.position = position


class InvalidCursor(PixTagError):
    """A cursor that no answer of ours contained."""

    def __init__(self) -> None:
        super().__init__("The cursor is not valid. Use the `next` of the previous answer, or leave it out.")


class SubscriptionNotFound(PixTagError):
    """No subscription of this owner has this id; another owner's is the same answer."""

    def __init__(self) -> None:
        super().__init__("You have no such subscription.")


class TooManySubscriptions(PixTagError):
    """More subscriptions than an owner may have."""


class TooManyTags(PixTagError):
    """More tags than an image may have, or more of one tag than is counted."""


class UnsupportedType(PixTagError):
    """A file of a media type that is not a photograph we read."""

    def __init__(self, media_type: str, supported: frozenset[str]) -> None:
        super().__init__(f"{media_type!r} is not supported. Send one of: {', '.join(sorted(supported))}.")


class WrongSize(PixTagError):
    """A file without bytes, or with more than the way it was sent allows."""


class InvalidPhoto(PixTagError):
    """Bytes that are no photograph we can read; the message is the reason that its owner is told."""


class InvalidToken(PixTagError):
    """An access token that is missing or not one that our user pool gave for this client."""

    def __init__(self, reason: str = "The access token is missing, expired or not valid.") -> None:
        super().__init__(f"{reason} Get a new one from POST /auth/token.")


class SessionEnded(PixTagError):
    """A refresh token that is missing, has expired, was revoked or never was one."""

    def __init__(self) -> None:
        super().__init__("You are not signed in, or no longer. Sign in again.")


class CsrfHeaderMissing(PixTagError):
    """A request for the browser's session without the header that no page of another site can send."""

    def __init__(self) -> None:
        super().__init__("Send the header `X-PixTag: 1`: it shows that the request comes from a page of PixTag.")


class InvalidCredentials(PixTagError):
    """An unknown address or a wrong password: the same answer for both."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")


class AccountNotConfirmed(PixTagError):
    """The password is right, the address not yet confirmed."""

    def __init__(self) -> None:
        super().__init__("The address is not confirmed yet. Send the code from the e-mail to POST /auth/confirm.")


class InvalidCode(PixTagError):
    """A wrong or expired code, or an address that waits for none: the same answer for all."""

    def __init__(self) -> None:
        super().__init__("The code is wrong or has expired. Ask for a new one; after many tries, wait an hour first.")


class InvalidAccount(PixTagError):
    """A registration that the user pool refuses, such as a password that is too weak."""


class UiNotBuilt(PixTagError):
    """The web UI is no part of this installation."""

    def __init__(self) -> None:
        super().__init__(
            "PixTag's web UI was not built into this installation; in a checkout, `make setup` builds it."
            " The API works without it, and is described at /docs."
        )


class AssetNotFound(PixTagError):
    """A file of the web UI that this release does not have."""

    def __init__(self) -> None:
        super().__init__("This release of PixTag has no such file. Load the page again.")


class TooManyRequests(PixTagError):
    """The caller has to slow down; `retry_after` in seconds."""

    def __init__(self, reason: str = "Too many requests.", retry_after: int = 30) -> None:
        super().__init__(f"{reason} Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class QuotaExceeded(PixTagError):
    """The library is full; `retry_after` in seconds."""

    retry_after = 3600

    def __init__(self, used: str, allowed: str) -> None:
        super().__init__(
            f"Your library holds {used}, with the trash; it may hold {allowed}."
            " Put images that you do not need into the trash and empty it with POST /images/purge, then upload again."
        )


class Unavailable(PixTagError):
    """A part that PixTag stands on does not answer just now; `retry_after` in seconds."""

    retry_after = 5

    def __init__(self) -> None:
        super().__init__("PixTag cannot reach a service it needs. Nothing was lost; try again in a few seconds.")


class OriginBypassed(PixTagError):
    """A request that did not come through CloudFront, though it stands before the API."""

    def __init__(self) -> None:
        super().__init__("PixTag is not reached at this address. Use the one that you were given.")
