"""Sends values as JSON that no model has to validate, because PixTag made them."""

from typing import Any

from fastapi import Response
from pydantic_core import to_json
from typing_extensions import override


class JsonResponse(Response):
    """A response with the members that the route's `response_model` documents.

    Building a model of pydantic for each image of a page takes longer than everything else in the API. A test compares
    the content with that of the models.
    """

    media_type = "application/json"

    @override
    def render(self, content: Any) -> bytes:
        return to_json(content)
