"""PixTag's server: an HTTP API and an event worker over one table, one bucket and one user pool."""

import gc

__version__ = "0.2.0"

gc.set_threshold(100_000)  # modules stay in memory: searching them for garbage takes a twentieth of a cold start
