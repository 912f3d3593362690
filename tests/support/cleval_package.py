"""Settings of the package ``cleval``, the reference of CLEval."""

from types import SimpleNamespace


def package_options(*, e2e: bool, case: bool = True) -> SimpleNamespace:
    """The package's defaults; end to end or of detection alone, with or without letter case."""
    return SimpleNamespace(
        CASE_SENSITIVE=case,
        VERTICAL_ASPECT_RATIO_THRESH=0.5,
        AREA_PRECISION_CONSTRAINT=0.3,
        RECALL_GRANULARITY_PENALTY_WEIGHT=1.0,
        PRECISION_GRANULARITY_PENALTY_WEIGHT=1.0,
        DUMP_SAMPLE_RESULT=False,
        E2E=e2e,
        ORIENTATION=False,
    )
