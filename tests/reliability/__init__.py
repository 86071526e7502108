"""Campaigns too long for every build: kills, faults, crowds, malformed files, endurance.

`python -m tests.reliability` runs them and writes `reports/reliability.md`.
"""
