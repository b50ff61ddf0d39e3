"""Defines PixTag's errors without reference to HTTP. `api/problems.py` maps each class to an HTTP status.

The OpenAPI document contains the first line of each class docstring.
"""


class PixTagError(Exception):
    """An error. Its message names the fault, and then the remedy."""


class StartFailed(Exception):
    """PixTag cannot start. The message says why, then what to do."""


class InvalidRequest(PixTagError):
    """The request does not match its schema.

    Attributes:
        pointer: The location of the fault, as a path into the request.
        fault: A description of the fault.
    """

    def __init__(self, pointer: str, fault: str) -> None:
        super().__init__(f"The request is not valid: {pointer}: {fault}")
        self.pointer = pointer
        self.fault = fault


class ImageNotFound(PixTagError):
    """Your library has no image with this id. An image of another account gives the same error."""

    def __init__(self) -> None:
        super().__init__("There is no such image in your library.")


class ImageChanged(PixTagError):
    """Another request changed the image at the same time. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("Another request changed the image at the same time. Read it again, then retry.")


class ImageDamaged(PixTagError):
    """The database entry of the image is damaged. It was not changed."""

    def __init__(
        self, image_id: str, advice: str = "Go back to a copy of the database with `pixtag recover COPY`."
    ) -> None:
        super().__init__(f"The database entry of image {image_id} is damaged. PixTag has not changed it. {advice}")


class VersionOutdated(PixTagError):
    """The image no longer has the version in `If-Match`. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("The image has changed since you read it. Read it again and send its `ETag` as `If-Match`.")


class DetectionNotFound(PixTagError):
    """The image has no detection with this id."""

    def __init__(self) -> None:
        super().__init__("The image has no such detection. Read it again: `detections` contains the current ids.")


class RedetectionNotFound(PixTagError):
    """You have started no redetection job in the last 30 days."""

    def __init__(self) -> None:
        super().__init__("You have started no redetection job in the last 30 days. Start one with POST /redetection.")


class IdempotencyKeyReused(PixTagError):
    """The Idempotency-Key was already used for a different request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was already used for a different request. Send a new key.")


class InvalidState(PixTagError):
    """The operation is not possible in the image's current state."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This is not possible while the image is {state}.")


class PhotoExists(PixTagError):
    """Your library already has an image with exactly these bytes."""

    def __init__(self) -> None:
        super().__init__("This photo is already in your library.")


class InvalidTag(PixTagError):
    """The text is not a valid tag."""


class InvalidDate(PixTagError):
    """The date or the shift is not valid, or the image has no date that can be shifted."""


class ImplausibleDate(PixTagError):
    """No photo can have been taken at this time."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text} is not between 1826 and tomorrow.")


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


class TooManyTags(PixTagError):
    """The image would have too many tags, too high a count or too many corrections."""


class UnsupportedType(PixTagError):
    """The media type is not supported."""

    def __init__(self, media_type: str, supported: frozenset[str]) -> None:
        super().__init__(f"{media_type!r} is not supported. Send one of: {', '.join(sorted(supported))}.")


class WrongSize(PixTagError):
    """The file is empty, the file or request is too large, or the file does not have the declared size."""


class ObjectTooLarge(WrongSize):
    """A stored file is too large.

    Attributes:
        size: Its size in bytes.
    """

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"The file is larger than {limit // 2**20} MiB. Upload a smaller file.")
        self.size = size


class InvalidLink(PixTagError):
    """The link to a file was altered or is incomplete."""

    def __init__(self, source: str = "GET /images/{id}") -> None:
        super().__init__(f"This link was altered or is incomplete. Get a new link from {source}.")


class LinkExpired(PixTagError):
    """The link to a file has expired."""

    def __init__(self, source: str = "GET /images/{id}") -> None:
        super().__init__(f"This link has expired. Get a new link from {source}.")


class ObjectUnreadable(PixTagError):
    """A stored file cannot be read, for example because of a damaged disk. Other files can be read."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(
            f"PixTag cannot read the file objects/{key}: {reason}. Check the disk. Then upload the same photo again, or"
            " restore the file from a backup."
        )


class ObjectNotFound(PixTagError):
    """The file of the link was deleted."""

    def __init__(self) -> None:
        super().__init__("The file of this link was deleted.")


class RangeNotSatisfiable(PixTagError):
    """The requested range starts after the end of the file.

    Attributes:
        content_range: The value of `Content-Range` in the response.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"The range starts after the end of the file, which has {size:,} bytes. Request less.")
        self.content_range = f"bytes */{size}"


class InvalidForm(PixTagError):
    """The upload form was altered or is incomplete."""

    def __init__(self) -> None:
        super().__init__(
            "This upload form was altered or is incomplete. Get a new form from POST /uploads. Send each of its fields"
            " once, and then the field `file`."
        )


class FormExpired(PixTagError):
    """The upload form has expired."""

    def __init__(self) -> None:
        super().__init__("This upload form has expired. Get a new form from POST /uploads.")


class UploadExpired(PixTagError):
    """The parts of this upload were removed, because it was not completed within a day."""

    def __init__(self) -> None:
        super().__init__(
            "The parts of this upload were removed, because it was not completed within a day. Start again with"
            " POST /uploads."
        )


class UploadHasNoParts(PixTagError):
    """The upload has a form and no parts."""

    def __init__(self) -> None:
        super().__init__("This upload has no parts. Send the file with the form from POST /uploads.")


class UploadIncomplete(PixTagError):
    """Parts of the upload are missing. Nothing was changed."""

    def __init__(self, numbers: list[int]) -> None:
        missing = ", ".join(map(str, numbers))
        super().__init__(
            f"These parts have not arrived: {missing}. Get their links from GET /uploads/{{id}}, and send them."
        )


class UploadStalled(PixTagError):
    """No part of the upload arrived for a minute. Nothing was stored."""

    def __init__(self) -> None:
        super().__init__("No part of the upload arrived for a minute, so it was stopped. Send it again.")


class UnreadableForm(PixTagError):
    """The request is not a complete multipart form whose last field is the file."""


class InvalidPhoto(PixTagError):
    """The file is not a photo that PixTag can read.

    The message is shown to the owner as the reason why the image failed.
    """


class InvalidToken(PixTagError):
    """The access token is missing, expired, revoked or not valid for this API."""

    def __init__(self, reason: str = "The access token is missing, expired or not valid.") -> None:
        super().__init__(f"{reason} Get a new one from POST /auth/token.")


class SessionEnded(PixTagError):
    """The refresh token is missing, expired, revoked or not valid."""

    def __init__(self) -> None:
        super().__init__("You are not signed in, or your session has ended. Sign in again.")


class CsrfHeaderMissing(PixTagError):
    """The request does not have the header `X-PixTag: 1`."""

    def __init__(self) -> None:
        super().__init__("Send the header `X-PixTag: 1`. It proves that no other site sent the request.")


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


class UiNotBuilt(PixTagError):
    """This installation does not include the web UI."""

    def __init__(self) -> None:
        super().__init__(
            "This installation does not include the web UI. In a checkout, `make setup` builds it."
            " The API works without it. Its documentation is at /docs."
        )


class AssetNotFound(PixTagError):
    """This release of the web UI has no such file."""

    def __init__(self) -> None:
        super().__init__("This release of PixTag has no such file. Reload the page.")


class TooManyRequests(PixTagError):
    """The rate limit is exceeded.

    Attributes:
        retry_after: Seconds to wait before the next attempt.
    """

    def __init__(self, reason: str = "Too many requests.", retry_after: int = 30) -> None:
        super().__init__(f"{reason} Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class QuotaExceeded(PixTagError):
    """The library is full.

    Attributes:
        retry_after: Seconds to wait before the next attempt.
    """

    retry_after = 3600

    def __init__(self, used: str, allowed: str) -> None:
        super().__init__(
            f"Your library is full: it contains {used}, including the trash. The limit is {allowed}."
            " Move images to the trash, delete them permanently with POST /images/purge, then upload again."
        )


class DailyLimitReached(PixTagError):
    """You have uploaded as much as is allowed per day.

    Attributes:
        retry_after: Seconds to wait before the next attempt.
    """

    def __init__(self, limit_bytes: int, retry_after: int) -> None:
        super().__init__(
            f"You have uploaded {limit_bytes / 10**9:,.1f} GB today, which is the limit per day. Deleted files count"
            f" too. Upload more after midnight UTC, in {retry_after / 3600:.1f} hours."
        )
        self.retry_after = retry_after


class Unavailable(PixTagError):
    """A service that PixTag needs is not available.

    Attributes:
        retry_after: Seconds to wait before the next attempt.
    """

    retry_after = 5

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message or "PixTag cannot reach a service that it needs. Nothing was lost. Try again in a few seconds."
        )


class OperationUnsupported(PixTagError):
    """The AWS endpoint does not support an operation that PixTag needs. Only emulators of AWS cause this error."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"The AWS endpoint of this PixTag lacks the operation {operation}. Choose another emulator.")


class StorageFull(PixTagError):
    """The disk on which PixTag stores photos and data is full."""

    def __init__(self) -> None:
        super().__init__("The disk of this PixTag is full, so nothing was stored. Free disk space, then try again.")


class DatabaseUnusable(StartFailed):
    """PixTag cannot use its database. The message names the file, the fault and the remedy."""


class OriginBypassed(PixTagError):
    """The request bypassed CloudFront, which this deployment requires."""

    def __init__(self) -> None:
        super().__init__("PixTag does not accept requests at this URL. Use the URL of this deployment's web UI.")


class ForeignHost(PixTagError):
    """The request names a host that is not this PixTag."""

    def __init__(self, address: str) -> None:
        advice = f"Use {address}." if address else "Use 127.0.0.1. For a public address, set PIXTAG_URL."
        super().__init__(f"PixTag does not accept requests for this host name. {advice}")


class ForeignOrigin(PixTagError):
    """Another web site sent the request."""

    def __init__(self) -> None:
        super().__init__("PixTag does not accept requests from other web sites. Open PixTag itself.")
