"""Defines the interface of the store of images."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from app.domain.images import LISTED, READY, Image, ImageState, ImageSummary, MonthTotal
from app.domain.operations import ImageChange, UndoRow
from app.domain.outbox import OutboxRow
from app.domain.pages import MAX_PAGES, Page
from app.domain.plans import Order
from app.domain.ports.similar_images import SimilarImages
from app.domain.query import Query
from app.domain.snapshots import Snapshot
from app.domain.tags import TagTotal


class Images(Protocol):
    """Reads and writes images. The owner is part of every key, so no method reaches another owner's images.

    Images whose rows are damaged are left out of lists, and logged. A method that returns one image raises
    ImageDamaged.
    """

    @property
    def similar(self) -> SimilarImages:
        """The picture hashes and the groups of similar images."""

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

    def save(
        self, after: Image, before: Image | None = None, *, undo: UndoRow | None = None, undone_to: int = 0
    ) -> Image:
        """Write an image, its tag index, counters and usage, its outbox row and its announcement in one transaction.

        If it becomes ready or its picture changes, it is then put into the group of its copies, see `link_similar`.

        The change is announced only if the owner has subscriptions.

        Args:
            after: The image to write.
            before: The image as it was read, or None if the image is not stored yet.
            undo: A row to write in the same transaction, as `merge_undo_row` describes it.
            undone_to: `Image.undone_to` after a part of an undo, so that the undo can be repeated. Others omit it.

        Returns:
            `after` with its new version.

        Raises:
            ImageChanged: the stored image no longer has the version of `before`. Nothing was written.
            PhotoExists: another image has the same bytes. Nothing was written.
            Unavailable: the store prevented every attempt. Nothing was written.
        """

    def save_all(self, changes: Sequence[ImageChange]) -> Mapping[str, Image | Exception]:
        """Write changes of up to 100 images of an owner, each as `save` would, in few transactions.

        No change belongs to a redetection. Each image has at most one change.

        Returns:
            By the ids of images, the written image, or why this is unknown or its copies could not be linked. An image
            that `save` would not write is left out. So is one that could not be written together with others. Change
            it on its own.
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

    def search(  # noqa: PLR0913 - the last four are named
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
        """Return matching ready images, by their capture times. Those with an `excluded` id are left out.

        At most `max_pages` pages of rows are read, and at most `MAX_COUNTED` tags are counted, or none if the `totals`
        of all tags are given. Of each clause with alternatives, at least as many pages are needed as the clause has
        alternatives.

        Raises:
            InvalidCursor: see `continue_plan`.
        """

    def list_unreviewed(self, owner: str, limit: int, cursor: str | None = None) -> Page[ImageSummary]:
        """Return a page of the ready images whose counts contain uncertain objects.

        Images with the largest `doubt` come first, and among them the latest uploads. A change can appear with a short
        delay. The cursor is a `review_key`.

        Raises:
            InvalidCursor: the cursor is not valid.
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
