"""Makes the XMP sidecar of an image in a response of the API."""

from typing import Any

from app.domain.xmp import SidecarValues, write_sidecar
from detector.metadata.values import Position


def make_sidecar(image: dict[str, Any]) -> str:
    """Return the XMP of an image: its tags, date, title, description, rating and position.

    Args:
        image: The response of `GET /images/{id}`.
    """
    metadata = image["metadata"]
    position = metadata["position"]
    return write_sidecar(
        SidecarValues(
            tags=[tag["tag"] for tag in image["tags"]],
            taken_at=None if image["taken_source"] == "upload" else image["taken_at"],
            title=metadata["title"],
            description=metadata["description"],
            rating=metadata["rating"],
            position=position and Position(position["latitude"], position["longitude"], position["altitude"]),
        )
    )
