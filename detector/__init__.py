"""Objects in photographs: encoded bytes or pixels in, detections out; knows nothing of AWS or HTTP."""

import os

from detector.detections import BoundingBox, Detection, Detector, tally

# ONNX Runtime reports to its maker, and keeps a number for the machine, unless told not to before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__all__ = ["BoundingBox", "Detection", "Detector", "tally"]
