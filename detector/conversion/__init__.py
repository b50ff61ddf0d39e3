"""Converts Darknet models to ONNX at build time."""
