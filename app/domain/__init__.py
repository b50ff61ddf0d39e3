"""Domain model: images, tags, queries and errors. Pure Python without I/O."""
