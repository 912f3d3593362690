"""The kinds of flaws that a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a flaw is; worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Kind(StrEnum):
    """Every kind of flaw, by its code; `ocr.checks.catalogue` describes each."""

    # annotation files
    ANNOTATION_UNREADABLE = "annotation-unreadable"
    NO_ANNOTATION_FILE = "no-annotation-file"
    NOT_STANDARD_JSON = "not-standard-json"
    INVALID_UTF8 = "invalid-utf8"
    STRAY_FILE = "stray-file"
    NO_TEXT = "no-text"
    NO_LINE_NUMBERS = "no-line-numbers"
    # entries of images
    BAD_ENTRY = "bad-entry"
    REPEATED_IMAGE = "repeated-image"
    NAME_TWINS = "name-twins"
    NAME_FORM = "name-form"
    UNSAFE_NAME = "unsafe-name"
    OUTSIDE_LINK = "outside-link"
    MISSING_IMAGE = "missing-image"
    EXTRA_IMAGE = "extra-image"
    SIZE_SWAPPED = "size-swapped"
    SIZE_DIFFERS = "size-differs"
    NO_WORDS = "no-words"
    IGNORE_ONLY = "ignore-only"
    RELATIVE = "relative-coordinates"
    OTHER_SCALE = "other-scale"
    # image files
    EMPTY_FILE = "empty-file"
    NOT_AN_IMAGE = "not-an-image"
    TOO_LARGE = "too-large"
    TRUNCATED = "truncated"
    UNDECODABLE = "undecodable"
    DAMAGED = "damaged"
    DOUBTFUL_DATA = "doubtful-data"
    WRONG_EXTENSION = "wrong-extension"
    ANIMATED = "animated"
    CMYK = "cmyk"
    DEEP = "16-bit"
    TRANSPARENT = "transparent"
    ALPHA = "alpha"
    GREY = "grey"
    EXIF_ROTATED = "exif-rotated"
    DUPLICATE_ACROSS_SPLITS = "duplicate-across-splits"
    DUPLICATE_IN_SPLIT = "duplicate-in-split"
    NEAR_DUPLICATE = "near-duplicate"
    # words
    BAD_WORD = "bad-word"
    REPEATED_WORD = "repeated-word"
    NOT_FINITE = "not-finite"
    TOO_FEW_POINTS = "too-few-points"
    CROSSES_ITSELF = "crosses-itself"
    NO_AREA = "no-area"
    OUT_OF_BOUNDS = "out-of-bounds"
    OVER_THE_BORDER = "over-the-border"
    DUPLICATE_POLYGON = "duplicate-polygon"
    OVERLAP = "overlap"
    IN_IGNORED = "in-ignored"
    COUNTER_CLOCKWISE = "counter-clockwise"
    START_CORNER = "start-corner"
    LOST_CHARACTERS = "lost-characters"
    CONTROL_CHARACTERS = "control-characters"
    MOJIBAKE = "mojibake"
    EMPTY_TEXT = "empty-text"
    TEXT_TOO_DENSE = "text-too-dense"
    OUTSIDE_CHARSET = "outside-charset"
    READ_OTHERWISE = "read-otherwise"
    # fields
    NOT_A_DATE = "not-a-date"
    NOT_AN_AMOUNT = "not-an-amount"
    FIELD_NOT_IN_TEXT = "field-not-in-text"
    ITEM_WITHOUT_PRICE = "item-without-price"


@dataclass(frozen=True, slots=True)
class About:
    """What a kind of flaw is.

    Attributes:
        severity: an error stops training or teaches it something wrong, a warning is suspicious, a note is for
            information.
        meaning: the flaw, in one line.
        fix: the remedy, in one line.
        unreadable: whether the file, image or word that has the flaw could not be checked.
    """

    severity: Severity
    meaning: str
    fix: str
    unreadable: bool = False
