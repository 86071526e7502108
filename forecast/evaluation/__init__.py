"""Honest scores: folds, walk-forward, metrics, significance."""
