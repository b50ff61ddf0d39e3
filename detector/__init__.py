"""Objects in photographs: encoded bytes or pixels in, detections out; knows nothing of AWS or HTTP."""

from detector.detections import BoundingBox, Detection, Detector, tally

__all__ = ["BoundingBox", "Detection", "Detector", "tally"]
