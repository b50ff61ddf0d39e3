"""Defines in which views an image is. A view is a partition whose rows are sorted by capture time."""

from app.adapters.aws.attribute_values import Attributes
from app.adapters.aws.items import summary_item
from app.adapters.aws.row_keys import Item, similar_key, tag_partition, view_partition
from app.domain.images import Image, ImageState, ImageSummary
from app.domain.metadata import NO_METADATA
from app.domain.plans import View
from app.domain.texts import PhotoTexts, dump_texts, load_texts, read_texts

Key = tuple[str, str]
"""The pk and sk of a row."""

_GROUP_ATTRIBUTES = {"similar_group", "listed"}


def leave_out_group(row: Item) -> Item:
    """Return a row in a view without the group of similar images, which does not follow from the image alone."""
    return {name: value for name, value in row.items() if name not in _GROUP_ATTRIBUTES}


def list_view_keys(image: Image | None) -> list[Key]:
    """Return the keys of an image's rows in views. Only ready images have any."""
    if image is None or image.state is not ImageState.READY:
        return []
    return [*_list_summary_keys(image), *_find_similar_keys(image)]


def _find_similar_keys(image: Image) -> list[Key]:
    """Return the key of the row with the picture hash of a ready image, if it has one."""
    key = similar_key(image.owner, image.picture_hash, image.id)
    return [(key["pk"], key["sk"])] if image.picture_hash else []


def _list_summary_keys(image: Image) -> list[Key]:
    partitions = [tag_partition(image.owner, tag) for tag in image.indexed_tags]
    partitions += [] if image.tags else [view_partition(image.owner, View.UNTAGGED)]
    return [(partition, image.sort_key) for partition in [view_partition(image.owner, View.READY), *partitions]]


def make_view_rows(image: Image | None) -> dict[Key, Item]:
    """Return an image's rows in views, by key. Only the row in the view `ready` has texts, so the others stay small.

    The row in the view `similar` has no summary. `similar_images.py` adds a group to it.
    """
    if image is None or image.state is not ImageState.READY:
        return {}
    ready, summary = view_partition(image.owner, View.READY), summary_item(image)
    texts = {"texts": dump_texts(read_texts(image.name, image.metadata))}
    rows = {
        (pk, sk): {"pk": pk, "sk": sk, **summary, **(texts if pk == ready else {})}
        for pk, sk in _list_summary_keys(image)
    }
    return rows | {(pk, sk): {"pk": pk, "sk": sk} for pk, sk in _find_similar_keys(image)}


def find_texts(image: ImageSummary, row: Attributes) -> PhotoTexts:
    """Return the texts in an image's row of the view `ready`. Rows of earlier versions have only the name."""
    return load_texts(row["texts"]["S"]) if "texts" in row else read_texts(image.name, NO_METADATA)
