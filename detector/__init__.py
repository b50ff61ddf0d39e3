"""Detects objects in photos. This package is independent of AWS and HTTP."""

import os

from detector.detections import CERTAIN_CONFIDENCE, BoundingBox, Detection, Detector, Labeled, tally

# This prevents ONNX Runtime from sending usage data to Microsoft. It must be set before ONNX Runtime is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__all__ = ["CERTAIN_CONFIDENCE", "BoundingBox", "Detection", "Detector", "Labeled", "tally"]
