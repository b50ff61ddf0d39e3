"""The HTTP API, one file per part; routes are thin and contain no `try` and no status of a failure."""
