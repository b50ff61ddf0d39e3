"""Text from people reaches DynamoDB only as keys and values, never in an expression or an attribute name."""

import json
from collections.abc import Iterator
from typing import Any

from app.domain.edits import TagChange
from app.domain.query import parse
from tests.robustness.world import OWNER, World, make_world
from tests.support.aws import dynamodb_client
from tests.support.boxes import draw_in_library, relabel_in_library
from tests.support.photos import make_gray_jpeg

PHOTO = make_gray_jpeg()
WORD = "zqx"


def write_everywhere(world: World) -> None:
    """Use the word wherever PixTag accepts text."""
    world.subscribe(f"{WORD}, !{WORD} 2")
    image_id = world.add_photo(PHOTO, f"{WORD}.jpg")
    world.library.retag(OWNER, image_id, [TagChange(WORD, 2), TagChange(f"{WORD} #pk", 1)])
    world.library.rename_tag(OWNER, image_id, WORD, f"{WORD} 3")
    relabel_in_library(world.library, OWNER, image_id, 0, f"{WORD} 4")
    draw_in_library(world.library, OWNER, image_id, f"{WORD} 6")
    world.images.search(OWNER, parse(f"{WORD} 3>=2|{WORD}, {WORD} #pk, !{WORD} 5"), 10)
    world.images.search_trash(OWNER, parse(WORD), 10)
    world.images.list_unreviewed(OWNER, 10)
    world.images.count_tags(OWNER, WORD)
    world.images.count_months(OWNER, WORD)
    world.images.find_by_hash(OWNER, WORD)
    world.settle()


def find_expressions(value: Any) -> Iterator[str]:
    """Yield all expressions and attribute names in a part of a request."""
    if isinstance(value, list):
        for element in value:
            yield from find_expressions(element)
    if isinstance(value, dict):
        for name, member in value.items():
            if name.endswith(("Expression", "ExpressionAttributeNames")):
                yield json.dumps(member)
            yield from find_expressions(member)


def test_expressions_of_all_requests_contain_no_text_of_a_person() -> None:
    requests: list[dict[str, Any]] = []

    def record(params: dict[str, Any], **_: object) -> None:
        requests.append(json.loads(params["body"]))

    with make_world() as world:
        dynamodb_client().meta.events.register("before-call.dynamodb", record)
        try:
            write_everywhere(world)
        finally:
            dynamodb_client().meta.events.unregister("before-call.dynamodb", record)

    expressions = [expression for request in requests for expression in find_expressions(request)]
    assert sum(WORD in json.dumps(request) for request in requests) > 10
    assert len(expressions) > len(requests) / 2
    assert [expression for expression in expressions if WORD in expression] == []
