"""Build-time conversion of Darknet models to ONNX."""
