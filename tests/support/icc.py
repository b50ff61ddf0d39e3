"""Builds ICC profiles (version 2.4), and pictures in their colours."""

import io
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

D50 = (0.9642, 1.0, 0.8249)
# XYZ (D50) of red, green and blue
COLORANTS = {
    "sRGB": ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
    "Display P3": ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
    "Adobe RGB": ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)),
    "ProPhoto RGB": ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249)),
    "Rec. 2020": ((0.6734, 0.2790, -0.0019), (0.1656, 0.6753, 0.0300), (0.1251, 0.0456, 0.7968)),
}


def pack_fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def pack_curve(*samples: int) -> bytes:
    """Return a curve of samples from 0 to 65535. A single one is an exponent in 1/256, and none is a straight line."""
    return struct.pack(">4s4xI", b"curv", len(samples)) + struct.pack(f">{len(samples)}H", *samples)


def pack_function(kind: int, *parameters: float) -> bytes:
    """Return a parametric curve."""
    return struct.pack(">4s4xH2x", b"para", kind) + pack_fixed(*parameters)


SRGB_CURVE = pack_function(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
GAMMA_22 = pack_curve(563)


def assemble(
    tags: Mapping[bytes, bytes], *, space: bytes = b"RGB ", kind: bytes = b"mntr", connection: bytes = b"XYZ "
) -> bytes:
    """Return a profile with these tags."""
    tags = {b"wtpt": b"XYZ " + bytes(4) + pack_fixed(*D50), **tags}
    offset = 132 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for signature, content in tags.items():
        table += struct.pack(">4sII", signature, offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">8xI4s4s4s12x4s28x", 0x02400000, kind, space, connection, b"acsp") + pack_fixed(*D50)
    profile = head.ljust(128, b"\0") + table + body
    return len(profile).to_bytes(4) + profile[4:]


def make_rgb_profile(name: str = "Display P3", curve: bytes = SRGB_CURVE, **others: bytes) -> bytes:
    """Return a profile of curves and a matrix. `others` are additional tags."""
    tags = {f"{channel}TRC".encode(): curve for channel in "rgb"}
    for channel, colorant in zip("rgb", COLORANTS[name], strict=True):
        tags[f"{channel}XYZ".encode()] = b"XYZ " + bytes(4) + pack_fixed(*colorant)
    return assemble(tags | {signature.encode(): content for signature, content in others.items()})


def make_grey_profile(curve: bytes = pack_curve()) -> bytes:
    """Return a profile of grey whose codes are proportional to light."""
    return assemble({b"kTRC": curve}, space=b"GRAY")


def make_cmyk_profile(tag: bytes = b"A2B0") -> bytes:
    """Return a profile of four inks, in which each ink makes the picture darker."""
    inks = np.stack(np.meshgrid(*[[0, 0.5, 1]] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    cyan, magenta, yellow, black = inks.T
    lightness = 100 * (1 - 0.3 * cyan) * (1 - 0.4 * magenta) * (1 - 0.1 * yellow) * (1 - 0.85 * black)
    a = (70 * magenta - 40 * cyan) * (1 - black)
    b = (80 * yellow - 45 * cyan - 10 * magenta) * (1 - black)
    return assemble({tag: pack_table(lightness, a, b, inks=4)}, space=b"CMYK", kind=b"prtr", connection=b"Lab ")


def make_table_profile() -> bytes:
    """Return a profile of RGB with a table in which red and blue are exchanged."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(1, -1, 3)[..., ::-1]
    return assemble({b"A2B0": pack_table(*to_lab(colours).reshape(-1, 3).T, inks=3)}, connection=b"Lab ")


def pack_table(lightness: NDArray[Any], a: NDArray[Any], b: NDArray[Any], *, inks: int) -> bytes:
    """Return a table of the type mft2 whose curves are straight."""
    values = np.stack([lightness * 652.8, (a + 128) * 256, (b + 128) * 256], axis=-1)
    steps = round(len(values) ** (1 / inks))
    head = struct.pack(">4s4x4B", b"mft2", inks, 3, steps, 0) + pack_fixed(*np.eye(3).ravel())
    curve = struct.pack(">2H", 0, 65535)
    return (
        head
        + struct.pack(">2H", 2, 2)
        + curve * inks
        + values.clip(0, 65535).round().astype(">u2").tobytes()
        + curve * 3
    )


def to_lab(colours: NDArray[Any]) -> NDArray[Any]:
    """Return L, a and b (D50) of sRGB colours of 8 bits."""
    lab = ImageCms.profileToProfile(
        Image.fromarray(colours), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    values = np.asarray(lab).astype(float)
    return np.stack(
        [values[..., 0] / 2.55, *(np.where(x > 127, x - 256, x) for x in (values[..., 1], values[..., 2]))], axis=-1
    )


def convert(picture: Image.Image, profile: bytes, mode: str = "RGB") -> Image.Image:
    """Return an sRGB picture in the colours of the profile."""
    converted = ImageCms.profileToProfile(
        picture,
        ImageCms.createProfile("sRGB"),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode=mode,
    )
    assert converted
    converted.info.clear()  # so that the file gets no profile
    return converted
