"""Which images a request means: many of them at once and what became of each, or one in a certain version."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Self

from fastapi import Depends, Header
from pydantic import BaseModel, Field, JsonValue, model_validator

from app.adapters.aws.bucket import Bucket
from app.adapters.aws.quotas import Quotas, Rate
from app.adapters.aws.table import Page, Table
from app.api.auth import UserDep
from app.api.dependencies import BucketDep, QuotasDep, TableDep
from app.domain.errors import ImageNotFound, PixTagError, Unavailable
from app.domain.images import EXAMPLE_ID, Card, Rendition, owner_and_id
from app.domain.query import MAX_TEXT, parse
from app.wiring import AWS_FAILURES

logger: Final = logging.getLogger(__name__)

MAX_IMAGES: Final = 100
MAX_DRY_RUN: Final = 1_000

EXAMPLES: Final[list[JsonValue]] = [{"ids": [EXAMPLE_ID]}, {"query": "dog>=2", "dry_run": True}]

Names = Annotated[list[Annotated[str, Field(max_length=2_048)]], Field(min_length=1, max_length=MAX_IMAGES)]


class Selection(BaseModel, extra="forbid", strict=True, json_schema_extra={"examples": EXAMPLES}):
    """Images, named in one of three ways."""

    ids: Names | None = Field(None, description="At most 100 ids.", examples=[[EXAMPLE_ID]])
    links: Names | None = Field(
        None,
        description="At most 100 links to thumbnails, previews or originals.",
        examples=[[f"https://…/thumbnails/…/{EXAMPLE_ID}?…"]],
    )
    query: str | None = Field(
        None,
        max_length=MAX_TEXT,
        description="All that match, 100 in one call: go on with `cursor`.",
        examples=["dog>=2"],
    )
    cursor: str | None = Field(
        None, description="The `next` of the previous answer, with the same query.", examples=[EXAMPLE_ID]
    )
    dry_run: bool = Field(default=False, description="Change nothing; say how many images would change.")

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if sum(way is not None for way in (self.ids, self.links, self.query)) != 1:
            raise ValueError("Name the images by exactly one of ids, links and query.")
        return self


class Result(StrEnum):
    """What became of an image."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class Outcome(BaseModel):
    """What became of one image."""

    image: str = Field(description="As the request named it; for a query, its id.", examples=[EXAMPLE_ID])
    result: Result
    detail: str = Field(
        description="Why it failed; empty otherwise.", examples=["", "There is no such image in your library."]
    )


class BulkAnswer(BaseModel):
    """What became of each image; a failure of one leaves the others as they are."""

    changed: int = Field(description="How many images changed, or would have.", examples=[143])
    outcomes: list[Outcome] = Field(description="In the order of the request, each image once; empty for a dry run.")
    next: str | None = Field(
        description="With a query: pass it as `cursor` to go on; null at the end.", examples=[None]
    )


@dataclass(frozen=True, slots=True)
class Chooser:
    """Finds the caller's images that a selection names, and does something to each."""

    owner: str
    table: Table
    bucket: Bucket
    quotas: Quotas

    def carry_out(
        self, selection: Selection, act: Callable[[str], bool | None], *, trashed: bool = False
    ) -> BulkAnswer:
        """Do something to the image of each id; if `act` answers False, that changed nothing.

        A query chooses among the ready images, or, if `trashed`, among those in the trash.
        """
        named, cursor = self._named(selection, trashed=trashed)
        if len(named) > 1:  # the call itself is counted as one
            self.quotas.count(self.owner, Rate.EDITS, len(named) - 1)
        outcomes = [_outcome(name, image_id, act) for name, image_id in named]
        changed = sum(outcome.result is Result.CHANGED for outcome in outcomes)
        return BulkAnswer(changed=changed, outcomes=outcomes, next=cursor)

    def foresee(
        self, selection: Selection, would_change: Callable[[Card], bool], *, trashed: bool = False
    ) -> BulkAnswer:
        """How many images would change; with a query, of the first thousand that match."""
        if selection.query is not None:
            page = self._search(selection, MAX_DRY_RUN, trashed=trashed)
            cards, cursor = page.cards, page.cursor
        else:
            named, cursor = self._named(selection, trashed=trashed)
            found = {card.id: card for _, image_id in named if (card := self._find(image_id))}
            cards = list(found.values())
        return BulkAnswer(changed=sum(map(would_change, cards)), outcomes=[], next=cursor)

    def _search(self, selection: Selection, limit: int, *, trashed: bool) -> Page[Card]:
        search = self.table.search_trash if trashed else self.table.search
        return search(self.owner, parse(selection.query or ""), limit, selection.cursor)

    def _named(self, selection: Selection, *, trashed: bool) -> tuple[list[tuple[str, str]], str | None]:
        """Each image as the request named it, with its id; and the cursor behind them."""
        if selection.query is not None:
            page = self._search(selection, MAX_IMAGES, trashed=trashed)
            return [(card.id, card.id) for card in page.cards], page.cursor
        links = [(link, self.id_of(link)) for link in selection.links or []]
        return list(_each_once([*((image_id, image_id) for image_id in selection.ids or []), *links])), None

    def id_of(self, link: str) -> str:
        """The id of the caller's image that a link leads to; of any other link nothing, which is no image's id."""
        key = self.bucket.find_key(link) or ""
        found = owner_and_id(key, Rendition.THUMBNAIL, Rendition.PREVIEW, Rendition.ORIGINAL)
        return found[1] if found and found[0] == self.owner else ""

    def _find(self, image_id: str) -> Card | None:
        with suppress(ImageNotFound):
            return self.table.get_image(self.owner, image_id)
        return None


def _each_once(named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The names without those of images that were named before; what names no image of the caller's stays."""
    seen: set[str] = set()
    for name, image_id in named:
        if image_id not in seen:
            yield name, image_id
        seen |= {image_id} - {""}


def _outcome(name: str, image_id: str, act: Callable[[str], bool | None]) -> Outcome:
    try:
        unchanged = act(image_id) is False
    except PixTagError as error:
        return Outcome(image=name, result=Result.FAILED, detail=str(error))
    except AWS_FAILURES:
        logger.exception("AWS did not do its part for one of many images")
        return Outcome(image=name, result=Result.FAILED, detail=str(Unavailable()))
    return Outcome(image=name, result=Result.UNCHANGED if unchanged else Result.CHANGED, detail="")


def chooser(user: UserDep, table: TableDep, bucket: BucketDep, quotas: QuotasDep) -> Chooser:
    """Chooses among the caller's images."""
    return Chooser(user.owner, table, bucket, quotas)


ChooserDep = Annotated[Chooser, Depends(chooser)]


def expected_version(
    if_match: Annotated[
        str | None,
        Header(
            pattern=r'^(\*|"[0-9]{1,18}")$',
            description="The `ETag` of the image as you read it: if it has changed since, nothing is done (412).",
            examples=['"7"'],
        ),
    ] = None,
) -> int | None:
    """The only version of the image that the request is meant for; None for any."""
    return int(if_match.strip('"')) if if_match and if_match != "*" else None


VersionDep = Annotated[int | None, Depends(expected_version)]
