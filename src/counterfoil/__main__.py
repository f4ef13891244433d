"""Lets `python -m counterfoil` do what `counterfoil` does."""

from counterfoil.app.entry import script

script()
