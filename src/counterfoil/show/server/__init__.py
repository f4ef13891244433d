"""The pages of an organisation's server: what was released, what was refused, and what is one's own."""
