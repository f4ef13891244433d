"""How often somebody may ask: so many at once, and then so many a second."""

from dataclasses import dataclass


@dataclass(slots=True)
class Rate:
    """A bucket that fills by itself."""

    a_second: float
    at_once: float
    _left: float = -1.0
    _at: float = 0.0

    def takes(self, at: float) -> bool:
        """Whether one more is let through at a time. Unit: seconds of a clock that never goes back."""
        if self._left < 0:
            self._left, self._at = self.at_once, at
        self._left = min(self.at_once, self._left + (at - self._at) * self.a_second)
        self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True
