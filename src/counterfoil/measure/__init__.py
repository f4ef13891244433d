"""Pure estimators: arrays in, estimates out; opens nothing."""
