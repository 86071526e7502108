"""What the commands print: one module for each screen, in plain text and as JSON values."""

WIDTH = 80  # columns of a terminal
