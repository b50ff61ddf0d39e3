"""Build steps: container image, wheel and Node.js."""
