"""Defines in which views an image is. A view is a partition whose rows are sorted by capture time."""

from app.adapters.aws.items import summary_item
from app.adapters.aws.row_keys import Item, tag_partition, view_partition
from app.domain.images import ImageState, ImageSummary
from app.domain.plans import View

Key = tuple[str, str]
"""The pk and sk of a row."""


def list_view_keys(image: ImageSummary | None) -> list[Key]:
    """Return the keys of an image's rows in views. Only ready images have any."""
    if image is None or image.state is not ImageState.READY:
        return []
    partitions = [tag_partition(image.owner, tag) for tag in image.tags]
    partitions = partitions or [view_partition(image.owner, View.UNTAGGED)]
    return [(partition, image.sort_key) for partition in [view_partition(image.owner, View.READY), *partitions]]


def make_view_rows(image: ImageSummary | None) -> dict[Key, Item]:
    """Return an image's rows in views, by key."""
    summary = summary_item(image) if image else {}
    return {key: {"pk": key[0], "sk": key[1], **summary} for key in list_view_keys(image)}
