"""Thin click commands over the pipeline."""
