"""Reads usage from anyone's own table: CSV, JSON lines or Parquet in the columns of the nouns."""

from counterfoil.collect.table.files import Table

__all__ = ["Table"]
