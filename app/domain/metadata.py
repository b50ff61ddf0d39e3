"""Converts the metadata of a photo to JSON, which the stores contain, and keywords to names of tags."""

import json
import re
from dataclasses import fields
from functools import lru_cache
from typing import Any, Final

from app.domain.capture_times import dump_capture_time, load_capture_time
from app.domain.errors import InvalidTag
from app.domain.tags import MAX_TAG_LENGTH, MAX_TAG_TEXT, is_refused, new_tag_name, normalize
from detector.metadata.values import Metadata, Position

NO_METADATA: Final = Metadata()


def dump_metadata(metadata: Metadata) -> str:
    """Return metadata as JSON without unknown values, or an empty text if nothing is known."""
    known = {
        field.name: getattr(metadata, field.name)
        for field in fields(Metadata)
        if getattr(metadata, field.name) != field.default
    }
    if metadata.taken:
        known["taken"] = dump_capture_time(metadata.taken)
    if metadata.position:
        known["position"] = [metadata.position.latitude, metadata.position.longitude, metadata.position.altitude]
    return json.dumps(known, ensure_ascii=False, separators=(",", ":")) if known else ""


def load_metadata(text: str) -> Metadata:
    """Return the metadata in a JSON text.

    Raises:
        TypeError, ValueError: the text does not contain metadata.
    """
    if not text:
        return NO_METADATA
    known: dict[str, Any] = json.loads(text)
    if "taken" in known:
        known["taken"] = load_capture_time(known["taken"])
    if "position" in known:
        known["position"] = Position(*known["position"])
    if "keywords" in known:
        known["keywords"] = tuple(known["keywords"])
    return Metadata(**known)


@lru_cache(maxsize=4_096)  # reading an image converts each of its keywords
def keyword_tag(keyword: str) -> str | None:
    """Return the tag for a keyword of a photo, or None if nothing visible remains.

    Characters that tags refuse become spaces. A long keyword is cut off.
    """
    text = "".join(" " if is_refused(letter) else letter for letter in normalize(keyword[:MAX_TAG_TEXT]))
    name = re.sub(" +", " ", text).strip(" !")[:MAX_TAG_LENGTH].rstrip()
    try:
        return new_tag_name(name)
    except InvalidTag:
        return None
