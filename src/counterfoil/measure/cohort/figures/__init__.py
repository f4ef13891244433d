"""The figures of groups of people, in one file for each fact."""
