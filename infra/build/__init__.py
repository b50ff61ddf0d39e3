"""Builds the container image, the wheel and the documentation site, and runs Node.js for the builds."""
