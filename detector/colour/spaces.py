"""RGB colour spaces that are described by numbers instead of a profile, such as the code points of ITU-T H.273."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Chromaticities: TypeAlias = tuple[float, ...]
"""x and y of red, green, blue and white."""

_D65: Final = (0.3127, 0.3290)
_C: Final = (0.310, 0.316)
SRGB: Final = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, *_D65)
_BT601: Final = (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, *_D65)
_BT2020: Final = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, *_D65)
_PRIMARIES: Final[dict[int, Chromaticities]] = {
    1: SRGB,
    4: (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, *_C),  # BT.470 M
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, *_D65),  # BT.470 B and G
    6: _BT601,
    7: _BT601,
    8: (0.681, 0.319, 0.243, 0.692, 0.145, 0.049, *_C),  # film
    9: _BT2020,
    10: (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1 / 3, 1 / 3),  # XYZ
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),  # DCI P3
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, *_D65),  # Display P3
    22: (0.630, 0.340, 0.295, 0.605, 0.155, 0.077, *_D65),  # EBU 3213
}
_UNSPECIFIED: Final = 2
_SMALLEST_GAMUT: Final = 0.01  # that of sRGB is 0.22
D50: Final = (0.9642, 1.0, 0.8249)
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_TOLERANCE: Final = 0.002  # of chromaticities, which files round

_PQ_M1, _PQ_M2 = 2610 / 16384, 2523 / 4096 * 128
_PQ_C1, _PQ_C2, _PQ_C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073


class Transfer(Enum):
    """How codes become light, if it is not a power of the codes."""

    SRGB = auto()
    BT2020 = auto()
    PQ = auto()
    HLG = auto()


_TRANSFERS: Final[dict[int, Transfer | float]] = {
    # Cameras and programs mark pictures for computer screens with the code points of television (ADR 28).
    **dict.fromkeys((1, _UNSPECIFIED, 6, 7, 11, 12, 13), Transfer.SRGB),
    4: 2.2,
    5: 2.8,
    8: 1.0,
    14: Transfer.BT2020,
    15: Transfer.BT2020,
    16: Transfer.PQ,
    17: 2.6,
    18: Transfer.HLG,
}


@dataclass(frozen=True, slots=True)
class RgbSpace:
    """An RGB colour space.

    Attributes:
        chromaticities: The colours of red, green, blue and white.
        transfer: How codes become light. A number is an exponent.
        full_range: Whether black is 0 and white is 255. Otherwise, they are 16 and 235.
    """

    chromaticities: Chromaticities
    transfer: Transfer | float = Transfer.SRGB
    full_range: bool = True

    @property
    def is_hdr(self) -> bool:
        """Whether pixels can be brighter than the white of a page."""
        return self.transfer in {Transfer.PQ, Transfer.HLG}

    @property
    def is_srgb(self) -> bool:
        """Whether the codes are those of sRGB."""
        return (
            self.transfer is Transfer.SRGB
            and self.full_range
            and max(abs(one - other) for one, other in zip(self.chromaticities, SRGB, strict=True)) <= _TOLERANCE
        )

    def make_matrix(self) -> Numbers:
        """Return the matrix from light to XYZ, adapted to the white D50.

        Raises:
            ValueError: the primaries and the white are not those of a colour space.
        """
        matrix = self._make_unadapted_matrix()
        cones = _BRADFORD @ D50 / (_BRADFORD @ matrix.sum(axis=1))
        adapted: Numbers = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ matrix
        return adapted

    @property
    def luma(self) -> Numbers:
        """The shares of red, green and blue in the luminance."""
        luma: Numbers = self._make_unadapted_matrix()[1]
        return luma

    def _make_unadapted_matrix(self) -> Numbers:
        x, y = np.array(self.chromaticities).reshape(4, 2).T
        if not y[3]:
            raise ValueError("The white has no light.")
        white = np.array([x[3], y[3], 1 - x[3] - y[3]]) / y[3]
        primaries = np.array([x[:3], y[:3], 1 - x[:3] - y[:3]])
        if abs(np.linalg.det(primaries)) < _SMALLEST_GAMUT:
            raise ValueError("The primaries are too similar.")
        matrix: Numbers = primaries * np.linalg.solve(primaries, white)
        return matrix

    def widen(self, codes: Numbers) -> Numbers:
        """Return the codes, 0 to 1, in the full range."""
        return codes if self.full_range else np.clip((codes * 255 - 16) / 219, 0, 1)

    def make_curve(self) -> Numbers:
        """Return the light, 0 to 1, of each 8-bit code, if the colour space is not HDR."""
        codes = self.widen(np.linspace(0, 1, 256))
        if isinstance(self.transfer, float):
            return codes**self.transfer
        return decode_bt2020(codes) if self.transfer is Transfer.BT2020 else decode_srgb(codes)


ADOBE_RGB: Final = RgbSpace((0.640, 0.330, 0.210, 0.710, 0.150, 0.060, *_D65), 563 / 256)


def interpret(primaries: int, transfer: int, *, full_range: bool = True) -> RgbSpace | None:
    """Return the colour space of code points, or None if they are unknown."""
    curve = _TRANSFERS.get(transfer)
    if primaries == _UNSPECIFIED:
        primaries = 9 if curve in {Transfer.PQ, Transfer.HLG} else 1
    if curve is None or primaries not in _PRIMARIES:
        return None
    return RgbSpace(_PRIMARIES[primaries], curve, full_range)


def decode_srgb(codes: Numbers) -> Numbers:
    """Return the light of sRGB codes (IEC 61966-2-1)."""
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004


def decode_bt2020(codes: Numbers) -> Numbers:
    """Return the light of codes of BT.2020."""
    return np.where(codes < 4.5 * 0.0181, codes / 4.5, ((codes + 0.0993) / 1.0993) ** (1 / 0.45))


def encode_srgb(light: Numbers) -> Numbers:
    """Return the sRGB codes of light."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)  # noqa: PLR2004


def decode_pq(codes: Numbers) -> Numbers:
    """Return the nits of PQ codes (SMPTE ST 2084)."""
    power = codes ** (1 / _PQ_M2)
    return 10_000 * (np.maximum(power - _PQ_C1, 0) / (_PQ_C2 - _PQ_C3 * power)) ** (1 / _PQ_M1)


def encode_pq(nits: Numbers) -> Numbers:
    """Return the PQ codes of nits (SMPTE ST 2084)."""
    power = (nits / 10_000) ** _PQ_M1
    return ((_PQ_C1 + _PQ_C2 * power) / (1 + _PQ_C3 * power)) ** _PQ_M2


def decode_hlg(codes: Numbers) -> Numbers:
    """Return the light of the scene, 0 to 1, of HLG codes (BT.2100)."""
    return np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - _HLG_C) / _HLG_A) + _HLG_B) / 12)  # noqa: PLR2004
