"""The look-ahead audit: whether anything after a cutoff can move a forecast made at it."""
