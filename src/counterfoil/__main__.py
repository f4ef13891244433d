"""Lets `python -m counterfoil` do what `counterfoil` does."""

import sys

from counterfoil.app.entry import main

sys.exit(main())
