"""What a check knows of each kind of flaw: how bad it is, what it means, what to do about it."""

from __future__ import annotations

from ocr.checks.kinds import About, Kind, Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
REMOVED = "copy it again from where it came, or remove it; fix=true leaves it out"
BY_HAND = "correct or remove it in the annotation file; fix=true leaves it out"

ABOUT: dict[Kind, About] = {
    Kind.ANNOTATION_UNREADABLE: About(
        ERROR, "the annotation file holds no images that can be read", "write it again, or convert it", True
    ),
    Kind.NO_ANNOTATION_FILE: About(
        ERROR, "a split has images and no annotation file", "add jsons/<split>.json, or remove the images", True
    ),
    Kind.NOT_STANDARD_JSON: About(
        ERROR,
        "only lenient readers take the file: NaN, Infinity or half a surrogate pair in it, or not UTF-8 without a mark",
        "write standard JSON in UTF-8; fix=true does",
    ),
    Kind.INVALID_UTF8: About(
        ERROR, "the file holds bytes that are no UTF-8", "save it as UTF-8; fix=true does, with U+FFFD for the bytes"
    ),
    Kind.STRAY_FILE: About(NOTE, "a file among the images that was not meant as one", "move it elsewhere"),
    Kind.NO_TEXT: About(
        ERROR,
        "a split without any text to find: no words, or all of them ignored; a training refuses it",
        "annotate text, or leave the split out",
    ),
    Kind.NO_LINE_NUMBERS: About(
        NOTE,
        "words without a line number: data.granularity=line, the default of a training, refuses them",
        "train with data.granularity=word, or add line to each word",
    ),
    Kind.BAD_ENTRY: About(ERROR, "an image's entry has another form than the format's", BY_HAND, True),
    Kind.REPEATED_IMAGE: About(
        ERROR,
        "an image has two entries, of which a reader keeps the last",
        "join or rename them; fix=true keeps the last too",
    ),
    Kind.NAME_TWINS: About(
        ERROR,
        "two names look the same and differ in Unicode's normal form alone: who joins by names takes one of the two",
        "rename one; fix=true does where both are annotated",
    ),
    Kind.NAME_FORM: About(
        NOTE,
        "the annotation spells the file's name in another of Unicode's normal forms: other programs may miss the file",
        "nothing has to be done here; fix=true names the file as the annotation does",
    ),
    Kind.UNSAFE_NAME: About(ERROR, "the name leads out of the image folder", BY_HAND, True),
    Kind.OUTSIDE_LINK: About(
        ERROR,
        "a symbolic link leads out of the data folder",
        "put the file itself there, or give follow_links=true where links are meant; fix=true leaves it out",
        True,
    ),
    Kind.MISSING_IMAGE: About(
        ERROR, "an image is annotated and not there", "add it or remove its entry; fix=true removes it", True
    ),
    Kind.EXTRA_IMAGE: About(
        WARNING, "an image is there and not annotated: it is not used", "annotate or remove it; fix=true leaves it out"
    ),
    Kind.SIZE_SWAPPED: About(
        ERROR,
        "width and height are exchanged: the polygons are of the image before EXIF turned it, or turned twice",
        "where the image has an EXIF orientation, runners/convert.py format=native frame=raw; else correct img_w and "
        "img_h; fix=true turns the polygons where EXIF explains it, and leaves the image out elsewhere",
    ),
    Kind.SIZE_DIFFERS: About(
        ERROR,
        "the annotation states another size than the image has",
        "put the annotated image there, or correct img_w and img_h; fix=true leaves it out",
    ),
    Kind.NO_WORDS: About(WARNING, "an image without words", "annotate it, if it holds text"),
    Kind.IGNORE_ONLY: About(NOTE, "an image all of whose words are ignored: it teaches nothing", "nothing, if meant"),
    Kind.RELATIVE: About(
        ERROR,
        "coordinates between 0 and 1: shares of the image's sides, not pixels",
        "multiply x by the image's width and y by its height; fix=true does, and leaves a single word among pixels out",
    ),
    Kind.OTHER_SCALE: About(
        WARNING,
        "all words stand in the corner of a large image: per cent or per mille of its sides, not pixels?",
        "look at it; if so, multiply x by the image's width and y by its height, and divide by 100 or 1000",
    ),
    Kind.EMPTY_FILE: About(ERROR, "an image file of no bytes", REMOVED, True),
    Kind.NOT_AN_IMAGE: About(ERROR, "a file that is no image, or whose header is damaged", REMOVED, True),
    Kind.TOO_LARGE: About(
        ERROR,
        "an image of more pixels, or a file of more bytes, than the limit: it could exhaust the memory",
        "scale it down, or raise max_pixels= or max_bytes= if it is meant; fix=true leaves it out",
        True,
    ),
    Kind.TRUNCATED: About(ERROR, "the file ends before the image does", REMOVED, True),
    Kind.UNDECODABLE: About(ERROR, "the pixels cannot be decoded", REMOVED, True),
    Kind.DAMAGED: About(
        ERROR, "data of the image are missing or wrong: parts of it decode as grey or garbage", REMOVED, True
    ),
    Kind.DOUBTFUL_DATA: About(
        WARNING, "the image decodes, with a complaint about its data", "look at it, and copy it again if it is damaged"
    ),
    Kind.WRONG_EXTENSION: About(
        WARNING, "the name's ending is not that of the content", "rename it; fix=true does, its entry too"
    ),
    Kind.ANIMATED: About(
        WARNING,
        "several pages or pictures in one file: the first is used",
        "store each that is meant in a file of its own; fix=true keeps the first",
    ),
    Kind.CMYK: About(WARNING, "inks instead of red, green and blue", "convert it to RGB; fix=true does"),
    Kind.DEEP: About(
        WARNING, "more than 8 bits a channel: they are rounded to 8", "convert it to 8 bits; fix=true does"
    ),
    Kind.TRANSPARENT: About(
        WARNING,
        "transparent pixels: they are read as white",
        "look whether its ink is dark; fix=true puts it on the white ground that it is read on",
    ),
    Kind.ALPHA: About(NOTE, "an alpha channel, opaque everywhere", "nothing has to be done; fix=true removes it"),
    Kind.GREY: About(NOTE, "a grey image: it is read as RGB", "nothing has to be done"),
    Kind.EXIF_ROTATED: About(
        NOTE, "EXIF says that the image is to be turned: that is done on reading", "fix=true stores it upright"
    ),
    Kind.DUPLICATE_ACROSS_SPLITS: About(
        ERROR,
        "the same pixels as an image of another split: what is measured there was seen before",
        "keep one; fix=true drops it from the split that is learnt from",
    ),
    Kind.DUPLICATE_IN_SPLIT: About(
        WARNING, "the same pixels as another image of the split", "keep one; fix=true keeps the first"
    ),
    Kind.NEAR_DUPLICATE: About(
        WARNING, "looks like another image: the same receipt scanned or saved twice?", "look at both, keep one"
    ),
    Kind.BAD_WORD: About(ERROR, "a word's entry has another form than the format's", BY_HAND, True),
    Kind.REPEATED_WORD: About(ERROR, "a word is lost: a later one has the same key", "rename one; fix=true does"),
    Kind.NOT_FINITE: About(ERROR, "a coordinate is NaN, infinite or beyond float32", BY_HAND, True),
    Kind.TOO_FEW_POINTS: About(ERROR, "a polygon of fewer than three points", BY_HAND, True),
    Kind.CROSSES_ITSELF: About(
        ERROR, "the polygon crosses itself", "order its points; fix=true keeps its largest simple part"
    ),
    Kind.NO_AREA: About(ERROR, "the polygon has no area", BY_HAND),
    Kind.OUT_OF_BOUNDS: About(
        ERROR, "the polygon leaves the image by more than annotators' haste explains", "correct it; fix=true clips it"
    ),
    Kind.OVER_THE_BORDER: About(
        NOTE, "the polygon leaves the image by less than two pixels", "nothing has to be done; fix=true clips it"
    ),
    Kind.DUPLICATE_POLYGON: About(
        WARNING, "the same polygon as another word of the image", "remove one; fix=true keeps the first"
    ),
    Kind.OVERLAP: About(
        WARNING, "more than half of the smaller of two words lies in the other", "look at both; one may be drawn twice"
    ),
    Kind.IN_IGNORED: About(
        ERROR,
        "more than half of a word lies in an ignored region: it is not learnt, and IoU leaves out what finds it",
        "draw the ignored region around other text alone; fix=true leaves the ignored region out",
    ),
    Kind.COUNTER_CLOCKWISE: About(
        WARNING,
        "the points run counter-clockwise: the text's lines cannot be joined from them",
        "turn their order round; fix=true does",
    ),
    Kind.START_CORNER: About(
        NOTE, "the points do not start at the top left corner", "nothing has to be done; fix=true orders them"
    ),
    Kind.LOST_CHARACTERS: About(
        WARNING, "U+FFFD stands for characters that an earlier conversion lost", "correct the transcription"
    ),
    Kind.CONTROL_CHARACTERS: About(
        WARNING,
        "characters that print nothing: control characters, marks of zero width",
        "remove them; fix=true does",
    ),
    Kind.MOJIBAKE: About(WARNING, "UTF-8 that was read as Latin-1 or Windows-1252", "decode it rightly; fix=true does"),
}


LEFT_OUT = frozenset({kind for kind, about in ABOUT.items() if about.unreadable}) | {
    Kind.REPEATED_IMAGE,
    Kind.EXTRA_IMAGE,
    Kind.SIZE_DIFFERS,
    Kind.DUPLICATE_ACROSS_SPLITS,
    Kind.DUPLICATE_IN_SPLIT,
}
"""Flaws of an image for which a repair leaves it out."""
