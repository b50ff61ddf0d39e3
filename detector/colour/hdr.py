"""Maps the tones of HDR photos to those of sRGB (ADR 28)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from detector.colour.spaces import Transfer, decode_hlg, decode_pq, encode_pq
from detector.colour.transforms import MatrixTransform, to_uint16

if TYPE_CHECKING:
    from cv2.typing import MatLike

    from detector.colour.spaces import Numbers, RgbSpace

_WHITE: Final = 203.0  # nits of diffuse white (BT.2408)
_PEAK: Final = 1000.0  # nits of the display for which photos are made; brighter lights become white
_SYSTEM_GAMMA: Final = 1.2  # of HLG on a display with this peak (BT.2100)
_LEVELS: Final = 65536


class HdrTransform(MatrixTransform):
    """A conversion of PQ or HLG. It darkens each pixel by a factor that depends on its luminance.

    Args:
        space: The colour space of the pixels.
        highest_code: The code of the brightest pixels, from 0 to 1.
    """

    def __init__(self, space: RgbSpace, highest_code: float) -> None:
        codes = space.widen(np.append(np.linspace(0, 1, 256), highest_code))
        levels = np.linspace(1 / _LEVELS, 1, _LEVELS)
        if space.transfer is Transfer.PQ:
            light = decode_pq(codes) / _PEAK
            nits, peak = levels * _PEAK, light[-1] * _PEAK
        else:
            light = decode_hlg(codes)
            nits, peak = levels**_SYSTEM_GAMMA * _PEAK, light[-1] ** _SYSTEM_GAMMA * _PEAK
        super().__init__(light[np.newaxis, :-1], space.make_matrix() * (_PEAK / _WHITE))
        tones = map_tones(nits, float(np.clip(peak, _WHITE, _PEAK)))
        self._factors = to_uint16(tones / (levels * _PEAK))[np.newaxis]
        self._luma = np.array([space.luma[::-1]] * 3)  # three times, because one channel takes longer

    def linearise(self, band: MatLike) -> MatLike:
        """Return the light of some rows, where 65535 is the peak of a display."""
        light = super().linearise(band)
        factors = cv2.LUT(cv2.transform(light, self._luma), self._factors)
        return cv2.multiply(light, factors, scale=1 / (_LEVELS - 1))


def map_tones(nits: Numbers, peak: float) -> Numbers:
    """Return the nits on a display whose white is diffuse white (the EETF of BT.2390-11, 5.4.1).

    Tones below the knee stay as they are. Tones between the knee and the peak are compressed.
    """
    top = encode_pq(np.array(peak))
    source, target = encode_pq(nits) / top, float(encode_pq(np.array(_WHITE)) / top)
    knee = 1.5 * target - 0.5
    t = (source - knee) / max(1 - knee, 1e-6)
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * target
    return decode_pq(np.where(source < knee, source, np.where(source < 1, spline, target)) * top)
