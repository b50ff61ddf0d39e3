"""Small photos of one shade of gray."""

import io
from typing import Final

import cv2
import numpy as np
from PIL import Image, PngImagePlugin

XMP: Final = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def make_gray_jpeg(shade: int = 100) -> bytes:
    """Return a JPEG of 8 x 8 pixels with this shade, 0 to 255."""
    return cv2.imencode(".jpg", np.full((8, 8, 3), shade, np.uint8))[1].tobytes()


def make_gray_png(shade: int, *keywords: str) -> bytes:
    """Return a PNG of 8 x 8 pixels with this shade, 0 to 255, and these keywords in XMP."""
    texts = PngImagePlugin.PngInfo()
    items = "".join(f"<rdf:li>{keyword}</rdf:li>" for keyword in keywords)
    texts.add_itxt("XML:com.adobe.xmp", XMP.format(items=items))
    file = io.BytesIO()
    Image.new("L", (8, 8), shade).save(file, "PNG", pnginfo=texts)
    return file.getvalue()
