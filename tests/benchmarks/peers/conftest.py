"""The scripts here import what only the environments of other libraries hold."""

collect_ignore_glob = ["with_*.py"]
