"""Stores the picture hashes of ready images and the groups of copies in DynamoDB, as rows of a view."""

from collections.abc import Sequence
from itertools import chain

from typing_extensions import override

from app.adapters.aws.dynamodb import DynamoTable
from app.adapters.aws.paging import KeyRange
from app.adapters.aws.row_keys import SIMILAR_MARK, Item, between, similar_key, similar_partition
from app.adapters.aws.sources import similar_source
from app.adapters.aws.transactions import ConditionFailed
from app.domain.picture_hashes import HashedImage
from app.domain.ports.similar_images import MAX_PER_PREFIX, SimilarImages


class DynamoSimilarImages(DynamoTable, SimilarImages):
    """Reads the rows of the view `similar`, and writes their groups."""

    @override
    def find_hashed(self, owner: str, prefixes: Sequence[str]) -> list[HashedImage]:
        found = (
            self._query(
                between(similar_partition(owner), prefix, f"{prefix}~"),
                consistent=True,
                most=MAX_PER_PREFIX,
                Limit=MAX_PER_PREFIX,
            )
            for prefix in prefixes
        )
        return [_to_hashed_image(item) for item in chain.from_iterable(found)]

    @override
    def put_into_group(self, owner: str, images: Sequence[HashedImage], group: str) -> bool:
        transaction = self._transaction()
        for image in images:
            transaction.update(
                similar_key(owner, image.picture_hash, image.id),
                "SET similar_group = :group, listed = :listed",
                "attribute_exists(pk) AND (attribute_not_exists(similar_group) OR similar_group = :group)",
                {":group": group, ":listed": f"{SIMILAR_MARK}{group}#{image.id}"},
            )
        try:
            transaction.commit()
        except ConditionFailed:
            return False
        return True

    @override
    def list_grouped(self, owner: str, before: str, limit: int, group: str = "") -> list[HashedImage]:
        query = similar_source(owner).make_query(KeyRange(group, before))
        items = self._query(query, most=limit, Limit=limit)
        return [_to_hashed_image(item) for item in items]


def _to_hashed_image(item: Item) -> HashedImage:
    picture_hash, _, image_id = str(item["sk"]).partition("#")
    group = item.get("similar_group") or str(item.get("listed", "")).removeprefix(SIMILAR_MARK).partition("#")[0]
    return HashedImage(image_id, picture_hash, group)
