"""Uses PixTag with the Python client of openapi-generator. The first failure ends the program.

Run it with the URL of the API, an access token and the path of a picture with two stop signs.
"""

import json
import sys
import time
from pathlib import Path

from pixtag_openapi import (
    AccountsApi,
    ApiClient,
    Configuration,
    ExportApi,
    HealthApi,
    ImagesApi,
    SearchApi,
    UploadsApi,
)

url, token, path = sys.argv[1:]
picture = Path(path)
with ApiClient(Configuration(host=url)) as visitor:
    assert HealthApi(visitor).get_health().status == "ok"

with ApiClient(Configuration(host=url, access_token=token)) as client:
    assert AccountsApi(client).get_me().given_name == "Ada"
    images = ImagesApi(client)
    image = UploadsApi(client).upload_image(file=(picture.name, picture.read_bytes()))
    while image.state == "pending":
        time.sleep(0.2)
        image = images.get_image(image.id)
    assert [(tag.tag, tag.count) for tag in image.tags] == [("stop sign", 2)]
    assert [match.id for match in SearchApi(client).search("stop sign>=2").images] == [image.id]
    assert images.get_original(image.id) == picture.read_bytes()
    assert ExportApi(client).export_csv().splitlines()[1].startswith(f"{image.id},{picture.name},")
    assert [entry.pixtag_id for entry in ExportApi(client).export_coco().images] == [image.id]
    images.trash_image(image.id)
    trashed = images.get_original_without_preload_content(image.id)
    assert (trashed.status, json.loads(trashed.read())["status"]) == (409, 409)
