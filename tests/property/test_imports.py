"""The server accepts the metadata that readers of exports find, whatever values the sidecars have."""

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.api.metadata_schemas import UploadMetadata
from app.client.import_sending import dump_metadata
from app.client.imports.folder import Folder
from app.client.imports.photoprism import PhotoPrism
from app.client.imports.takeout import Takeout
from tests.support.import_trees import JPEG, make_xmp, write_tree

TEXTS = st.text() | st.sampled_from(
    ["1.5", "91", "1e400", "nan", "2019-07-27T16:03:00Z", "9999-12-31T23:59:59Z", "Asia/Tokyo", "Local", "manual", "."]
)
NAMES = ["latitude", "longitude", "altitude", "timestamp", "name"]
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.sampled_from(NAMES), values),
    max_leaves=12,
)
TAKEOUT = ["geoData", "geoDataExif", "photoTakenTime", "people", "description", "title", "favorited", "trashed"]
PHOTOPRISM = [
    *("TakenAt", "TakenAtLocal", "TakenSrc", "TimeZone", "Title", "TitleSrc", "Caption", "CaptionSrc", "UID"),
    *("Lat", "Lng", "Altitude", "PlaceSrc", "Details", "DeletedAt", "Favorite"),
]


def check(reader: Takeout | PhotoPrism | Folder) -> None:
    for entry in reader:
        UploadMetadata.model_validate(dump_metadata(entry.metadata)).to_sidecar(datetime.now(UTC))


@given(st.dictionaries(st.sampled_from(TAKEOUT), VALUES))
def test_server_accepts_what_takeout_reads(sidecar: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        check(Takeout([write_tree(Path(folder), {"a.jpg": JPEG, "a.jpg.json": sidecar})]))


@given(st.dictionaries(st.sampled_from(PHOTOPRISM), VALUES))
def test_server_accepts_what_photoprism_reads(sidecar: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:  # JSON is YAML
        check(PhotoPrism([write_tree(Path(folder), {"a.jpg": JPEG, "a.yml": json.dumps(sidecar)})]))


@given(st.text(), st.text())
def test_server_accepts_what_is_read_from_xmp(date: str, keyword: str) -> None:
    sidecar = make_xmp(
        f"<exif:DateTimeOriginal>{date}</exif:DateTimeOriginal>"
        f"<dc:subject><rdf:Bag><rdf:li>{30 * keyword}</rdf:li></rdf:Bag></dc:subject>"
    )
    with TemporaryDirectory() as folder:
        check(Folder([write_tree(Path(folder), {"a.jpg": JPEG, "a.xmp": sidecar.encode("utf-8", "replace")})]))
