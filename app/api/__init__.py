"""The HTTP API: routers, schemas, authentication and middleware of the FastAPI app."""
