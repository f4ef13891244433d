"""What became of the work AI was paid for, after rework."""

__version__ = "0.1.0"
