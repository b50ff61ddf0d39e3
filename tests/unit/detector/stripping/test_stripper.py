"""Photos of all formats without their metadata: the pixels, the profile and the orientation stay the same."""

import io
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin
from pillow_heif import from_pillow, open_heif, register_heif_opener

from detector.colour.profiles import read_tags
from detector.heif_items import Items
from detector.metadata.blocks import Blocks
from detector.metadata.reader import read_metadata
from detector.metadata.values import Metadata
from detector.stripping import strip_metadata, stripper
from detector.stripping.profile import clear_profile
from tests.support.heif_files import box, full_box, make_derived, make_sequence, move_items
from tests.support.icc import make_rgb_profile
from tests.support.metadata_files import EXIF_PREFIX, XMP_UUID, make_chunk, make_segment, make_tiff, make_xmp

MARK = "planted-48.137"
XMP = make_xmp(f"<dc:title>{MARK}</dc:title>")
PROFILE = clear_profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
PIXELS = np.random.default_rng(1).integers(0, 255, (48, 80, 3), dtype=np.uint8)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")


def make_exif(orientation: int) -> bytes:
    return EXIF_PREFIX + make_tiff({0x0112: [orientation], 0x010E: MARK}, gps={1: "N", 2: [(48, 1), (8, 1), (13, 1)]})


def encode(format_: str, orientation: int = 1, **options: Any) -> bytes:
    """Return a photo with metadata of all kinds that Pillow writes."""
    register_heif_opener()
    picture = Image.fromarray(PIXELS)
    if format_ == "GIF":
        options |= {"comment": MARK.encode(), "append_images": [picture.rotate(90)], "save_all": True, "loop": 3}
    else:
        options |= {"exif": make_exif(orientation), "icc_profile": PROFILE}
    if format_ == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Title", MARK, zip=False)
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP.decode())
    elif format_ != "GIF":
        options["xmp"] = XMP
    if format_ == "JPEG":
        options["comment"] = MARK.encode()
    out = io.BytesIO()
    picture.save(out, format_, **options)
    return out.getvalue()


def decode(data: bytes) -> tuple[bytes, object, int]:
    """Return the pixels of all frames, the profile and the orientation."""
    picture = Image.open(io.BytesIO(data))
    frames = []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        frames.append(picture.convert("RGBA").tobytes())
    return b"".join(frames), picture.info.get("icc_profile"), picture.getexif().get(0x0112, 1)


def strip(data: bytes) -> bytes:
    stripped = strip_metadata(data)
    assert stripped
    return stripped


def has_mark(data: bytes) -> bool:
    return MARK.encode() in data or b"GPS" in data or b"adobe" in data


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("orientation", [1, 6])
def test_photo_keeps_only_its_pixels_profile_and_orientation(format_: str, orientation: int) -> None:
    data = encode(format_, orientation)
    assert has_mark(data)

    stripped = strip(data)

    assert decode(stripped) == decode(data)
    assert not has_mark(stripped)
    assert read_metadata(stripped) == Metadata()
    assert strip(stripped) == stripped


@pytest.mark.skipif(not which("exiftool"), reason="exiftool is not installed")
@pytest.mark.parametrize("format_", FORMATS)
def test_exiftool_finds_no_metadata(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "photo"
    path.write_bytes(strip(encode(format_, 6)))

    command = ["exiftool", "-a", "-G1", "-s", "-EXIF:all", "-XMP:all", "-IPTC:all", "-MakerNotes:all", "-Error"]
    command += ["-GPS:all", "-Comment", "-Title", "-JFIF:Thumbnail*", "-MPF:all", "-Photoshop:all"]
    output = subprocess.run([*command, path], capture_output=True, text=True, check=True).stdout

    tags = {line.split()[1] for line in output.splitlines()}
    assert tags <= {"Orientation"}


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"restart_marker_blocks": 2}, {"subsampling": "4:2:0", "quality": 95}]
)
def test_jpeg_of_each_kind_keeps_its_pixels(options: dict[str, Any]) -> None:
    data = encode("JPEG", 3, **options)

    stripped = strip(data)

    assert decode(stripped) == decode(data)
    assert not has_mark(stripped)


def test_jpeg_with_too_many_scans_is_not_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detector.stripping.jpeg._MAX_SCANS", 1)

    assert strip_metadata(encode("JPEG", progressive=True)) is None


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO file")
def test_jpeg_loses_what_hides_between_and_behind_its_pixels() -> None:
    plain, mark = encode("JPEG", progressive=True), MARK.encode()
    first_scan = plain.index(b"\xff\xda")
    second_scan = plain.index(b"\xff\xda", first_scan + 2)
    cmyk = io.BytesIO()
    Image.fromarray(PIXELS).convert("CMYK").save(cmyk, "JPEG")
    jfif = b"JFIF\0\1\2\0\0\1\0\1" + bytes([1, 1]) + mark[:3]
    files = [
        plain + b"video" + mark,  # a motion photo
        plain + plain,  # further pictures
        plain[:-2] + b"\xff\xfe\0\x10" + mark + plain[-2:],
        plain[:second_scan] + make_segment(0xEF, mark) + plain[second_scan:],
        plain[:2] + make_segment(0xE0, jfif) + make_segment(0xE2, b"MPF\0" + mark) + plain[2:],
        plain[:20] + mark + plain[20:],  # bytes between segments
        plain[:2] + make_segment(0xED, b"Photoshop 3.0\0" + mark) + make_segment(0xE2, b"FPXR\0" + mark) + plain[2:],
        cmyk.getvalue().replace(b"Adobe\0d", b"Adobe\0e") + mark,
    ]

    stripped = [strip(each) for each in files]

    assert [decode(each)[0] for each in stripped] == [decode(each)[0] for each in files]
    assert not [each for each in stripped if has_mark(each)]
    assert stripped[0] == stripped[1] == stripped[2] == stripped[3] == strip(plain)


def test_png_loses_unknown_chunks_and_what_follows() -> None:
    plain, mark = encode("PNG"), MARK.encode()
    end = plain.index(b"IEND") - 4
    data = plain[:end] + make_chunk(b"vpAg", mark) + make_chunk(b"tIME", b"\x07\xe3\7\x1c\1\3\0") + plain[end:] + mark

    assert strip(data) == strip(plain)


def test_animations_keep_their_frames() -> None:
    pictures = [Image.fromarray(PIXELS), Image.fromarray(PIXELS[::-1])]
    files = []
    for format_ in ("PNG", "WEBP", "GIF"):
        out = io.BytesIO()
        extra: dict[str, Any] = {} if format_ == "GIF" else {"exif": make_exif(1)}
        pictures[0].save(out, format_, save_all=True, append_images=pictures[1:], duration=90, **extra)
        files.append(out.getvalue())

    assert [decode(strip(data)) for data in files] == [decode(data) for data in files]
    assert not [data for data in files if has_mark(strip(data))]


def test_webp_without_a_header_for_metadata_stays_as_it_is() -> None:
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "WEBP")

    assert strip(out.getvalue()) == out.getvalue()


def test_gif_loses_comments_texts_and_unknown_applications() -> None:
    plain, mark = encode("GIF"), MARK.encode()

    def block(head: bytes, content: bytes = mark) -> bytes:
        return head + bytes([len(content)]) + content + b"\0"

    xmp = b"\x21\xff\x0bXMP DataXMP" + XMP + b"\1" + bytes(range(255, -1, -1)) + b"\0"
    icc = b"\x21\xff\x0bICCRGBG1012" + bytes([4]) + b"icc!" + b"\0"
    extras = block(b"\x21\xfe") + block(b"\x21\xff\x0bAdaLovelace") + block(b"\x21\x01" + bytes([12]) + bytes(12)) + xmp
    data = plain[:-1] + extras + b"\x3b" + mark

    assert strip(data) == strip(plain)
    assert strip_metadata(plain[:-1] + icc + b"\x3b") is None


def test_gif_loses_texts_behind_its_times_and_loops() -> None:
    plain, text = encode("GIF", duration=90), bytes([len(MARK)]) + MARK.encode() + b"\0"
    loop, times = b"\x0bNETSCAPE2.0\x03\x01\x03\0", b"\x21\xf9\x04"
    place = plain.index(times)
    control = plain[place : place + 7]
    data = plain.replace(loop + b"\0", loop + text).replace(control + b"\0", control + text)
    unknown = b"\x21\xff\x0bNETSCAPE2.0" + text + b"\x21\xf9" + text

    assert data.count(text) >= 2
    assert strip(data) == strip(plain)
    assert strip(plain[:-1] + unknown + b"\x3b") == strip(plain)
    assert loop in strip(plain)
    assert control in strip(plain)


@pytest.mark.parametrize("damaged", [b"GIF89a" + bytes(9) + b"\x99", b"GIF89a" + bytes(7), encode("GIF")[:-9]])
def test_damaged_gif_is_not_stripped(damaged: bytes) -> None:
    assert strip_metadata(damaged) is None


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_profile_keeps_its_colours_only(format_: str) -> None:
    mark = b"text" + bytes(4) + MARK.encode()
    large = b"curv" + (40_000).to_bytes(8) + bytes(80_000)  # JPEG files divide it
    profile = make_rgb_profile(mmod=mark, bkpt=large, meta=mark, A2B9=mark)
    register_heif_opener()
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, format_, icc_profile=profile[:24] + b"calibrated 1" + profile[36:])

    stripped = Image.open(io.BytesIO(strip(out.getvalue())))

    colours = stripped.info["icc_profile"]
    tags = read_tags(profile) or {}
    assert read_tags(colours) == {name: tag for name, tag in tags.items() if name not in {b"mmod", b"meta", b"A2B9"}}
    assert len(colours) == len(profile)
    assert MARK.encode() not in colours
    assert b"calibrated" not in colours
    assert clear_profile(colours) == colours
    assert ImageCms.profileToProfile(Image.fromarray(PIXELS), io.BytesIO(colours), io.BytesIO(PROFILE))


@pytest.mark.parametrize("damage", [b"", b"x" * 200, PROFILE[:140], PROFILE[:128] + b"\0\0\0\x99" + PROFILE[132:]])
def test_damaged_profile_becomes_zeros(damage: bytes) -> None:
    assert clear_profile(damage) == bytes(len(damage))


def test_damaged_profile_of_png_is_removed() -> None:
    plain = encode("PNG")
    start = plain.index(b"iCCP") - 4
    end = plain.index(b"IDAT") - 4
    damaged = plain[:start] + make_chunk(b"iCCP", b"icc\0\0" + MARK.encode()) + plain[end:]

    assert b"iCCP" not in strip(damaged)


@pytest.fixture
def heic() -> bytes:
    return encode("HEIF")


@pytest.mark.parametrize("kind", [b"iden", b"grid", b"iovl"])
def test_derived_heic_keeps_its_pixels(kind: bytes) -> None:
    out = io.BytesIO()
    Image.fromarray(PIXELS[:, :64]).save(out, "HEIF")
    data = make_derived(out.getvalue(), kind)

    assert decode(strip(data))[0] == decode(data)[0]


def test_heic_loses_thumbnails_and_further_pictures() -> None:
    register_heif_opener()
    other = Image.fromarray(PIXELS[::-1])
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "HEIF", save_all=True, append_images=[other])
    with_thumbnail = from_pillow(Image.fromarray(PIXELS))
    info: Any = with_thumbnail[0].info
    info["thumbnails"] = [32]
    thumbnail = io.BytesIO()
    with_thumbnail.save(thumbnail)

    for data in (out.getvalue(), thumbnail.getvalue()):
        stripped = strip(data)

        pictures = open_heif(stripped)
        assert (len(pictures), pictures.info["thumbnails"]) == (1, [])
        assert decode(stripped)[0] == decode(data)[0][: len(decode(stripped)[0])]
        locations = [dict(Items(each).list_locations()) for each in (data, stripped)]
        (hidden,) = locations[0].keys() - {Items(data).primary}
        assert any(locations[0][hidden].read(1_000))
        assert not any(locations[1][hidden].read(1_000))


@pytest.mark.parametrize("format_", ["HEIF", "AVIF"])
def test_transparency_of_heif_stays(format_: str) -> None:
    register_heif_opener()
    picture = Image.fromarray(PIXELS)
    picture.putalpha(Image.fromarray(PIXELS[..., 0]))
    out = io.BytesIO()
    picture.save(out, format_)

    stripped = strip(out.getvalue())

    assert Image.open(io.BytesIO(stripped)).mode == "RGBA"
    assert decode(stripped)[0] == decode(out.getvalue())[0]


def test_heic_loses_other_layers() -> None:
    register_heif_opener()
    picture = Image.fromarray(PIXELS)
    picture.putalpha(Image.fromarray(PIXELS[..., 0]))
    out = io.BytesIO()
    picture.save(out, "HEIF")
    data = out.getvalue().replace(b"urn:mpeg:hevc:2015:auxid:1", b"urn:mpeg:hevc:2015:auxid:2")  # depths

    stripped = strip(data)

    assert len(dict(open_heif(data).info)["depth_images"]) == 1
    assert dict(open_heif(stripped).info)["depth_images"] == []
    assert decode(stripped)[0] == decode(data)[0]


def insert_in_meta(heic: bytes, extra: bytes) -> bytes:
    """Return the file with a box at the end of `meta`, in place of free space behind it."""
    at = heic.index(b"meta") - 4
    size = int.from_bytes(heic[at : at + 4])
    pixels = heic.index(b"mdat") - 4
    assert at + size == pixels
    moved = bytearray(heic[:at] + struct.pack(">I", size + len(extra)) + heic[at + 4 : pixels] + extra + heic[pixels:])
    move_items(moved, moved.index(b"iloc") + 4, len(extra))
    return bytes(moved)


def test_heic_loses_unknown_boxes_and_names(heic: bytes) -> None:
    mark = MARK.encode()
    meta = insert_in_meta(heic, full_box(b"xml ", 0, XMP) + box(b"uuid", mark))
    data = meta + box(b"uuid", XMP_UUID, XMP) + box(b"mpvd", mark) + mark[:5]  # pragma: allowlist secret

    stripped = strip(data)

    assert decode(stripped)[0] == decode(heic)[0]
    assert len(stripped) == len(data)
    assert not has_mark(stripped)
    assert mark[:5] not in stripped


def test_heic_loses_descriptions_in_properties(heic: bytes) -> None:
    data = heic.replace(b"colr", b"udes", 1)

    stripped = strip(data)

    assert b"udes" not in stripped
    assert len(stripped) == len(data)


@pytest.mark.parametrize(
    "change",
    [
        make_sequence,
        lambda heic: heic[: heic.index(b"mdat") + 100],
        lambda heic: heic + box(b"moov"),
        lambda heic: heic.replace(b"infe\2", b"infe\1", 1),
        lambda heic: heic.replace(b"iinf", b"free", 1),
    ],
    ids=["sequence", "cut off", "tracks", "old entries", "no entries"],
)
def test_heic_with_a_rare_structure_is_not_stripped(heic: bytes, change: Callable[[bytes], bytes]) -> None:
    assert strip_metadata(change(heic)) is None


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\xff\xd8\xff\xd9", b"RIFF\0\0\0\0WEBP", b"\x89PNG\r\n\x1a\n"])
def test_other_bytes_have_no_result_with_metadata(data: bytes) -> None:
    stripped = strip_metadata(data)

    assert stripped is None or len(stripped) <= len(data)


def test_result_that_still_has_metadata_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode("JPEG", 6)
    found = [Blocks(), Blocks(comments=[b"diary"])]
    monkeypatch.setattr(stripper, "find_blocks", lambda _: found.pop(0))

    assert strip_metadata(data) is None


@pytest.mark.parametrize(
    "exif", [b"", b"x", make_tiff({0x0112: [9]}), make_tiff({0x0112: "no"}), make_tiff({0x010E: "x"})]
)
def test_photo_with_damaged_orientation_is_upright(exif: bytes) -> None:
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "JPEG", exif=EXIF_PREFIX + exif)

    assert decode(strip(out.getvalue()))[2] == 1
    assert b"Exif" not in strip(out.getvalue())
