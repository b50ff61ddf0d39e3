"""Implements the HTTP API with routers, schemas, authentication and middleware."""
