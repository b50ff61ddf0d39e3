"""Chooses the partitions that contain the images of lists and searches."""

from collections.abc import Set as AbstractSet

from app.adapters.aws.paging import Source
from app.adapters.aws.row_keys import (
    LISTED_INDEX,
    REVIEW_MARK,
    SIMILAR_MARK,
    STATE_INDEX,
    partition_of,
    similar_partition,
    state_partition,
    tag_partition,
    view_partition,
)
from app.domain.images import ImageState
from app.domain.plans import Order, Plan, View


def list_sources(owner: str, states: AbstractSet[ImageState], order: Order) -> list[Source]:
    """Return the partitions that contain the images in these states. Tombstones are in none."""
    names = sorted(str(state) for state in states - {ImageState.READY, ImageState.GONE})
    if ImageState.READY not in states:
        return [_index_source(owner, name) for name in names]
    if order is Order.TAKEN:
        return [Source(view_partition(owner, View.READY)), *(_index_source(owner, name) for name in names)]
    return [_index_source(owner, name) for name in [ImageState.READY, View.UNDATED, *names]]


def plan_sources(owner: str, rows: Plan) -> list[Source]:
    """Return the partitions that contain the ready images of a plan."""
    if rows.tags:
        return [Source(tag_partition(owner, tag)) for tag in rows.tags]
    if rows.view is View.UNDATED:
        return [_index_source(owner, View.UNDATED)]
    return [Source(view_partition(owner, rows.view))]


def image_source(owner: str) -> Source:
    """Return the rows of an owner's images themselves. Their keys are ids."""
    return Source(partition_of(owner), prefix="IMAGE#")


def review_source(owner: str) -> Source:
    """Return the ready images with something to review. Their keys are those of `ImageSummary.review_key`."""
    return Source(partition_of(owner), REVIEW_MARK, LISTED_INDEX, ("pk", "listed"))


def similar_source(owner: str) -> Source:
    """Return the images that have a group of similar ones. Their keys are `{group}#{id}`."""
    return Source(similar_partition(owner), SIMILAR_MARK, LISTED_INDEX, ("pk", "listed"))


def _index_source(owner: str, name: str) -> Source:
    return Source(state_partition(owner, name), index=STATE_INDEX, attributes=("state_view", "state_key"))
