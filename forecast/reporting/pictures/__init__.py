"""Pictures: one module for each, and what all of them share."""
