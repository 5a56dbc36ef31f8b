"""Loaded before Django's settings: tests keep their data apart and do not wait for the disk."""

import os
from pathlib import Path

os.environ["TOUCHSTONE_DATA"] = str(Path(__file__).parents[1] / "var" / "test")
os.environ.setdefault("TOUCHSTONE_SQLITE_SYNCHRONOUS", "OFF")
# The pages' middleware warns where this folder is missing, and a warning is an error here.
Path(os.environ["TOUCHSTONE_DATA"], "static").mkdir(parents=True, exist_ok=True)
