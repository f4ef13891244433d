"""How good a detector of gaming is, of people and of numbers, on organisations whose truth is known."""
