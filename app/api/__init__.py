"""HTTP edge: routers, schemas, authentication and middleware of the FastAPI app."""
