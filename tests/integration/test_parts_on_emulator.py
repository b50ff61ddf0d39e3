"""An upload in parts to the emulated S3, which verifies the links and notifies the worker."""

from http import HTTPStatus
from uuid import uuid4

import httpx
from botocore.config import Config

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.objects import S3Objects
from app.adapters.aws.quotas import DynamoQuotas
from app.domain.parts import PartRule
from app.services.part_uploads import PartUploads
from infra.local.cloud import LocalCloud
from infra.local.emulator import session
from infra.local.scenes import scene
from tests.support.http_uploads import count_tags, get_image, wait_until_processed

PHOTO = scene(stop_signs=1)


def connect(cloud: LocalCloud) -> PartUploads:
    """Return uploads with parts of 8 KiB, which the emulator accepts."""
    dynamodb = session().client("dynamodb", endpoint_url=cloud.endpoint_url)
    s3 = session().client("s3", endpoint_url=cloud.endpoint_url, config=Config(signature_version="s3v4"))
    table = cloud.environment["PIXTAG_TABLE"]
    credentials = session().get_credentials()
    assert credentials
    objects = S3Objects(s3, cloud.environment["PIXTAG_BUCKET"], credentials)
    part_uploads = PartUploads(DynamoImages(dynamodb, table), objects, DynamoQuotas(dynamodb, table))
    part_uploads.rule = PartRule(part_bytes=2**13)
    return part_uploads


def put(url: str, data: bytes) -> int:
    """Send bytes to the link of a part. Return the status."""
    return httpx.put(url, content=data, trust_env=False).status_code


def test_interrupted_upload_in_parts_is_resumed_and_ingested(cloud: LocalCloud) -> None:
    part_uploads = connect(cloud)
    with cloud.person(f"{uuid4()}@example.com") as client:
        owner = client.get("/auth/me").raise_for_status().json()["id"]
        image, links = part_uploads.offer(owner, name="Düne.png", media_type="image/png", size=len(PHOTO))
        assert len(links) == 3

        assert put(links[0].url, PHOTO[:100]) == HTTPStatus.FORBIDDEN
        assert put(links[0].url.replace("partNumber=1", "partNumber=2"), PHOTO[: 2**13]) == HTTPStatus.FORBIDDEN
        for part, url in ((link.part, link.url) for link in links[1:]):
            assert put(url, PHOTO[part.start : part.start + part.size]) == HTTPStatus.OK
        (missing,) = client.get(f"/uploads/{image.id}").raise_for_status().json()["parts"][:1]
        assert missing["number"] == 1
        assert put(part_uploads.resume(owner, image.id)[1][0].url, PHOTO[: 2**13]) == HTTPStatus.OK
        part_uploads.complete(owner, image.id)

        wait_until_processed(client, f"/images/{image.id}")
        ready = get_image(client, f"/images/{image.id}")
        assert (ready["state"], ready["name"], count_tags(ready)) == ("ready", "Düne.png", {"stop sign": 1})
        completed = client.post(f"/uploads/{image.id}/complete")
        assert (completed.status_code, completed.json()["state"]) == (HTTPStatus.OK, "ready")
