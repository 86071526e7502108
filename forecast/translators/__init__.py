"""Translators as a person uses them: how they learn from pairs, and what they write."""
