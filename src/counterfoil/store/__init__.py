"""The only room with SQL: the cache, the evidence store and, for organisations, the lake."""
