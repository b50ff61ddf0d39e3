"""Compare the groups of copies with those that a comparison of all pairs finds."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.images import Image, ImageState, move_to_trash, restore_from_trash
from app.domain.picture_hashes import MAX_DISTANCE
from app.domain.ports import Images
from tests.support.fakes import image
from tests.support.picture_hashes import make_hash
from tests.support.sampling import rounds

WEAK = (3, 11, 20)

# Copies of one of three pictures differ in at most 5 bits, so each is near to all others.
hashes = st.builds(
    lambda seed, weak, other: make_hash(seed, {*weak, *other}, WEAK),
    st.integers(0, 2),
    st.sets(st.sampled_from(WEAK)),
    st.sets(st.integers(24, 63), max_size=1),
)
actions = st.lists(hashes | st.integers(0, 9), min_size=2, max_size=12)
"""Each adds a picture with a hash, or moves the picture with this number to the trash or back."""


@pytest.fixture(params=["aws", "local"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def find_groups(images: list[Image]) -> set[frozenset[str]]:
    """Return the ids of the ready images that differ in at most `MAX_DISTANCE` bits from one another."""
    ready = [each for each in images if each.state is ImageState.READY]
    bits = np.array([[*map(int, f"{int(each.picture_hash[:16], 16):064b}")] for each in ready]).reshape(-1, 64)
    near = (bits[:, None] != bits).sum(2) <= MAX_DISTANCE
    groups = {frozenset(ready[at].id for at in np.flatnonzero(row)) for row in near}
    return {group for group in groups if len(group) > 1}


@settings(max_examples=rounds(6, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions)
def test_groups_are_those_of_a_comparison_of_all_pairs(images: Images, actions: list[str | int]) -> None:
    owner, stored = str(uuid4()), list[Image]()
    for action in actions:
        if isinstance(action, str):
            stored.append(images.save(replace(image(owner), picture_hash=action)))
        elif action < len(stored):
            before = stored[action]
            after = restore_from_trash(before)
            if before.state is ImageState.READY:
                after = move_to_trash(before, datetime.now(UTC))
            stored[action] = images.save(after, before)

    rows = images.similar.list_grouped(owner, "~", 100)
    groups = {frozenset(each.id for each in group) for _, group in groupby(rows, key=attrgetter("group"))}

    assert {group for group in groups if len(group) > 1} == find_groups(stored)
