"""Recurrent cells: one contract, several backends."""
