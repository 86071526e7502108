"""Pages for a browser: one file each, that needs neither a network nor a script."""
