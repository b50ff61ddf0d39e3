"""Applies changes to the images that a request selects, or counts the changes in a dry run."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, Final, Self

from fastapi import Depends
from pydantic import BaseModel, Field, JsonValue, model_validator

from app.api.auth import CurrentUser
from app.api.dependencies import ImagesDep, ObjectsDep, PreferencesDep, QuotasDep
from app.api.operations import AppliedOperation
from app.domain import errors
from app.domain.ids import DERIVED, EXAMPLE_ID, EXAMPLE_KEY, Rendition, parse_key
from app.domain.images import ImageSummary
from app.domain.operations import Operation
from app.domain.pages import MAX_CURSOR, Page
from app.domain.ports import Images, Objects, OwnerPreferences, Quotas
from app.domain.query import MAX_TEXT, parse
from app.domain.quotas import Rate
from app.services.bulk_library import BulkLibrary
from app.services.library import Library
from app.wiring import STORE_FAILURES, describe_store_failure

logger: Final = logging.getLogger(__name__)

MAX_IMAGES: Final = 100
BULK_ERRORS: Final = (errors.InvalidQuery, errors.InvalidCursor, errors.OperationEnded, errors.TooManyRequests)
MAX_DRY_RUN: Final = 1_000

EXAMPLES: Final[list[JsonValue]] = [{"ids": [EXAMPLE_ID]}, {"query": "dog>=2", "dry_run": True}]

ImageReferences = Annotated[list[Annotated[str, Field(max_length=2_048)]], Field(min_length=1, max_length=MAX_IMAGES)]


class ImageSelection(BaseModel, extra="forbid", strict=True, json_schema_extra={"examples": EXAMPLES}):
    """The images to select. Send exactly one of `ids`, `links` and `query`."""

    ids: ImageReferences | None = Field(None, description="At most 100 ids.", examples=[[EXAMPLE_ID]])
    links: ImageReferences | None = Field(
        None,
        description="At most 100 links to thumbnails, previews or originals.",
        examples=[[f"https://…/thumbnails/…/{EXAMPLE_ID}?…"]],
    )
    query: str | None = Field(
        None,
        max_length=MAX_TEXT,
        description="Selects all matching images, up to 100 per request. To continue, send `cursor`.",
        examples=["dog>=2"],
    )
    cursor: str | None = Field(
        None,
        max_length=MAX_CURSOR,
        description="The value of `next` in the previous response to the same query.",
        examples=[EXAMPLE_KEY],
    )
    dry_run: bool = Field(
        default=False, description="Change nothing. Return how many images would change.", examples=[False]
    )

    @model_validator(mode="after")
    def _require_one_selector(self) -> Self:
        if sum(selector is not None for selector in (self.ids, self.links, self.query)) != 1:
            raise ValueError("Select images by exactly one of ids, links and query.")
        return self


class BulkResult(StrEnum):
    """The result of an operation on one image."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class BulkOutcome(BaseModel):
    """The outcome of an operation on one image."""

    image: str = Field(description="The id or link in the request. For a query, the image's id.", examples=[EXAMPLE_ID])
    result: BulkResult = Field(description="Whether the image changed.", examples=["changed"])
    detail: str = Field(
        description="Why the operation failed. Otherwise empty.",
        examples=["", "There is no such image in your library."],
    )


class BulkResponse(BaseModel):
    """The outcome for each image. A failure for one image does not affect the other images."""

    changed: int = Field(
        description="The number of changed images. For a dry run, the number of images that would change.",
        examples=[143],
    )
    outcomes: list[BulkOutcome] = Field(
        description="One outcome per image, in the order of the request. Empty for a dry run."
    )
    next: str | None = Field(
        description="For a query, send this value as `cursor` to continue. Null at the end.", examples=[None]
    )
    operation: AppliedOperation


@dataclass(frozen=True, slots=True)
class BulkRunner:
    """Applies a change to each of the caller's selected images."""

    owner: str
    images: Images
    objects: Objects
    preferences: OwnerPreferences
    quotas: Quotas

    def run(
        self,
        selection: ImageSelection,
        change: Callable[[Library, str], bool],
        *,
        operation: Operation | None,
        would_change: Callable[[ImageSummary], bool],
        trashed: bool = False,
    ) -> BulkResponse:
        """Apply the change to the selected images. With `selection.dry_run`, only count the changes.

        Args:
            selection: The images.
            change: Changes the image with the given id, with the given library. Returns whether the image changed.
                It makes the same change to each image.
            operation: The operation that the change belongs to. A dry run has none.
            would_change: Predicts whether the change would change an image. Only a dry run calls it.
            trashed: Whether a query selects images in the trash instead of ready images.
        """
        if selection.dry_run:
            return self.dry_run(selection, would_change, trashed=trashed)
        images, cursor = self.select(selection, trashed=trashed)
        library = self.open_library(images)
        outcomes = [apply_to_image(reference, image_id, partial(change, library)) for reference, image_id in images]
        return respond(outcomes, cursor, operation)

    def open_library(self, images: Iterable[tuple[str, str]]) -> BulkLibrary:
        """Return the library that makes the same change to all these images, which are pairs of reference and id."""
        ids = [image_id for _, image_id in images]
        return BulkLibrary(self.images, self.objects, self.preferences, self.owner, ids)

    def run_together(
        self,
        selection: ImageSelection,
        change: Callable[[Sequence[str]], Mapping[str, errors.PixTagError | None]],
        *,
        would_change: Callable[[ImageSummary], bool],
        trashed: bool = False,
    ) -> BulkResponse:
        """Apply the change to all selected images together. With `selection.dry_run`, only count the changes.

        Args:
            selection: The images.
            change: Changes the images with the given ids. Returns the error of each image, or None.
            would_change: See `run`.
            trashed: See `run`.
        """
        if selection.dry_run:
            return self.dry_run(selection, would_change, trashed=trashed)
        images, cursor = self.select(selection, trashed=trashed)
        try:
            failures = change([image_id for _, image_id in images])
        except STORE_FAILURES as failure:
            logger.exception("a bulk operation failed")
            failures = dict.fromkeys((image_id for _, image_id in images), describe_store_failure(failure))
        except errors.PixTagError as failure:
            failures = dict.fromkeys((image_id for _, image_id in images), failure)
        return respond([_describe(reference, failures[image_id]) for reference, image_id in images], cursor)

    def select(
        self, selection: ImageSelection, *, trashed: bool = False, newest_first: bool = True
    ) -> tuple[list[tuple[str, str]], str | None]:
        """Return up to 100 selected images as pairs of reference and id, and the next cursor.

        An edit is counted for each image, except in a dry run.
        """
        images, cursor = self._resolve(selection, trashed=trashed, newest_first=newest_first)
        if len(images) > 1 and not selection.dry_run:  # the route has counted the request as one edit
            self.quotas.count(self.owner, Rate.EDITS, len(images) - 1)
        return images, cursor

    def dry_run(
        self, selection: ImageSelection, would_change: Callable[[ImageSummary], bool], *, trashed: bool = False
    ) -> BulkResponse:
        """Count the images that would change. For a query, check only the first 1,000 matches."""
        if selection.query is not None:
            page = self._search(selection, MAX_DRY_RUN, trashed=trashed, newest_first=True)
            selected, cursor = page.images, page.cursor
        else:
            references, cursor = self._resolve(selection, trashed=trashed, newest_first=True)
            by_id = {image.id: image for _, image_id in references if (image := self._find(image_id))}
            selected = list(by_id.values())
        return BulkResponse(changed=sum(map(would_change, selected)), outcomes=[], next=cursor, operation=None)

    def id_of(self, link: str) -> str:
        """Return the image id in a link to one of the caller's images. For any other link, return an empty string."""
        key = parse_key(self.objects.find_key(link) or "", Rendition.ORIGINAL, *DERIVED)
        return key[1] if key and key[0] == self.owner else ""

    def _search(
        self, selection: ImageSelection, limit: int, *, trashed: bool, newest_first: bool
    ) -> Page[ImageSummary]:
        query = parse(selection.query or "")
        if trashed:
            return self.images.search_trash(self.owner, query, limit, selection.cursor)
        return self.images.search(self.owner, query, limit, selection.cursor, newest_first=newest_first)

    def _resolve(
        self, selection: ImageSelection, *, trashed: bool, newest_first: bool
    ) -> tuple[list[tuple[str, str]], str | None]:
        """Return the selected images as pairs of reference and id, and the next cursor."""
        if selection.query is not None:
            page = self._search(selection, MAX_IMAGES, trashed=trashed, newest_first=newest_first)
            return [(image.id, image.id) for image in page.images], page.cursor
        ids = [(image_id, image_id) for image_id in selection.ids or []]
        links = [(link, self.id_of(link)) for link in selection.links or []]
        return list(_deduplicate([*ids, *links])), None

    def _find(self, image_id: str) -> ImageSummary | None:
        with suppress(errors.ImageNotFound):
            return self.images.get_image(self.owner, image_id)
        return None


def _deduplicate(references: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield each image once. Yield every link without an image id, so that each failure is reported."""
    seen: set[str] = set()
    for reference, image_id in references:
        if image_id not in seen:
            yield reference, image_id
        seen |= {image_id} - {""}


def apply_to_image(reference: str, image_id: str, change: Callable[[str], bool]) -> BulkOutcome:
    """Apply a change to an image. It returns whether the image changed. A failure is an outcome too."""
    try:
        changed = change(image_id)
    except errors.PixTagError as error:
        return _describe(reference, error)
    except STORE_FAILURES as error:
        logger.exception("a bulk operation failed for one image")
        return _describe(reference, describe_store_failure(error))
    return BulkOutcome(image=reference, result=BulkResult.CHANGED if changed else BulkResult.UNCHANGED, detail="")


def _describe(reference: str, error: errors.PixTagError | None) -> BulkOutcome:
    """Return the outcome of an operation that failed with an error, or that changed the image."""
    result = BulkResult.FAILED if error else BulkResult.CHANGED
    return BulkOutcome(image=reference, result=result, detail=str(error or ""))


def respond(outcomes: list[BulkOutcome], cursor: str | None, operation: Operation | None = None) -> BulkResponse:
    """Return the response with these outcomes and the operation that the changes belong to."""
    changed = sum(outcome.result is BulkResult.CHANGED for outcome in outcomes)
    return BulkResponse(changed=changed, outcomes=outcomes, next=cursor, operation=operation.id if operation else None)


async def bulk_runner(
    user: CurrentUser, images: ImagesDep, objects: ObjectsDep, preferences: PreferencesDep, quotas: QuotasDep
) -> BulkRunner:
    """Return a bulk runner for the caller's images."""
    return BulkRunner(user.owner, images, objects, preferences, quotas)


BulkRunnerDep = Annotated[BulkRunner, Depends(bulk_runner)]
