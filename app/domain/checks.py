"""Defines how `pixtag doctor` compares a library with its images, and the port with which it reads and repairs rows."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from app.domain.albums import Album
from app.domain.images import STORED, Image, ImageState, ImageSummary
from app.domain.marks import describe_tag
from app.domain.tags import Tags
from app.domain.texts import dump_texts, read_texts


class Count(NamedTuple):
    """A number of images, and the sum of their objects with a tag, or of their bytes."""

    images: int
    sum: int


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that does not match the images.

    Attributes:
        subject: What the row describes. The differences of an owner have different subjects.
        text: One sentence that describes the fault.
        image_id: The id of the image that the row belongs to. It is empty for totals and for the usage.
    """

    subject: str
    text: str
    image_id: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison of an owner's rows with the images.

    Attributes:
        differences: The differences. Each existed at one moment of the comparison.
        unsettled: The subjects that changed so often that they could not be compared.
        damaged: The ids of images whose rows cannot be read. If there are any, the totals and the usage were not
            compared, because they depend on these rows.
    """

    differences: list[RowDifference] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


class RowChecks(Protocol):
    """Compares the rows that PixTag derives from images with the images, and repairs them. The API may be running."""

    def list_owners(self) -> set[str]:
        """Return the owners of any rows. They may have no account."""

    def read_images(self, owner: str, after: str = "") -> Iterator[Image]:
        """Yield the owner's images and tombstones with greater ids than `after`, oldest first. The reads are lazy.

        Images whose rows are damaged are left out.
        """

    def compare(self, owner: str, report: Callable[[int], None]) -> Comparison:
        """Compare the tag index, hashes, totals and usage of an owner with the images, and titles with the albums.

        Call `list_owners` first.

        Args:
            owner: The owner.
            report: Is called with 1 for each image.
        """

    def repair(self, owner: str) -> None:
        """Write the derived rows of an owner that do not match the images. Images do not change. See `compare`.

        A repair can be interrupted and repeated. It skips rows that change too often, and those that `compare` skips.
        """

    def list_busy(self, owner: str, image_ids: Collection[str]) -> set[str]:
        """Return the ids about which a message, a purge or the removal of an album is known to wait.

        The worker will process them. The ids can be those of albums.
        """

    def knows_messages(self) -> bool:
        """Return whether `list_busy` knows all messages."""


def find_searchable_tags(image: Image | None) -> Tags:
    """Return the tags and marks that the tag index contains for an image. Only ready images are in the index."""
    return image.indexed_tags if image and image.state is ImageState.READY else {}


def measure_usage(image: ImageSummary) -> Count:
    """Return what an image adds to the usage of its owner."""
    return Count(1, image.size) if image.state in STORED | {ImageState.FAILED} else Count(0, 0)


def name_photo(image_id: str, image: ImageSummary | None) -> str:
    """Return the name and the id of a photo, for a sentence."""
    return f"the photo {image.name} ({image_id})" if image and image.name else f"the photo {image_id}"


def compare_index(
    image_id: str, image: Image | None, expected: Mapping[str, object], found: Mapping[str, object]
) -> RowDifference | None:
    """Compare the index rows of an image, by tag."""
    text = _describe_faults(("lacks", "wrongly contains", "has outdated values for"), expected, found)
    if not text:
        return None
    return RowDifference(
        f"index of {image_id}", f"The tag index of {name_photo(image_id, image)} {text}.", image_id=image_id
    )


def compare_views(
    image_id: str, image: Image | None, expected: Mapping[str, object], found: Mapping[str, object]
) -> RowDifference | None:
    """Compare the rows of an image in the lists of ready and of untagged photos, by the name of the list."""
    text = _describe_faults(
        ("is missing in the list", "is wrongly in the list", "has outdated values in the list"), expected, found
    )
    if not text:
        return None
    photo = name_photo(image_id, image).removeprefix("the ")
    return RowDifference(f"lists of {image_id}", f"The {photo} {text}.", image_id=image_id)


def _describe_faults(verbs: tuple[str, str, str], expected: Mapping[str, object], found: Mapping[str, object]) -> str:
    """Return what is missing, wrong and outdated, with these verbs, or an empty text."""
    outdated = {name for name in expected.keys() & found.keys() if expected[name] != found[name]}
    names = (expected.keys() - found.keys(), found.keys() - expected.keys(), outdated)
    return " and ".join(f"{verb} {', '.join(sorted(each))}" for verb, each in zip(verbs, names, strict=True) if each)


def describe_title(album: Album) -> RowDifference:
    """Return the difference of an album whose title is not stored as that of this album."""
    return RowDifference(
        f"title of {album.id}",
        f'The title "{album.title}" of the album {album.id} is not in the list of titles, or belongs to another album.',
    )


def describe_lost_order(album_id: str) -> RowDifference:
    """Return the difference of a stored order whose album does not exist."""
    return RowDifference(f"order of {album_id}", f"An order is stored for the album {album_id}, which does not exist.")


def compare_tags(image: Image, stored: object, expected: object) -> RowDifference | None:
    """Compare the stored tags in the row of an image and marks with those that follow from its detections and edits."""
    if stored == expected:
        return None
    return RowDifference(
        f"tags of {image.id}",
        f"The row of {name_photo(image.id, image)} has other tags than its detections and edits.",
        image_id=image.id,
    )


def compare_total(tag: str, stored: Count, counted: Count, part: str = "") -> RowDifference | None:
    """Compare the total of a tag. `part` names the part of the total that is compared."""
    if stored == counted:
        return None
    return RowDifference(
        f"total{part} of {tag}",
        f"The total{part} of {describe_tag(tag)} is {stored.images:,} photos with {stored.sum:,} objects instead of"
        f" {counted.images:,} with {counted.sum:,}.",
    )


def compare_usage(stored: Count, counted: Count, part: str = "") -> RowDifference | None:
    """Compare the usage of an owner. `part` names the part of the usage that is compared."""
    if stored == counted:
        return None
    return RowDifference(
        f"usage{part}",
        f"The usage{part} is {stored.images:,} photos with {stored.sum:,} bytes instead of {counted.images:,} with"
        f" {counted.sum:,}.",
    )


def compare_order(image: Image, stored: object, expected: object) -> RowDifference | None:
    """Compare the place of an image's row in lists."""
    if stored == expected:
        return None
    return RowDifference(
        f"order of {image.id}",
        f"The row of {name_photo(image.id, image)} has the place {stored} in lists instead of {expected}.",
        image_id=image.id,
    )


def compare_texts(image: Image, stored: str) -> RowDifference | None:
    """Compare the texts in the row of an image with those that follow from its name and metadata."""
    if stored == dump_texts(read_texts(image.name, image.metadata)):
        return None
    return RowDifference(
        f"texts of {image.id}",
        f"The row of {name_photo(image.id, image)} has other texts than its name and metadata.",
        image_id=image.id,
    )


def compare_months(
    tag: str, stored: Mapping[str, int], counted: Mapping[str, int], part: str = ""
) -> RowDifference | None:
    """Compare the numbers of images by month: of the library, or of a tag. Months without images may be missing."""
    months = sorted(month for month in stored.keys() | counted.keys() if stored.get(month, 0) != counted.get(month, 0))
    if not months:
        return None
    subject = describe_tag(tag) if tag else "the library"
    return RowDifference(
        f"months{part} of {tag or 'the library'}",
        f"The months{part} of {subject} are wrong: {', '.join(month or 'implausible' for month in months)}.",
    )
