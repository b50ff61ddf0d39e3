"""PixTag's server: an HTTP API and an event worker over one table, one bucket and one user pool."""

__version__ = "0.1.0"
