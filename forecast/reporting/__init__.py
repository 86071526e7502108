"""Answers and scores become figures and files."""
