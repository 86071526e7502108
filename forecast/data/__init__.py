"""Prices in: loaders, their contract, the cache and the bundled samples."""
