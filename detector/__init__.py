"""Object detection in photos: encoded bytes or pixels in, detections out. Independent of AWS and HTTP."""

import os

from detector.detections import BoundingBox, Detection, Detector, tally

# ONNX Runtime sends usage data to Microsoft and stores an id of the machine, unless this is set before it loads.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__all__ = ["BoundingBox", "Detection", "Detector", "tally"]
