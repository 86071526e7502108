"""Forecast stock series, and see honestly whether the forecast beats the last close."""
