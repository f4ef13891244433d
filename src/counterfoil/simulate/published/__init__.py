"""Published figures, C1 to C14, beside what the model gives, whatever it gives."""
