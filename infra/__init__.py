"""Builds PixTag, deploys it to AWS and runs it on one machine."""
