"""The German web UI translates the texts of the API that people see. These tests find texts that have changed."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from app.api.error_statuses import STATUS
from app.api.problems import _kind
from app.domain import errors
from app.domain.images import GIVEN_UP
from app.domain.marks import describe_limit
from app.domain.query import parse
from detector.damage import BLURRED, NO_END, ReadRows
from detector.formats import NOT_A_PHOTO, explain
from detector.photo_errors import CUT_OFF

GERMAN: Final = Path(__file__).parents[4] / "static" / "src" / "messages" / "de"
ONLY_PROGRAMS: Final = {  # the web UI sends no such requests, or shows another text
    *(errors.AssetNotFound, errors.ChangedSinceOperation, errors.CsrfHeaderMissing, errors.ForeignHost),
    *(errors.ForeignOrigin, errors.IdempotencyKeyReused, errors.ImplausibleDate, errors.InsufficientScope),
    *(errors.InvalidClient, errors.InvalidPrecondition, errors.PreconditionFailed, errors.UnsupportedToken),
    # Visitors of shares get pages. share_texts.py contains their German texts.
    *(errors.OriginalNotShared, errors.SharedPhotoNotFound, errors.ShareLinkInvalid, errors.SharePasswordRequired),
    *(errors.InvalidPhoto, errors.InvalidRequest, errors.InvalidState, errors.KeyNotAllowed),
    *(errors.OperationUnsupported, errors.OriginBypassed, errors.RangeNotSatisfiable, errors.TooManyTags),
    *(errors.UiNotBuilt, errors.UnreadableForm, errors.UploadHasNoParts),
}
REASONS: Final = (
    *(BLURRED, NO_END, CUT_OFF, NOT_A_PHOTO, GIVEN_UP),
    *(ReadRows(rows, 100).describe(orientation) for rows in (97, 50, 20) for orientation in (1, 3, 5, 6)),
    explain(b"\0\0\0\x18ftypisom" + bytes(12)),
    str(errors.ObjectTooLarge(1, 2**20)),
)
OUTCOMES: Final = (
    *(str(errors.InvalidState(state)) for state in ("pending", "ready", "trashed", "failed")),
    *(str(error()) for error in (errors.ImageNotFound, errors.ImageChanged, errors.ChangedSinceOperation)),
    *(str(error()) for error in (errors.AlbumNotFound, errors.ImageNotInAlbum)),
    str(errors.ImplausibleDate("1700-01-01")),
    str(errors.ImageDamaged("a")),
    f"{describe_limit({})}. Remove one first.",
    f"{describe_limit({'is:favourite': 1})}. Remove one first.",
)
QUERIES: Final = (
    *('dog,"a"b', "dog,,cat", "!!dog", "dog>=", "dog=x", "dog:5..2", "dog<0", "dog>999", "dog:>3", "dog>2..3", "dog!!"),
    *("album:", 'album:"a"b', "album:a(b", "text:", 'text:"a"b', "text:a(b", "(text:a or dog)", "(text:a) or dog"),
    *("taken", "taken:x", "taken:2019-13", "taken:2019-02-30", "taken:0000", "taken:2019..2018", "taken:2019!"),
    *("taken:2019-07-14x", "before:0001-01-01", "dog AND cat", "is:x", '"dog', "(dog,cat)!", "untagged>2"),
    *(f"text:{'a ' * 20}", ",".join(f"text:{each}" for each in "abcdefghi")),
)


def read_patterns(name: str, start: str) -> Sequence[str]:
    """Return the regular expressions in a file of messages, after a text. Leave out that which matches all texts."""
    source = (GERMAN / name).read_text().partition(start)[2]
    return [pattern for pattern in re.findall(r"^\s*\[?\s*/(\^.*?)/s?,", source, re.MULTILINE) if pattern != "^"]


def test_each_problem_that_people_see_has_a_german_text() -> None:
    source = (GERMAN / "problems.ts").read_text()
    translated = set(re.findall(r'^  "?([a-z-]+)"?: ?', source, re.MULTILINE)) | {"invalid-query"}

    assert translated == {_kind(error) for error in STATUS.keys() - ONLY_PROGRAMS} | {
        "folder-unreadable",
        "image-damaged",
    }


@pytest.mark.parametrize("outcome", [*REASONS, *OUTCOMES])
def test_each_reason_and_outcome_has_a_german_text(outcome: str) -> None:
    patterns = read_patterns("outcomes.ts", "const outcomes")
    assert any(re.search(pattern, outcome) for pattern in patterns)


@pytest.mark.parametrize("query", QUERIES)
def test_each_fault_of_a_query_has_a_german_text(query: str) -> None:
    with pytest.raises(errors.InvalidQuery) as caught:
        parse(query)

    patterns = read_patterns("problems.ts", "const queries")
    assert any(re.search(pattern, str(caught.value)) for pattern in patterns)
