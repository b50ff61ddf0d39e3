"""Deletes the rows of images, and all other rows of an owner, when an account is deleted."""

from contextlib import suppress
from itertools import chain, islice

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.image_actions import split_deletions
from app.adapters.aws.row_keys import between, partition_of
from app.adapters.aws.totals import LAST_CHARACTER
from app.adapters.aws.transactions import BACKOFF_SECONDS, ConditionFailed
from app.domain.outbox import OutboxKind


class ImageDeletions(DynamoTable):
    """The part of the store of images that deletes rows."""

    _backoff_seconds = BACKOFF_SECONDS

    def delete_images(self, owner: str, limit: int) -> list[str]:
        """Delete the rows of images, as `Images.delete_images` describes it."""
        condition = between(partition_of(owner), "IMAGE#", "IMAGE$")
        items = list(islice(self._query(condition, consistent=True), limit))
        for part in split_deletions(owner, items):
            transaction = self._transaction()
            for key, version in part:
                if version is None:
                    transaction.delete(key)
                else:
                    transaction.delete(key, "version = :read", {":read": version})
            with suppress(ConditionFailed):  # an image has changed, and the next call deletes it
                transaction.commit(self._backoff_seconds)
        return [str(item["id"]) for item in items]

    def delete_rows(self, owner: str, limit: int) -> bool:
        """Delete other rows, as `Images.delete_rows` describes it."""
        partition = partition_of(owner)
        ranges = between(partition, " ", "IMAGE"), between(partition, "IMAGE$", LAST_CHARACTER)
        items = chain.from_iterable(self._query(condition, consistent=True) for condition in ranges)
        deletable = (item for item in items if item.get("kind") != OutboxKind.DELETE_ACCOUNT and item["sk"] != "OUTBOX")
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in islice(deletable, limit)]
        self._delete_all(keys)
        return bool(keys)
