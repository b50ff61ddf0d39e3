"""Defines the messages of the worker's queue. Each message requests work on one image."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Message:
    """A request to ingest an upload or to redetect an image.

    Attributes:
        owner: The owner of the image.
        image_id: The image's id.
        redetection: The id of the redetection job. Empty if the message requests to ingest an upload.
        size: The bytes of the upload. 0 on one machine, which counts the bytes when it receives them.
    """

    owner: str
    image_id: str
    redetection: str = ""
    size: int = 0

    def to_json(self) -> str:
        """Return the body of the message."""
        image = {"owner": self.owner, "image": self.image_id}
        if self.redetection:
            return json.dumps({"redetect": image | {"redetection": self.redetection}})
        return json.dumps({"ingest": image})

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Return the message with this body, which is parsed JSON.

        Raises:
            KeyError: the body is not a message of PixTag.
        """
        if "redetect" in body:
            image = body["redetect"]
            return cls(image["owner"], image["image"], image["redetection"])
        image = body["ingest"]
        return cls(image["owner"], image["image"])


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that the worker has received from a queue.

    Attributes:
        id: The id of the message in its queue.
        body: The text of the message.
        count: How often the message has been received, including this time.
    """

    id: int
    body: str
    count: int
