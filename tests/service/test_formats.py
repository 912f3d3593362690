"""Which format an Accept header asks for."""

import pytest

from ocr.pipeline.one_file import KINDS
from ocr.service.errors import RequestError
from ocr.service.formats import MEDIA_TYPES, accepted


def test_every_result_has_a_media_type() -> None:
    assert set(MEDIA_TYPES) == set(KINDS)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("application/*", "json"),
        ("text/*", "text"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "hocr"),  # a browser
        ("text/plain;q=0.5, application/pdf", "pdf"),
        ("application/json;q=0, */*;q=0.1", "text"),
        ("application/alto+xml", "alto"),
        ("Text/XML ; Q=1", "alto"),
        ("application/pdf;q=much, text/plain;q=0.1", "text"),
    ],
)
def test_the_heaviest_range_wins_and_the_most_specific_one_counts(header: str | None, kind: str) -> None:
    assert accepted(header) == kind


@pytest.mark.parametrize("header", ["image/png", "application/json;q=0", ";;,,"])
def test_nothing_that_is_accepted_is_an_error(header: str) -> None:
    with pytest.raises(RequestError) as refused:
        accepted(header)
    assert refused.value.status == 406
