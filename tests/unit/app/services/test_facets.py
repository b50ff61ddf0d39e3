from dataclasses import replace

import pytest

from app.domain.capture_times import load_capture_time
from app.domain.ports import Images
from app.domain.query import Query, parse
from app.services import facets
from app.services.facets import Facets, find_facets
from tests.support.fakes import image as picture


@pytest.fixture
def library(images: Images, owner: str) -> Images:
    """Four photos of 2018 and 2019, and one with a date that cannot be right."""
    for taken, counts in {
        "2018-12-31": {"dog": 1},
        "2019-07-28T01:03:00": {"dog": 1, "person": 2},
        "2019-07-29": {"dog": 3, "person": 1, "cat": 1},
        "2019-08-01": {"cat": 2},
        "!2106-02-07T06:28:15": {"dog": 1},
    }.items():
        images.save(replace(picture(owner, counts=counts), taken=load_capture_time(taken)))
    return images


def test_facets_of_a_query_count_other_tags_the_counts_of_one_and_years(library: Images, owner: str) -> None:
    assert find_facets(library, owner, parse("dog"), "dog") == Facets(
        images=4,
        is_exact=True,
        tags=[("person", 2), ("cat", 1)],
        counts=[(1, 3), (3, 1)],
        years=[(2019, 2), (2018, 1)],
    )


def test_facets_of_the_library_count_all_tags(library: Images, owner: str) -> None:
    assert find_facets(library, owner, Query()) == Facets(
        images=5,
        is_exact=True,
        tags=[("dog", 4), ("cat", 2), ("person", 2)],
        counts=[],
        years=[(2019, 3), (2018, 1)],
    )


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("dog|cat", [("dog", 4), ("cat", 2), ("person", 2)]),
        ("dog>=2", [("cat", 1), ("person", 1)]),
        ("dog<=2", [("cat", 1), ("dog", 3), ("person", 1)]),
        ("!dog>=2, dog", [("person", 1)]),
        ("unicorn", []),
    ],
)
def test_facets_leave_out_only_tags_that_each_match_has(
    library: Images, owner: str, query: str, tags: list[tuple[str, int]]
) -> None:
    assert sorted(find_facets(library, owner, parse(query)).tags) == sorted(tags)


def test_facets_count_the_newest_matches_if_there_are_too_many(
    library: Images, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "MAX_MATCHES", 2)
    monkeypatch.setattr(facets, "MAX_TAGS", 1)

    assert find_facets(library, owner, Query(), "cat") == Facets(
        images=2, is_exact=False, tags=[("cat", 2)], counts=[(1, 1), (2, 1)], years=[(2019, 2)]
    )
