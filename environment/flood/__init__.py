"""From a gauge's stage to the land under water and to who and what stands in it."""

from typing import Any


def exposed(gauge_code: str, stage_m: float) -> dict[str, Any]:
    """What a flood at this stage reaches, for a notice: counts and names by kind.

    ``known`` is false, with ``why`` in both languages, where no terrain is built or the gauge is
    not on it. A stage is made ready once for each 10 cm; after that this costs a few queries.
    """
    from environment.flood import summaries

    return summaries.exposed(gauge_code, stage_m)
