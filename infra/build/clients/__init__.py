"""Generates the Python and the TypeScript client from `openapi.json` and packs them (`make clients`)."""
