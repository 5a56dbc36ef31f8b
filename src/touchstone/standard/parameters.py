"""Parameters in force: by the version of the standard, cached with it."""

from __future__ import annotations

from collections.abc import Mapping

from touchstone.kernel.parameters import Parameter
from touchstone.kernel.refusal import refuse
from touchstone.packs.catalogue import catalogue, per_version


@per_version
def parameters(version: int) -> Mapping[str, Parameter]:
    """Id -> parameter at one version of the standard, with the institution's own values."""
    standard = catalogue(version)
    return {
        identity: known
        for identity in standard.objects("parameter")
        if (known := standard.parameter(identity))
    }


def parameter(identity: str, version: int | None = None) -> Parameter:
    """One parameter.

    Raises:
        Refusal: ``standard.no_such_parameter``.
    """
    found = parameters(catalogue(version).version).get(identity)
    if found is None:
        raise refuse(
            "standard.no_such_parameter",
            f"没有参数 {identity}",
            f"There is no parameter {identity}",
        )
    return found
