"""The routes, one module per topic. They contain no `try` and no status of a failure."""
