"""What people write reaches DynamoDB as keys and values, and is part of no expression and no name of an attribute."""

import json
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from app.domain.edits import TagChange
from app.domain.query import parse
from tests.robustness.world import OWNER, World, world
from tests.support.aws import dynamodb_client

PHOTO = cv2.imencode(".jpg", np.full((8, 8, 3), 100, np.uint8))[1].tobytes()
WORD = "zqx"


def write_everywhere(world: World) -> None:
    """Use the word wherever PixTag takes words of people's own."""
    world.subscribe(f"{WORD}, !{WORD} 2")
    image_id = world.uploaded(PHOTO, f"{WORD}.jpg")
    world.library.retag(OWNER, image_id, [TagChange(WORD, 2), TagChange(f"{WORD} #pk", 1)])
    world.library.rename_tag(OWNER, image_id, WORD, f"{WORD} 3")
    world.library.relabel(
        OWNER, image_id, world.table.get_image(OWNER, image_id).corrected_detections[0].id, f"{WORD} 4"
    )
    world.table.search(OWNER, parse(f"{WORD} 3>=2|{WORD}, {WORD} #pk, !{WORD} 5"), 10)
    world.table.search_trash(OWNER, parse(WORD), 10)
    world.table.count_tags(OWNER, WORD)
    world.table.find_by_hash(OWNER, WORD)
    world.settle()


def expressions(said: Any) -> Iterator[str]:
    """All expressions of a request, and what their names stand for."""
    if isinstance(said, list):
        for one in said:
            yield from expressions(one)
    if isinstance(said, dict):
        for name, one in said.items():
            if name.endswith(("Expression", "ExpressionAttributeNames")):
                yield json.dumps(one)
            yield from expressions(one)


def test_no_word_of_a_person_is_part_of_an_expression() -> None:
    sent: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        sent.append(json.loads(params["body"]))

    with world() as made:
        dynamodb_client().meta.events.register("before-call.dynamodb", note)
        try:
            write_everywhere(made)
        finally:
            dynamodb_client().meta.events.unregister("before-call.dynamodb", note)

    found = [expression for request in sent for expression in expressions(request)]
    assert sum(WORD in json.dumps(request) for request in sent) > 10
    assert len(found) > len(sent) / 2
    assert [expression for expression in found if WORD in expression] == []
