import json
from typing import Any

import pytest

from app.domain.messages import Message


@pytest.mark.parametrize(
    ("message", "body"),
    [
        (Message("ada", "1"), {"ingest": {"owner": "ada", "image": "1"}}),
        (Message("ada", "1", "2"), {"redetect": {"owner": "ada", "image": "1", "redetection": "2"}}),
    ],
)
def test_message_is_written_and_parsed_as_json(message: Message, body: dict[str, Any]) -> None:
    assert json.loads(message.to_json()) == body
    assert Message.parse(body) == message


@pytest.mark.parametrize("body", [{}, {"Event": "s3:TestEvent"}, {"ingest": {"owner": "ada"}}, {"redetect": {}}])
def test_parse_of_another_body_raises_key_error(body: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        Message.parse(body)
