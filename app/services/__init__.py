"""Operations that use more than one store: the library, ingest, and the outbox worker."""
