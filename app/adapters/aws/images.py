"""Stores images, their views and their counters in DynamoDB. Every change to an image is one transaction.

Every key contains the owner (see `items.py`), so a method cannot read or write another owner's rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from app.adapters.aws.albums import DynamoAlbums
from app.adapters.aws.attribute_values import Attributes
from app.adapters.aws.counters import list_changes, list_falling, write_changes
from app.adapters.aws.follow_up import write_follow_up
from app.adapters.aws.image_actions import (
    explain_failure,
    require_albums,
    write_hash,
    write_image,
    write_usage,
    write_views,
)
from app.adapters.aws.image_deletions import ImageDeletions
from app.adapters.aws.image_groups import ImageGroups
from app.adapters.aws.image_items import find_intact, find_intact_summary, to_image
from app.adapters.aws.items import SUMMARY_ATTRIBUTES
from app.adapters.aws.operations import DynamoOperations, write_undo_row
from app.adapters.aws.paging import KeyRange, PageReader
from app.adapters.aws.row_keys import between, hash_key, image_key, partition_of, redetection_key, values
from app.adapters.aws.sources import image_source, list_sources, plan_sources, review_source
from app.adapters.aws.totals import ImageTotals
from app.adapters.aws.transactions import BACKOFF_SECONDS, MAX_ATTEMPTS, ConditionFailed
from app.adapters.aws.views import find_texts
from app.domain.albums import list_joined
from app.domain.announcements import Announcement, announce_change
from app.domain.errors import ImageNotFound, InvalidCursor, Unavailable
from app.domain.ids import MAX_ID, MIN_ID, is_id, require_id
from app.domain.images import LISTED, READY, Image, ImageState, ImageSummary
from app.domain.operations import UndoRow, merge_undo_row
from app.domain.outbox import OutboxRow, follow_up, follow_up_restored
from app.domain.pages import MAX_PAGES, Page
from app.domain.plans import Order, Plan, continue_plan, counted_tags, plan, require_review_key
from app.domain.ports import Images, SimilarImages
from app.domain.query import MAX_KEY, Query, make_matcher, resolve_albums
from app.domain.snapshots import Snapshot
from app.domain.texts import read_texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_PROJECTION: Final[dict[str, Any]] = {
    "ProjectionExpression": ", ".join(f"#{name}" for name in SUMMARY_ATTRIBUTES),
    "ExpressionAttributeNames": {f"#{name}": name for name in SUMMARY_ATTRIBUTES},
}


class DynamoImages(ImageTotals, ImageDeletions, ImageGroups, Images):
    """Reads and writes images."""

    def __init__(self, client: "DynamoDBClient", name: str, *, backoff_seconds: float = BACKOFF_SECONDS) -> None:
        super().__init__(client, name, backoff_seconds=backoff_seconds)
        self._operations = DynamoOperations(client, name)
        self._albums = DynamoAlbums(client, name)
        self._summaries = PageReader(client, name, find_intact_summary)
        self._images = PageReader(client, name, lambda owner, attributes: find_intact(owner, values(attributes)))

    @property
    @override
    def similar(self) -> SimilarImages:
        return self._similar

    @override
    def find_image(self, owner: str, image_id: str) -> Image | None:
        item = self._find(image_key(owner, image_id))
        return to_image(owner, item) if item else None

    @override
    def get_image(self, owner: str, image_id: str) -> Image:
        image = self.find_image(owner, require_id(image_id))
        if image and image.duplicate_of:
            image = self.find_image(owner, image.duplicate_of)
        if image is None or image.state is ImageState.GONE:
            raise ImageNotFound
        return image

    @override
    def find_by_hash(self, owner: str, sha256: str) -> str | None:
        item = self._find(hash_key(owner, sha256))
        return str(item["image"]) if item else None

    @override
    def save(
        self, after: Image, before: Image | None = None, *, undo: UndoRow | None = None, undone_to: int = 0
    ) -> Image:
        undone_to = undo.first if undo and undo.undone else undone_to
        after = replace(after, version=before.version + 1 if before else 1, undone_to=undone_to)
        announcement = announce_change(before, after)
        is_announced = announcement is not None and self._follow_up.is_subscribed(after.owner)
        try:
            self._write(after, before, follow_up(after), announcement if is_announced else None, undo)
        except ConditionFailed as error:
            raise explain_failure(error, before, after) from error
        if announcement and announcement.is_ready and not is_announced and self._follow_up.is_subscribed(after.owner):
            self._follow_up.announce_later(announcement)
        self._link(before, after)
        return after

    @override
    def restore_image(self, image: Image) -> None:
        try:
            self._write(image, None, follow_up_restored(image))
        except ConditionFailed as error:
            if 0 not in error.actions:
                raise explain_failure(error, None, image) from error
        self._link(None, image)

    def _write(
        self,
        after: Image,
        before: Image | None,
        row: OutboxRow | None,
        announcement: Announcement | None = None,
        undo: UndoRow | None = None,
    ) -> None:
        """Write an image, its outbox row and all that depends on the image. Condition 0 is the version.

        Raises:
            ConditionFailed: the image has changed, an album does not exist, or another image has the same bytes.
            Unavailable: conflicts or throttling prevented all attempts.
        """
        self._follow_up.touch(after.owner, row, announcement)
        changes = list_changes(before, after)
        has_undo_row = undo is not None and undo.undone
        for _ in range(MAX_ATTEMPTS):
            falling = {str(item["sk"]): int(item["images"]) for item in self._find_all(list_falling(changes))}
            transaction = self._transaction()
            write_image(transaction, before, after)
            require_albums(transaction, after.owner, list_joined(before, after))
            write_hash(transaction, before, after)
            conditions = len(transaction)
            write_undo_row(transaction, undo, is_first=not has_undo_row)
            write_views(transaction, before, after)
            write_usage(transaction, before, after)
            write_follow_up(transaction, row, announcement)
            if before and after.redetection not in {"", before.redetection}:
                transaction.add(redetection_key(after.owner, after.redetection), {"done": 1})
            write_changes(transaction, changes, falling)
            try:
                transaction.commit(self._backoff_seconds)
            except ConditionFailed as error:
                if min(error.actions) < conditions:
                    raise
                if undo and conditions in error.actions:  # the operation has changed the image before
                    undo = merge_undo_row(self._operations.find_row(undo), undo)
                    has_undo_row = True
            else:
                return
        raise Unavailable

    @override
    def find_images(self, owner: str, image_ids: Sequence[str]) -> list[Image]:
        items = self._find_all([image_key(owner, image_id) for image_id in dict.fromkeys(image_ids)])
        return [image for item in items if (image := find_intact(owner, item))]

    @override
    def list_images(
        self,
        owner: str,
        limit: int,
        cursor: str | None = None,
        states: frozenset[ImageState] = LISTED,
        *,
        order: Order = Order.TAKEN,
        newest_first: bool = True,
    ) -> Page[ImageSummary]:
        keys = _make_range(continue_plan(Plan(newest_first=newest_first), cursor))
        sources = list_sources(owner, states, order)
        return self._summaries.read(owner, sources, keys, lambda image: image.state in states, limit)

    @override
    def read_snapshots(
        self, owner: str, limit: int, cursor: str, states: frozenset[ImageState] = READY
    ) -> tuple[list[Snapshot], str | None]:
        response = self._client.query(
            TableName=self._table,
            **image_source(owner).make_query(KeyRange(MIN_ID, cursor)),
            **_PROJECTION,
            ConsistentRead=True,
            Limit=limit,
        )
        rows = response["Items"]
        images = [image for row in rows if (image := find_intact_summary(owner, row))]
        snapshots = [image.snapshot for image in images if image.state in states]
        return snapshots, rows[-1]["id"]["S"] if "LastEvaluatedKey" in response else None

    @override
    def list_details(self, owner: str, limit: int, cursor: str | None = None) -> Page[Image]:
        if cursor is not None and not is_id(cursor):
            raise InvalidCursor
        keys = KeyRange(MIN_ID, MAX_ID if cursor is None else cursor)
        return self._images.read(owner, [image_source(owner)], keys, lambda image: image.state in READY, limit)

    @override
    def search_trash(self, owner: str, query: Query, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        query = resolve_albums(query, partial(self._albums.find_titles, owner))
        is_match = make_matcher(query)
        page = self._summaries.read(
            owner,
            list_sources(owner, {ImageState.TRASHED}, Order.TAKEN),
            _make_range(continue_plan(Plan(), cursor)),
            lambda image: image.state is ImageState.TRASHED and is_match(image.snapshot),
            limit,
        )
        if not query.texts:
            return page
        # The index contains no texts, so the images themselves are read.
        images = self.find_images(owner, [image.id for image in page.images])
        matches = {image.id for image in images if query.holds_texts(read_texts(image.name, image.metadata))}
        return replace(page, images=[image for image in page.images if image.id in matches])

    @override
    def search(
        self,
        owner: str,
        query: Query,
        limit: int,
        cursor: str | None = None,
        *,
        newest_first: bool = True,
        max_pages: int = MAX_PAGES,
        totals: Mapping[str, int] | None = None,
        excluded: frozenset[str] = frozenset(),
    ) -> Page[ImageSummary]:
        query = resolve_albums(query, partial(self._albums.find_titles, owner))
        tags = counted_tags(query)
        images = {tag: self.count_tag(owner, tag).images if totals is None else totals.get(tag, 0) for tag in tags}
        rows = continue_plan(plan(query, images, newest_first=newest_first), cursor)
        convert = partial(_find_match, query) if query.texts else find_intact_summary
        return replace(self._summaries, max_pages=max_pages, convert=convert).read(
            owner,
            plan_sources(owner, rows),
            _make_range(rows),
            lambda image: image.state is ImageState.READY and image.id not in excluded and query.holds(image.snapshot),
            limit,
        )

    @override
    def list_unreviewed(self, owner: str, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        keys = KeyRange("0", MAX_KEY if cursor is None else require_review_key(cursor))
        return self._summaries.read(owner, [review_source(owner)], keys, lambda image: bool(image.review_key), limit)

    @override
    def list_ids(self, owner: str) -> Iterator[str]:
        items = self._query(between(partition_of(owner), "IMAGE#", "IMAGE$"), consistent=True)
        return (item["sk"].removeprefix("IMAGE#") for item in items if item.get("state") != ImageState.GONE)


def _find_match(query: Query, owner: str, attributes: Attributes) -> ImageSummary | None:
    """Return the summary in a row of the view `ready` if the image meets the conditions on texts."""
    image = find_intact_summary(owner, attributes)
    return image if image and query.holds_texts(find_texts(image, attributes)) else None


def _make_range(rows: Plan) -> KeyRange:
    return KeyRange(rows.start, rows.end, rows.newest_first)
