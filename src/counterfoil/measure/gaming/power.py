"""What an organisation of a size can find out about its number, told before the number is launched."""

SHARES = (0.05, 0.1, 0.2)
SIZES = (300, 1_000, 3_000, 10_000)
UNIT = 12.5
