"""Defines the routes, with one module per topic. A route contains no `try` and no error status."""
