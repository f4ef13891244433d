"""Reads git histories: commits, patches, and what a commit's words claim."""
