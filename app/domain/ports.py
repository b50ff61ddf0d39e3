"""Defines the interfaces of the stores: a Protocol for each store, and `Stores`, which has them all.

`app/adapters/aws` implements the interfaces with AWS services, `app/adapters/local` with SQLite and files.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from app.domain.accounts import AccessToken, Account, PasswordPolicy, TokenIssuer, Tokens
from app.domain.alerts import Alerts
from app.domain.announcements import MAX_BATCH, Announcement
from app.domain.backups import Backups
from app.domain.checks import RowChecks
from app.domain.ids import MAX_ID
from app.domain.images import LISTED, READY, Image, ImageState, ImageSummary, MonthTotal
from app.domain.mail import EmailState, StoredMail
from app.domain.object_server import ObjectServer
from app.domain.outbox import MAX_DUE_OWNERS, MAX_LEASED, DueOwner, OutboxLease, OutboxRow
from app.domain.pages import MAX_PAGES, Page
from app.domain.parts import Parts
from app.domain.plans import Order
from app.domain.preferences import Preferences
from app.domain.query import Query
from app.domain.quotas import Limits, Rate, Usage
from app.domain.redetections import Redetection
from app.domain.registration import Invitation
from app.domain.snapshots import Snapshot
from app.domain.subscriptions import Subscription
from app.domain.tags import TagTotal
from app.domain.uploads import ObjectEntry, Upload, UploadForm


class Images(Protocol):
    """Reads and writes images. The owner is part of every key, so no method reaches another owner's images.

    Images whose rows are damaged are left out of lists, and logged. A method that returns one image raises
    ImageDamaged.
    """

    def find_image(self, owner: str, image_id: str) -> Image | None:
        """Return the image or tombstone with this id, or None. The read is strongly consistent."""

    def get_image(self, owner: str, image_id: str) -> Image:
        """Return the image with this id. For the tombstone of a duplicate, return the image with the same bytes.

        Raises:
            ImageNotFound: the owner has no image with this id, or the image is gone.
        """

    def find_images(self, owner: str, image_ids: Sequence[str]) -> list[Image]:
        """Return the images and tombstones with these ids, in any order. Unknown and damaged ones are left out.

        The reads are strongly consistent.
        """

    def find_by_hash(self, owner: str, sha256: str) -> str | None:
        """Return the id of the ready or trashed image that has exactly these bytes, or None."""

    def save(self, after: Image, before: Image | None = None) -> Image:
        """Write an image, its tag index, counters and usage, its outbox row and its announcement in one transaction.

        The change is announced only if the owner has subscriptions.

        Args:
            after: The image to write.
            before: The image as it was read, or None if the image is not stored yet.

        Returns:
            `after` with its new version.

        Raises:
            ImageChanged: the stored image no longer has the version of `before`. Nothing was written.
            PhotoExists: another image has the same bytes. Nothing was written.
            Unavailable: the store prevented every attempt. Nothing was written.
        """

    def restore_image(self, image: Image) -> None:
        """Write an image of a backup, with its version, in one transaction. A stored image with its id does not change.

        The image is not announced. An image in the trash keeps the date of its purge.

        Raises:
            PhotoExists: another image has the same bytes. Nothing was written.
            Unavailable: see `save`.
        """

    def list_images(  # noqa: PLR0913 - the last two are named
        self,
        owner: str,
        limit: int,
        cursor: str | None = None,
        states: frozenset[ImageState] = LISTED,
        *,
        order: Order = Order.TAKEN,
        newest_first: bool = True,
    ) -> Page[ImageSummary]:
        """Return a page of the images in these states, by their sort keys or by their added keys.

        Raises:
            InvalidCursor: see `continue_plan`.
        """

    def read_snapshots(
        self, owner: str, limit: int, cursor: str, states: frozenset[ImageState] = READY
    ) -> tuple[list[Snapshot], str | None]:
        """Return ready or trashed images with ids before the cursor, and the next cursor, which is an id too.

        The read is strongly consistent. At most `limit` images are read, latest id first. The next cursor is None on
        the last page.
        """

    def list_details(self, owner: str, limit: int, cursor: str | None = None) -> Page[Image]:
        """Return a page of complete ready images, latest id first. The cursors are ids.

        Raises:
            InvalidCursor: the cursor does not have the form of an id.
        """

    def search_trash(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        """Return matching images in the trash, latest deletion first.

        Raises:
            InvalidCursor: see `continue_plan`.
        """

    def search(  # noqa: PLR0913 - the last three are named
        self,
        owner: str,
        query: Query,
        limit: int,
        cursor: str | None = None,
        *,
        newest_first: bool = True,
        max_pages: int = MAX_PAGES,
        totals: Mapping[str, int] | None = None,
    ) -> Page[ImageSummary]:
        """Return matching ready images, by their capture times.

        At most `max_pages` pages of rows are read, and at most `MAX_COUNTED` tags are counted, or none if the `totals`
        of all tags are given. Of each clause with alternatives, at least as many pages are needed as the clause has
        alternatives.

        Raises:
            InvalidCursor: see `continue_plan`.
        """

    def count_months(self, owner: str, tag: str | None = None) -> list[MonthTotal]:
        """Return the months of all ready images, or of those with a tag, oldest first. Months without any are left out.

        Implausible times have the month "", which is first.
        """

    def list_ids(self, owner: str) -> Iterator[str]:
        """Yield the ids of all of the owner's images except tombstones. The reads are strongly consistent and lazy."""

    def purge(self, images: Sequence[Image], rows: Sequence[OutboxRow] = ()) -> list[Image]:
        """Replace an owner's trashed images with tombstones, in few transactions.

        An interruption leaves some of the images purged. The objects are not deleted.

        Args:
            images: The trashed images as they were read. A changed image is left out.
            rows: An outbox row for each image, or none. Each is written if its image is purged.

        Returns:
            The tombstones of the purged images.
        """

    def delete_images(self, owner: str, limit: int) -> list[str]:
        """Delete up to `limit` of the owner's images and tombstones with their tag index, in few transactions.

        The counters do not change. Call this only to delete all data of an owner. An image that changes at the same
        time may stay until the next call.

        Returns:
            The ids of the images. If there are any, more images may remain.
        """

    def delete_rows(self, owner: str, limit: int) -> bool:
        """Delete up to `limit` of the owner's rows, except images and account deletions.

        Call this only when the owner has no images left. Then the counters are no longer needed.

        Returns:
            Whether anything was deleted. If so, more rows may remain.
        """

    def count_tag(self, owner: str, tag: str) -> TagTotal:
        """Return a tag's totals. They are zero if the owner does not have the tag."""

    def count_tags(self, owner: str, prefix: str = "") -> list[TagTotal]:
        """Return the totals of every tag with this prefix, most frequent first."""


class Objects(Protocol):
    """Reads and writes images' objects, and signs upload forms and links."""

    @property
    def origin(self) -> str:
        """The scheme and host of all links and forms."""

    @property
    def parts(self) -> Parts:
        """The uploads in parts."""

    def upload_form(self, key: str, media_type: str, name: str, size: int) -> UploadForm:
        """Return an upload form that accepts only this key, media type, name and size in bytes.

        The form expires after `FORM_SECONDS`.
        """

    def link(self, key: str, *, download: str | None = None) -> str:
        """Return a link to an object. If `download` is given, browsers save the object under this file name.

        The link is valid for 30 to 60 minutes. All calls within the same half hour return the same link.
        """

    def find_key(self, url: str) -> str | None:
        """Return the key in a link to an object of this store, or None for any other link.

        The link may be unsigned or expired.
        """

    def find(self, key: str) -> Upload | None:
        """Return a complete object, or None if it does not exist.

        Raises:
            ObjectTooLarge: the object has more than `MAX_UPLOAD_BYTES`. Its bytes were not read.
            ObjectUnreadable: the object exists, but its file is damaged.
        """

    def claim(self, key: str, upload: Upload) -> bool:
        """Write an upload unless the key exists. Return whether it was written. Only one of several writers succeeds.

        The worker gets a message about each `incoming` object.
        """

    def replace(self, key: str, upload: Upload) -> None:
        """Write an original, also if the key exists. Other requests read the old bytes or the new ones."""

    def is_intact(self, key: str, size: int, sha256: str) -> bool:
        """Return whether an object exists and has this size in bytes and this SHA-256 digest.

        S3 itself checks the bytes that it stores, so on AWS, only the size is compared.
        """

    def put_derived(self, key: str, data: bytes) -> None:
        """Write a JPEG preview or thumbnail. Browsers can cache it, because its bytes do not change."""

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys with this prefix in order. Pages are requested lazily."""

    def list_owners(self) -> set[str]:
        """Return the owners of all objects. They may have no account."""

    def list_entries(self, prefix: str, after: str = "") -> Iterator[ObjectEntry]:
        """Yield the objects whose keys have this prefix and are greater than `after`, in order of their keys."""

    def find_entry(self, key: str) -> ObjectEntry | None:
        """Return the size and time of an object, or None if it does not exist."""

    def delete(self, *keys: str) -> None:
        """Delete up to 1,000 objects. Missing objects are ignored."""


class Queue(Protocol):
    """The queue from which the worker receives messages."""

    def send(self, bodies: Sequence[str]) -> None:
        """Send messages. Each message is delivered at least once, in any order.

        Raises:
            Unavailable: some of the messages were rejected. The accepted messages are delivered.
        """


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


class Mail(Protocol):
    """Sends e-mails to owners who have subscribed an address."""

    def subscribe(self, owner: str, email: str) -> EmailState:
        """Subscribe the owner's address to the owner's e-mails. Return the state of the subscription.

        Repeated calls have no further effect.
        """

    def state(self, owner: str) -> EmailState:
        """Return the state of the owner's e-mail subscription: none, pending or confirmed."""

    def publish(self, owner: str, subject: str, body: str) -> None:
        """Send the owner an e-mail. The subject is shortened to fewer than 100 ASCII characters without line breaks."""

    def delete(self, owner: str) -> None:
        """Delete the owner's e-mail subscription. A missing one is ignored."""


class Mailbox(Protocol):
    """The e-mails that PixTag shows instead of sending them."""

    def list_mails(self, to: str = "") -> list[StoredMail]:
        """Return the e-mails to the address `to`, newest first. If `to` is empty, return all e-mails."""


class Outbox(Protocol):
    """Reads and writes outbox rows. A lease moves a row's `due_at` into the future."""

    def list_due(self, limit: int = MAX_DUE_OWNERS) -> list[DueOwner]:
        """Return up to `limit` owners who may have due work and whose outbox is not leased, longest wait first.

        Owners whose work changed in the last second may be missing.
        """

    def take(self, owner: str) -> OutboxLease | None:
        """Lease an owner's outbox for two minutes. Return None if nothing is due or another worker has the lease."""

    def release(self, lease: OutboxLease, alerts_at: int | None) -> None:
        """End a lease. The owner is due again with the next row, announcement or alert.

        Args:
            lease: The lease. If it has expired, nothing is changed.
            alerts_at: When the announcements and alerts are due, in Unix time (seconds). None if there are none.
        """

    def put_account_deletion(self, owner: str) -> None:
        """Schedule the deletion of all of the owner's data. The deletion is due immediately."""

    def has_account_deletion(self, owner: str) -> bool:
        """Return whether the owner's account is being deleted. The row may be due, leased or postponed."""

    def lease(self, owner: str, limit: int = MAX_LEASED) -> list[OutboxRow]:
        """Lease up to `limit` of the owner's due rows for two minutes. Return the leased rows, oldest first."""

    def postpone(self, row: OutboxRow, due_at: int) -> None:
        """Postpone a row, unless another worker has leased or deleted it. Its scheduled time changes too.

        The worker calls this before it releases the owner's outbox.
        """

    def delete(self, *rows: OutboxRow) -> None:
        """Delete rows after their work is complete. Missing rows are ignored."""


class Quotas(Protocol):
    """Counts requests and checks quotas. `Images.save` counts images and bytes."""

    limits: Limits

    def count(self, owner: str, rate: Rate, number: int = 1) -> None:
        """Add `number` to the owner's count for the current minute. All processes share the count.

        For `Rate.REQUESTS`, `number` is 1. A store may count them in advance, or only in the process of the API.

        Raises:
            TooManyRequests: the count had already reached the limit. Nothing was added.
        """

    def usage(self, owner: str) -> Usage:
        """Return the number and total bytes of the images in the owner's library."""

    def require_room(self, owner: str) -> None:
        """Check that the owner's library is not full.

        Only processed uploads count. Pending uploads can therefore exceed the limit.

        Raises:
            QuotaExceeded: the library has reached its limit of images or of bytes.
        """

    def receive(self, owner: str, size: int) -> None:
        """Add an upload to the bytes that the owner has uploaded today (UTC), also if it is deleted again.

        Raises:
            DailyLimitReached: the bytes had already reached the limit. Nothing was added.
        """

    def receive_again(self, owner: str, size: int) -> None:
        """Add another post of an upload form to the bytes of today. It has happened, so the limit does not matter."""

    def received(self, owner: str) -> int:
        """Return the bytes that the owner has uploaded today (UTC)."""


class Subscriptions(Protocol):
    """Reads and writes subscriptions, the announcements of changes to images, and each owner's alerts."""

    @property
    def settle_seconds(self) -> int:
        """The longest time for which a change may be written without an announcement after the first subscription."""

    def list(self, owner: str) -> list[Subscription]:
        """Return the owner's subscriptions, oldest first."""

    def get(self, owner: str, subscription_id: str) -> Subscription:
        """Return the owner's subscription with this id.

        Raises:
            SubscriptionNotFound: the owner has no such subscription.
        """

    def add(self, owner: str, query: Query) -> Subscription:
        """Add a subscription to a query and return it. If the owner has subscribed before, return that subscription.

        Raises:
            InvalidQuery: the stored form of the query is too long to be parsed again.
            TooManySubscriptions: the owner already has `MAX_SUBSCRIPTIONS` subscriptions.
        """

    def put(self, owner: str, subscription: Subscription) -> None:
        """Write a subscription of a backup. An existing one with its id is replaced."""

    def remove(self, owner: str, subscription_id: str) -> None:
        """Remove a subscription.

        Raises:
            SubscriptionNotFound: the owner has no such subscription.
        """

    def claim_digest(self, owner: str, now: int, cooldown: int) -> int:
        """Claim the right to send the owner a digest now. A claim is granted at most once every `cooldown` seconds.

        Returns:
            `now` if the claim is granted. Otherwise, a later time for the next claim, in Unix time (seconds).
        """

    def list_announcements(
        self, owner: str, limit: int = MAX_BATCH, first: str = "", last: str = MAX_ID
    ) -> Sequence[Announcement]:
        """Return up to `limit` announcements with `first <= id <= last`, by id. The read is strongly consistent."""

    def get_alerts(self, owner: str) -> Alerts:
        """Return the owner's alerts. The read is strongly consistent."""

    def save_alerts(self, owner: str, alerts: Alerts, announcements: Sequence[Announcement] = ()) -> set[str]:
        """Write the alerts and delete announcements in one transaction. Only the worker with the lease calls this.

        Args:
            owner: The owner.
            alerts: The new alerts, with the revision that was read. The stored revision is greater by one.
            announcements: Up to `MAX_BATCH` announcements that the alerts include.

        Returns:
            The ids of the announcements that have changed since they were read. If there are any, nothing was written.

        Raises:
            Unavailable: another worker has written the alerts. Nothing was written.
        """


class Redetections(Protocol):
    """Starts redetection jobs and records their progress."""

    def start(self, owner: str) -> Redetection:
        """Start a job for the owner's library. If an unfinished job is less than a day old, return that job."""

    def get(self, owner: str) -> Redetection:
        """Return the owner's latest job.

        Raises:
            RedetectionNotFound: the owner has started no job in the last 30 days.
        """

    def record_queued(self, redetection: Redetection, cursor: str | None, count: int) -> Redetection:
        """Record that `count` more images are queued. A cursor of None means that all images are queued.

        Change nothing if another worker has already recorded this page.

        Returns:
            The current job.
        """

    def record_done(self, owner: str, redetection_id: str) -> None:
        """Record that an image is done because it is no longer in the library.

        Change nothing if the job was deleted with its account.
        """


class OwnerPreferences(Protocol):
    """Reads and writes the preferences of owners."""

    def get(self, owner: str) -> Preferences:
        """Return the preferences, or the defaults. The read is strongly consistent."""

    def choose(self, owner: str, *, remove_positions: bool) -> Preferences:
        """Write a choice. If the owner now wants positions to be removed, start a job for the existing images.

        Returns:
            The preferences after the choice.
        """

    def record_removal(self, preferences: Preferences, cursor: str | None) -> Preferences:
        """Record the next page of the job. Change nothing if the job was replaced or deleted.

        Returns:
            The preferences with this cursor.
        """

    def finish_removal(self, preferences: Preferences) -> None:
        """Record that the job is complete. Change nothing if the job was replaced or deleted."""


class Stores(Protocol):
    """All stores of a deployment, and the issuer of its access tokens. Each is created on first use."""

    @property
    def images(self) -> Images:
        """The images."""

    @property
    def objects(self) -> Objects:
        """The images' objects."""

    @property
    def object_server(self) -> ObjectServer | None:
        """The server of the objects, or None if clients read and write the objects elsewhere."""

    @property
    def queue(self) -> Queue:
        """The worker's queue."""

    @property
    def accounts(self) -> Accounts:
        """The accounts."""

    @property
    def invitations(self) -> Invitations:
        """The invitations to register."""

    @property
    def mail(self) -> Mail:
        """The e-mails to owners."""

    @property
    def mailbox(self) -> Mailbox | None:
        """The e-mails that the mailbox page shows, or None if this deployment has none."""

    @property
    def outbox(self) -> Outbox:
        """The outbox."""

    @property
    def quotas(self) -> Quotas:
        """The quotas."""

    @property
    def subscriptions(self) -> Subscriptions:
        """The subscriptions."""

    @property
    def redetections(self) -> Redetections:
        """The redetection jobs."""

    @property
    def preferences(self) -> OwnerPreferences:
        """The preferences of owners."""

    @property
    def backups(self) -> Backups:
        """What backups and restores need besides the other stores."""

    @property
    def row_checks(self) -> RowChecks:
        """What `pixtag doctor` needs besides the other stores."""

    @property
    def token_issuer(self) -> TokenIssuer:
        """The issuer of the access tokens."""
