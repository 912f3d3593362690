"""Severity, meaning and remedy of each kind of flaw."""

from __future__ import annotations

from ocr.checks.kinds import About, Kind, Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
REMOVED = "copy it again from its source, or remove it; fix=true leaves it out"
BY_HAND = "correct or remove it in the annotation file; fix=true leaves it out"

ABOUT: dict[Kind, About] = {
    Kind.ANNOTATION_UNREADABLE: About(
        ERROR, "the annotation file holds no readable images", "write it again, or convert it", True
    ),
    Kind.NO_ANNOTATION_FILE: About(
        ERROR, "a split has images and no annotation file", "add jsons/<split>.json, or remove the images", True
    ),
    Kind.NOT_STANDARD_JSON: About(
        ERROR,
        "only lenient readers accept the file: it has NaN, Infinity or a lone surrogate, or is not UTF-8 without a BOM",
        "write standard JSON in UTF-8; fix=true does",
    ),
    Kind.INVALID_UTF8: About(
        ERROR, "the file holds bytes that are not UTF-8", "save it as UTF-8; fix=true replaces the bytes by U+FFFD"
    ),
    Kind.STRAY_FILE: About(NOTE, "a file among the images that is not an image", "move it elsewhere"),
    Kind.NO_TEXT: About(
        ERROR,
        "a split without text to find: no words, or all of them ignored; training refuses it",
        "annotate text, or leave the split out",
    ),
    Kind.NO_LINE_NUMBERS: About(
        NOTE,
        "words without a line number: data.granularity=line, the default for training, refuses them",
        "train with data.granularity=word, or add line to each word",
    ),
    Kind.BAD_ENTRY: About(ERROR, "an image's entry does not have the format's form", BY_HAND, True),
    Kind.REPEATED_IMAGE: About(
        ERROR,
        "an image has two entries; readers keep the last",
        "join or rename them; fix=true keeps the last too",
    ),
    Kind.NAME_TWINS: About(
        ERROR,
        "two names look the same and differ only in Unicode normal form: joining by name picks one of the two",
        "rename one; fix=true does if both are annotated",
    ),
    Kind.NAME_FORM: About(
        NOTE,
        "the annotation spells the file's name in another Unicode normal form: other programs may miss the file",
        "nothing to do; fix=true names the file as the annotation does",
    ),
    Kind.UNSAFE_NAME: About(ERROR, "the name leads out of the image folder", BY_HAND, True),
    Kind.OUTSIDE_LINK: About(
        ERROR,
        "a symbolic link leads out of the data folder",
        "put the file itself there, or set follow_links=true if links are intended; fix=true leaves it out",
        True,
    ),
    Kind.MISSING_IMAGE: About(
        ERROR, "an annotated image is missing", "add it or remove its entry; fix=true removes it", True
    ),
    Kind.EXTRA_IMAGE: About(
        WARNING, "an image is not annotated: it is not used", "annotate or remove it; fix=true leaves it out"
    ),
    Kind.SIZE_SWAPPED: About(
        ERROR,
        "width and height are swapped: the polygons were drawn before EXIF turned the image, or were turned twice",
        "if the image has an EXIF orientation, runners/convert.py format=native frame=raw; else correct img_w and "
        "img_h; fix=true turns the polygons if EXIF explains it, and else leaves the image out",
    ),
    Kind.SIZE_DIFFERS: About(
        ERROR,
        "the annotation states a size that is not the image's",
        "put the annotated image there, or correct img_w and img_h; fix=true leaves it out",
    ),
    Kind.NO_WORDS: About(WARNING, "an image without words", "annotate it if it holds text"),
    Kind.IGNORE_ONLY: About(NOTE, "an image with ignored words only: it teaches nothing", "nothing if intended"),
    Kind.RELATIVE: About(
        ERROR,
        "coordinates between 0 and 1: fractions of the image's sides, not pixels",
        "multiply x by the image's width and y by its height; fix=true does, and leaves out a single such word",
    ),
    Kind.OTHER_SCALE: About(
        WARNING,
        "all words are in the corner of a large image: per cent or per mille of its sides, not pixels?",
        "look at it; if so, multiply x by the image's width and y by its height, and divide by 100 or 1000",
    ),
    Kind.EMPTY_FILE: About(ERROR, "an empty image file", REMOVED, True),
    Kind.NOT_AN_IMAGE: About(ERROR, "a file that is not an image, or whose header is damaged", REMOVED, True),
    Kind.TOO_LARGE: About(
        ERROR,
        "an image with more pixels, or a file with more bytes, than the limit: it could exhaust memory",
        "scale it down, or raise max_pixels= or max_bytes= if it is intended; fix=true leaves it out",
        True,
    ),
    Kind.TRUNCATED: About(ERROR, "the file ends before the image does", REMOVED, True),
    Kind.UNDECODABLE: About(ERROR, "the pixels cannot be decoded", REMOVED, True),
    Kind.DAMAGED: About(ERROR, "image data is missing or corrupt: parts decode as grey or garbage", REMOVED, True),
    Kind.DOUBTFUL_DATA: About(
        WARNING, "the image decodes with a warning about its data", "look at it, and copy it again if it is damaged"
    ),
    Kind.WRONG_EXTENSION: About(
        WARNING, "the file extension does not match the content", "rename it; fix=true does, its entry too"
    ),
    Kind.ANIMATED: About(
        WARNING,
        "several pages or pictures in one file: the first is used",
        "store each one needed in its own file; fix=true keeps the first",
    ),
    Kind.CMYK: About(WARNING, "CMYK instead of RGB", "convert it to RGB; fix=true does"),
    Kind.DEEP: About(
        WARNING, "more than 8 bits per channel: they are rounded to 8", "convert it to 8 bits; fix=true does"
    ),
    Kind.TRANSPARENT: About(
        WARNING,
        "transparent pixels: they are read as white",
        "check that its ink is dark; fix=true puts it on the white background that it is read on",
    ),
    Kind.ALPHA: About(NOTE, "an alpha channel, opaque everywhere", "nothing to do; fix=true removes it"),
    Kind.GREY: About(NOTE, "a grey image: it is read as RGB", "nothing to do"),
    Kind.EXIF_ROTATED: About(NOTE, "EXIF turns the image: it is turned when it is read", "fix=true stores it upright"),
    Kind.DUPLICATE_ACROSS_SPLITS: About(
        ERROR,
        "the same pixels as an image of another split: scores would not be of unseen images",
        "keep one; fix=true drops it from the training split",
    ),
    Kind.DUPLICATE_IN_SPLIT: About(
        WARNING, "the same pixels as another image of the split", "keep one; fix=true keeps the first"
    ),
    Kind.NEAR_DUPLICATE: About(
        WARNING, "looks like another image: the same receipt scanned or saved twice?", "look at both and keep one"
    ),
    Kind.BAD_WORD: About(ERROR, "a word's entry does not have the format's form", BY_HAND, True),
    Kind.REPEATED_WORD: About(ERROR, "a word is lost: a later one has the same key", "rename one; fix=true does"),
    Kind.NOT_FINITE: About(ERROR, "a coordinate is NaN, infinite or beyond float32", BY_HAND, True),
    Kind.TOO_FEW_POINTS: About(ERROR, "a polygon with fewer than three points", BY_HAND, True),
    Kind.CROSSES_ITSELF: About(
        ERROR, "the polygon crosses itself", "order its points; fix=true keeps its largest simple part"
    ),
    Kind.NO_AREA: About(ERROR, "the polygon has no area", BY_HAND),
    Kind.OUT_OF_BOUNDS: About(
        ERROR, "the polygon leaves the image by more than two pixels", "correct it; fix=true clips it"
    ),
    Kind.OVER_THE_BORDER: About(
        NOTE, "the polygon leaves the image by less than two pixels", "nothing to do; fix=true clips it"
    ),
    Kind.DUPLICATE_POLYGON: About(
        WARNING, "the same polygon as another word of the image", "remove one; fix=true keeps the first"
    ),
    Kind.OVERLAP: About(
        WARNING, "more than half of the smaller of two words lies in the other", "look at both; one may be drawn twice"
    ),
    Kind.IN_IGNORED: About(
        ERROR,
        "more than half of a word lies in an ignored region: training skips it, and IoU ignores detections of it",
        "draw the ignored region around other text only; fix=true leaves the ignored region out",
    ),
    Kind.COUNTER_CLOCKWISE: About(
        WARNING,
        "the points run counter-clockwise: words cannot be joined to lines",
        "reverse their order; fix=true does",
    ),
    Kind.START_CORNER: About(
        NOTE, "the points do not start at the top left corner", "nothing to do; fix=true orders them"
    ),
    Kind.LOST_CHARACTERS: About(
        WARNING, "U+FFFD stands for characters that an earlier conversion lost", "correct the transcription"
    ),
    Kind.CONTROL_CHARACTERS: About(
        WARNING,
        "invisible characters: control characters, zero-width marks",
        "remove them; fix=true does",
    ),
    Kind.MOJIBAKE: About(
        WARNING, "UTF-8 that was read as Latin-1 or Windows-1252", "decode it as UTF-8; fix=true does"
    ),
    Kind.EMPTY_TEXT: About(
        NOTE,
        "a text without a character that prints: a recogniser does not learn the region",
        "write what is printed, null if it is not known, or ignore the region",
    ),
    Kind.TEXT_TOO_DENSE: About(
        WARNING,
        "a region too narrow for its text: no recogniser can read it, and none can learn it",
        "correct the polygon or the text in the annotation file",
    ),
    Kind.OUTSIDE_CHARSET: About(
        WARNING,
        "a text with characters that are not in the charset: a recogniser does not learn the line",
        "train with a charset that has them, or correct the text",
    ),
    Kind.READ_OTHERWISE: About(
        NOTE,
        "the recogniser is sure of another text; the largest differences are likely to be wrong labels",
        "compare with the image, correct the text or the polygon",
    ),
    Kind.NOT_A_DATE: About(
        WARNING, "the text of a date field has no date in it", "correct the text, or label the word that has the date"
    ),
    Kind.NOT_AN_AMOUNT: About(
        WARNING, "the text of an amount field has no number in it", "correct the text, or label the word that has it"
    ),
    Kind.FIELD_NOT_IN_TEXT: About(
        WARNING,
        "a date or an amount in the receipt's fields that none of its words has",
        "compare with the image, correct the field or the words' texts, or annotate the missing word",
    ),
    Kind.ITEM_WITHOUT_PRICE: About(
        WARNING,
        "an item of which a name is labelled (menu.nm) and no price (menu.price)",
        "label its price, or correct the number of the item",
    ),
}


LEFT_OUT = frozenset({kind for kind, about in ABOUT.items() if about.unreadable}) | {
    Kind.REPEATED_IMAGE,
    Kind.EXTRA_IMAGE,
    Kind.SIZE_DIFFERS,
    Kind.DUPLICATE_ACROSS_SPLITS,
    Kind.DUPLICATE_IN_SPLIT,
}
"""Flaws for which a repair leaves an image out."""
