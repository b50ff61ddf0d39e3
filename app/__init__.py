"""Provides PixTag's HTTP API and event worker, which share one set of stores."""

import gc

__version__ = "0.10.0"

gc.set_threshold(200_000)  # imported modules stay in memory, and a garbage collection of them takes 5 % of a cold start
