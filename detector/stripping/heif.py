"""Removes the metadata of HEIF and AVIF files. All parts keep their positions, because items refer to them.

Zeros replace all that does not belong to the primary picture and its transparency: items of metadata, bytes that belong
to no item, unknown boxes, and other pictures. These are thumbnails, gain maps, depths and further pictures.
The orientation of these files is a property of the picture.
Sources: ISO/IEC 14496-12, section 8.11; ISO/IEC 23008-12
"""

from collections.abc import Iterator
from typing import Final

from detector.boxes import list_boxes
from detector.heif import AV1, DERIVED_ITEMS, HEVC
from detector.heif_items import Items
from detector.stripping.profile import clear_profile

_PICTURES: Final = HEVC | AV1 | DERIVED_ITEMS
_KEPT: Final = frozenset({b"ftyp", b"meta"})
_TOP: Final = _KEPT | {b"mdat"}
_META: Final = frozenset({b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"dinf", b"grpl"})
_DESCRIPTIONS: Final = frozenset(  # properties with texts, times, places and unknown content
    {b"udes", b"altt", b"crtt", b"mdft", b"itai", b"taic", b"cmex", b"cmin", b"uuid", b"free", b"skip"}
)
_PROFILES: Final = frozenset({b"prof", b"rICC"})  # kinds of `colr`
_ALPHA: Final = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1\0")  # the transparency
_FREE: Final = b"free"  # the type of boxes and items that readers skip
_FULL_BOX: Final = 4
_HANDLER_BYTES: Final = 24  # before the name
_ENTRY_VERSIONS: Final = {2: 8, 3: 10}  # of entries about items: where the type is


def strip_heif(data: bytes, _exif: bytes) -> bytes | None:
    """Return a HEIF or AVIF file of the same size without metadata. Return None if that is not possible.

    It is not possible for files with tracks, and for pictures whose data are not in the file itself or cut off.

    Raises:
        ValueError, LookupError, struct.error: the file is damaged.
    """
    if any(box.kind == b"moov" for box in list_boxes(data, 0, len(data))):
        return None
    result = bytearray(data)
    _clear_top(memoryview(result))
    _clear_meta(memoryview(result))
    items = Items(result)
    pictures = set(_clear_entries(items, _find_shown(items)))
    _clear_properties(items)
    locations = zip(Items(data).list_locations(), items.list_locations(), strict=True)
    for source, target in ((source, target) for (number, source), (_, target) in locations if number in pictures):
        if source.is_cut:
            return None
        for part, original in zip(target.parts, source.parts, strict=True):
            part[:] = original
    return bytes(result)


def _clear_top(view: memoryview) -> None:
    """Clear everything besides the brands and the box `meta`. The data of pictures are copied later."""
    end = 0
    for box in list_boxes(view, 0, len(view)):
        if box.kind not in _TOP:
            _free(view, box.position)
        if box.kind not in _KEPT:
            _clear(view[box.start : box.end])
        end = box.end
    _clear(view[end:])


def _clear_meta(view: memoryview) -> None:
    """Clear what the box `meta` contains besides the items. The first box of each type counts."""
    meta = next(box for box in list_boxes(view, 0, len(view)) if box.kind == b"meta")
    seen = set[bytes]()
    for box in list_boxes(view, meta.start + _FULL_BOX, meta.end):
        if box.kind == b"hdlr":
            _clear(view[box.start + _HANDLER_BYTES : box.end])
        elif box.kind == b"idat":
            _clear(view[box.start : box.end])
        if box.kind not in _META or box.kind in seen:
            _free(view, box.position)
            _clear(view[box.start : box.end])
        seen.add(box.kind)


def _find_shown(items: Items) -> set[int]:
    """Return the numbers of the primary item, of the items that it is made of, and of their transparency."""
    properties, parts = items.read_properties(), dict[int, list[int]]()
    for number, sources in items.list_references(b"dimg"):
        parts.setdefault(number, []).extend(sources)
    for layer, pictures in items.list_references(b"auxl"):
        if any(kind == b"auxC" and bytes(box[_FULL_BOX:]).startswith(_ALPHA) for kind, box in properties.find(layer)):
            for number in pictures:
                parts.setdefault(number, []).append(layer)
    shown, found = set[int](), {items.primary}
    while found:
        shown |= found
        found = {part for number in found for part in parts.get(number, ())} - shown
    return shown


def _clear_entries(items: Items, shown: set[int]) -> Iterator[int]:
    """Clear the names of items, and let readers skip those that are not shown. Yield the numbers of those that are.

    Raises:
        LookupError: an entry has an old version, which has no type.
    """
    box = items.boxes[b"iinf"]
    first = _FULL_BOX + (4 if box[0] else 2)
    for entry in list_boxes(box, first, len(box)):
        at = entry.start + _ENTRY_VERSIONS[box[entry.start]]
        type_ = bytes(box[at : at + 4])
        number = int.from_bytes(box[entry.start + _FULL_BOX : at - 2])
        if type_ in _PICTURES and number in shown:
            yield number
        else:
            box[at : at + 4] = _FREE
        _clear(box[at + 4 : entry.end])


def _clear_properties(items: Items) -> None:
    container = items.boxes[b"iprp"]
    for parent in list_boxes(container, 0, len(container)):
        if parent.kind == b"ipco":
            for box in list_boxes(container, parent.start, parent.end):
                if box.kind in _DESCRIPTIONS:
                    _free(container, box.position)
                    _clear(container[box.start : box.end])
                elif box.kind == b"colr" and bytes(container[box.start : box.start + 4]) in _PROFILES:
                    profile = container[box.start + 4 : box.end]
                    profile[:] = clear_profile(bytes(profile))


def _free(view: memoryview, position: int) -> None:
    """Let readers skip the box at this position."""
    view[position + 4 : position + 8] = _FREE


def _clear(part: memoryview) -> None:
    part[:] = bytes(len(part))
