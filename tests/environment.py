"""Loaded before Django's settings: tests keep their data apart and do not wait for the disk."""

import os
from pathlib import Path

os.environ["TOUCHSTONE_DATA"] = str(Path(__file__).parents[1] / "var" / "test")
os.environ.setdefault("TOUCHSTONE_SQLITE_SYNCHRONOUS", "OFF")
# One server for each worker, by its number (gw0, gw1).
EACH_ADDRESS = "TOUCHSTONE_TEST_DATABASES"
if EACH_ADDRESS in os.environ and "PYTEST_XDIST_WORKER" in os.environ:
    _number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    os.environ["TOUCHSTONE_DATABASE_URL"] = os.environ[EACH_ADDRESS].split()[_number]
# The pages' middleware warns where this folder is missing, and a warning is an error here.
Path(os.environ["TOUCHSTONE_DATA"], "static").mkdir(parents=True, exist_ok=True)
