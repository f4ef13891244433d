"""Figures of groups of people, from one row for each person."""
