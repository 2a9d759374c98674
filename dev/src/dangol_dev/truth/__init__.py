"""Who is in which ready segment, by DuckDB over the raw events: nothing of the engine's."""
