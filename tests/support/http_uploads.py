"""Uploads over HTTP to the local cloud: in one request, or with a form as a browser does it."""

from http import HTTPStatus
from typing import Any, Final

import httpx

from infra.local.program import wait_until

SECONDS: Final = 30


def upload(client: httpx.Client, data: bytes, name: str = "street.png") -> str:
    """Upload a picture in one request, wait until it is processed, and return the URL of its image."""
    response = client.post("/images", files={"file": (name, data, "image/png")}).raise_for_status()
    wait_until_processed(client, response.headers["Location"])
    return response.headers["Location"]


def send_form(client: httpx.Client, data: bytes) -> str:
    """Upload a picture with a form, as a browser does, and return the URL of its image while it is pending."""
    facts = {"name": "street.png", "type": "image/png", "size": len(data)}
    offer = client.post("/uploads", json=facts).raise_for_status()
    form = offer.json()["form"]
    response = httpx.post(form["url"], data=form["fields"], files={"file": data}, trust_env=False)
    assert response.status_code == HTTPStatus.NO_CONTENT
    return offer.headers["Location"]


def wait_until_processed(client: httpx.Client, url: str) -> None:
    """Wait until the image at the URL is no longer pending."""
    wait_until(lambda: client.get(url).status_code != HTTPStatus.ACCEPTED, SECONDS, "The image stays pending.")


def upload_with_form(client: httpx.Client, data: bytes) -> dict[str, Any]:
    """Upload a picture with a form, and return its image after processing."""
    url = send_form(client, data)
    wait_until_processed(client, url)
    return get_image(client, url)


def get_image(client: httpx.Client, url: str) -> dict[str, Any]:
    """Return the image at the URL."""
    image: dict[str, Any] = client.get(url).raise_for_status().json()
    return image


def count_tags(image: dict[str, Any]) -> dict[str, int]:
    """Return the count of each tag of an image."""
    return {tag["tag"]: tag["count"] for tag in image["tags"]}
