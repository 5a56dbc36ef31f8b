"""Coverage-guided fuzzing of the DMN reader and everything behind it, run by hand:

``python -m tests.decisions.fuzz_with_atheris -max_total_time=300``; atheris comes with the ``fuzz`` extra.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["touchstone.decisions", "touchstone.kernel"]):
    from tests.decisions.test_fuzzing import SEED, survives


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    place = provider.ConsumeIntInRange(0, len(SEED))
    gone = provider.ConsumeIntInRange(0, 60)
    put = provider.ConsumeUnicodeNoSurrogates(40).encode()
    second = provider.ConsumeIntInRange(0, len(SEED))
    xml = SEED[:place] + put + SEED[place + gone :]
    survives(
        xml[:second] + provider.ConsumeBytes(8) + xml[second:], {"x": 5, "t": {"a": 1, "b": ["p"]}}
    )


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
