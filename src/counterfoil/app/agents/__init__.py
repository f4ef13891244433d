"""What the commands of agents do, beside a running server or while none runs."""
