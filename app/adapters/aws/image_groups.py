"""Writes changes of many images in few transactions (ADR 60).

A transaction contains the changes of up to `MAX_TOGETHER` images, and each counter once. Images of the same shard
follow one another, so that a transaction writes few counters.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from app.adapters.aws.counters import CounterChange, add_up_changes, list_changes, list_falling, write_changes
from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.follow_up import FollowUp, write_follow_up
from app.adapters.aws.image_actions import (
    list_usage_changes,
    purge_images,
    require_albums,
    split_purges,
    write_hash,
    write_image,
    write_views,
)
from app.adapters.aws.operations import write_undo_row
from app.adapters.aws.row_keys import shard
from app.adapters.aws.similar_images import DynamoSimilarImages
from app.adapters.aws.transactions import BACKOFF_SECONDS, MAX_ACTIONS, ConditionFailed, Transaction
from app.domain.albums import list_joined
from app.domain.announcements import Announcement, announce_change
from app.domain.errors import PixTagError, Unavailable
from app.domain.images import Image
from app.domain.operations import ImageChange
from app.domain.outbox import OutboxRow, follow_up
from app.domain.similar_images import link_similar, must_link

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_TOGETHER: Final = 16  # DynamoDB allows 4 MB per transaction; with more images, a lost response would concern more
ATTEMPTS: Final = 6  # after as many conflicts, each image is changed on its own

_REFUSALS: Final = {"TransactionCanceledException", "ValidationException"}  # for example, more than 4 MB

Results = dict[str, Image | Exception]
"""As `Images.save_all` returns them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The writes of a change.

    Attributes:
        before: The image as it was read.
        after: The image with its new version.
        row: The outbox row, or None.
        announcement: The announcement, or None if the change cannot affect a subscription.
        own: The actions on rows of this image alone.
        tags: The changes to the counters of tags.
        usage: The changes to the usage.
        joined: The ids of the albums that the image joins.
    """

    before: Image
    after: Image
    row: OutboxRow | None
    announcement: Announcement | None
    own: Transaction
    tags: Sequence[CounterChange]
    usage: Sequence[CounterChange]
    joined: Sequence[str]

    @property
    def shared(self) -> set[str]:
        """The names of the rows that changes of other images may write or check too."""
        return {str(change.key["sk"]) for change in (*self.tags, *self.usage)} | set(self.joined)


class ImageGroups(DynamoTable):
    """The part of the store of images that changes many images together."""

    def __init__(self, client: "DynamoDBClient", table: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, table)
        self._backoff_seconds = backoff_seconds
        self._follow_up = FollowUp(client, table)
        self._similar = DynamoSimilarImages(client, table)

    def save_all(self, changes: Sequence[ImageChange]) -> Mapping[str, Image | Exception]:
        """Write changes, as `Images.save_all` describes it."""
        if not changes:
            return {}
        owner = changes[0].after.owner
        is_announced = self._follow_up.is_subscribed(owner)
        ordered = sorted(changes, key=lambda change: shard(change.after.id))
        drafts = [self._draft(change, is_announced=is_announced) for change in ordered]
        self._follow_up.touch_all(
            owner, [draft.row for draft in drafts], [draft.announcement for draft in drafts if is_announced]
        )
        results: Results = {}
        written: list[Draft] = []
        falling = self._read_falling(drafts)
        for part in split(drafts):
            with record_failure(results, part):
                written += self._save_part(part, falling)
        results |= {draft.after.id: draft.after for draft in written}
        self._complete(written, results, is_announced=is_announced)
        return results

    def _draft(self, change: ImageChange, *, is_announced: bool) -> Draft:
        before = change.before
        after = change.result
        row, announcement = follow_up(after), announce_change(before, after)
        own = self._transaction()
        write_image(own, before, after)
        write_hash(own, before, after)
        write_undo_row(own, change.undo, is_first=not (change.undo and change.undo.undone))
        write_views(own, before, after)
        write_follow_up(own, row, announcement if is_announced else None)
        tags, usage = list_changes(before, after), list_usage_changes(before, after)
        return Draft(before, after, row, announcement, own, tags, usage, list_joined(before, after))

    def _read_falling(self, drafts: Iterable[Draft]) -> dict[str, int]:
        """Return the present number of images of each counter that would fall."""
        changes = add_up_changes(change for draft in drafts for change in draft.tags if change.images < 0)
        return {str(item["sk"]): int(item["images"]) for item in self._find_all(list_falling(changes))}

    def _save_part(self, drafts: list[Draft], images: dict[str, int]) -> list[Draft]:
        """Write changes in one transaction. Leave out those of images that have changed.

        Args:
            drafts: The changes.
            images: The number of images of each counter that could fall. It is updated.

        Returns:
            The changes that were written: none if another condition does not hold, if DynamoDB refuses the transaction,
            or after too many conflicts.
        """
        while drafts:
            try:
                self._commit(drafts, images)
            except ConditionFailed as error:
                writers = [draft.after.id for draft in drafts for _ in range(len(draft.own))]  # of the first actions
                changed = {writers[at] for at in error.actions if at < len(writers)}
                drafts = [draft for draft in drafts if changed and draft.after.id not in changed]
            except Unavailable:
                return []
            else:
                return drafts
        return []

    def _commit(self, drafts: Sequence[Draft], images: dict[str, int]) -> None:
        """Write changes in one transaction, and update the numbers of images.

        Raises:
            ConditionFailed: a condition does not hold. Nothing was written.
            Unavailable: there were too many conflicts, or DynamoDB refuses the transaction. Nothing was written.
        """
        transaction = self._transaction()
        for draft in drafts:
            transaction.extend(draft.own)
        joined = dict.fromkeys(album_id for draft in drafts for album_id in draft.joined)
        require_albums(transaction, drafts[0].after.owner, joined)
        for usage in add_up_changes(change for draft in drafts for change in draft.usage):
            transaction.add(usage.key, usage.counts)
        tags = add_up_changes(change for draft in drafts for change in draft.tags)
        write_changes(transaction, tags, images)
        try:
            transaction.commit(self._backoff_seconds, max_attempts=ATTEMPTS)
        except ClientError as error:
            if error.response["Error"]["Code"] in _REFUSALS:
                raise Unavailable from error
            raise
        for change in tags:
            name = str(change.key["sk"])
            images[name] = images.get(name, 0) + change.images

    def _complete(self, drafts: Sequence[Draft], results: Results, *, is_announced: bool) -> None:
        """Do what follows the transactions: announce changes to a first subscription, and link copies."""
        late = [draft for draft in drafts if draft.announcement and draft.announcement.is_ready and not is_announced]
        with record_failure(results, late):
            if late and self._follow_up.is_subscribed(late[0].after.owner):
                for announcement in filter(None, (draft.announcement for draft in late)):
                    self._follow_up.announce_later(announcement)
        for draft in drafts:
            with record_failure(results, [draft]):
                self._link(draft.before, draft.after)

    def _link(self, before: Image | None, after: Image) -> None:
        if must_link(before, after):
            link_similar(self._similar, after)

    def purge(self, images: Sequence[Image], rows: Sequence[OutboxRow] = ()) -> list[Image]:
        """Purge images, as `Images.purge` describes it."""
        rows_by_image = {row.image_id: row for row in rows}
        if rows:
            self._follow_up.touch(rows[0].owner, rows[0], None)
        parts = split_purges(images, rows_by_image)
        return [tombstone for part in parts for tombstone in self._purge(part, rows_by_image)]

    def _purge(self, images: Sequence[Image], rows: Mapping[str, OutboxRow]) -> list[Image]:
        """Purge images in one transaction. Images that have changed are left out."""
        while images:
            transaction = self._transaction()
            tombstones = purge_images(transaction, images, rows)
            try:
                transaction.commit(self._backoff_seconds)
            except ConditionFailed as error:
                images = [image for number, image in enumerate(images) if number not in error.actions]
            else:
                return tombstones
        return []


def split(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    """Yield the changes in parts that fit into a transaction each."""
    part: list[Draft] = []
    own, shared = 0, set[str]()
    for draft in drafts:
        is_full = own + len(draft.own) + len(shared | draft.shared) > MAX_ACTIONS or len(part) == MAX_TOGETHER
        if part and is_full:
            yield part
            part, own, shared = [], 0, set()
        part.append(draft)
        own += len(draft.own)
        shared |= draft.shared
    yield part


@contextmanager
def record_failure(results: Results, drafts: Iterable[Draft]) -> Iterator[None]:
    """Record a failure of the store as the result of each of these changes."""
    try:
        yield
    except (BotoCoreError, ClientError, PixTagError) as failure:
        results.update({draft.after.id: failure for draft in drafts})
