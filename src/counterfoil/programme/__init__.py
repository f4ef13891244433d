"""Loads and judges the programme file; what it says of people is about numbers, never about a person."""
