"""PAGE XML as the tools of layout analysis write it, and as nobody should."""

import re
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import encoded_images
from ocr.formats.common.base import AnnotationError
from ocr.formats.common.names import PAGE_NAMESPACE
from ocr.formats.convert import convert
from ocr.formats.native import read_native
from ocr.formats.page import read_page, write_page
from ocr.formats.page_elements import MAX_BYTES
from ocr.metrics import iou_counts
from ocr.types import Record, Word
from tests.support.foreign import told

PLACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent"
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="{place}/2019-07-15" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="{place}/2019-07-15 {place}/2019-07-15/pagecontent.xsd" pcGtsId="p1">
 <Metadata><Creator>somebody</Creator><Created>2024-05-03T10:20:47</Created><LastChange>2024-05-03T10:20:47</LastChange>
 </Metadata>
 <Page imageFilename="a.png" imageWidth="60" imageHeight="80">
""".replace("{place}", PLACE)
TAIL = " </Page>\n</PcGts>\n"
BODY = """
  <ReadingOrder><OrderedGroup id="o"><RegionRefIndexed regionRef="r0" index="0"/></OrderedGroup></ReadingOrder>
  <TextRegion id="r0" type="paragraph">
   <Coords points="0,0 50,0 50,30 0,30"/>
   <TextLine id="l0" custom="readingOrder {index:0;}">
    <Coords points="1,2 40,2 40,10 1,10"/>
    <Baseline points="1,9 40,9"/>
    <Word id="w0"><Coords points="1,2 20,2 20,10 1,10"/><TextEquiv><Unicode>Grüße</Unicode></TextEquiv></Word>
    <Word id="w1" custom="readingOrder {index:1;} ignore {value:true;}">
     <Coords points="22,2 40,2 40,10 22,10"/>
     <Glyph id="g0"><Coords points="22,2 30,2 30,10 22,10"/><TextEquiv><Unicode>x</Unicode></TextEquiv></Glyph>
    </Word>
    <TextEquiv><Unicode>Grüße x</Unicode></TextEquiv>
   </TextLine>
   <TextLine id="l1">
    <Coords points="1,12 40,12 40,20 1,20"/>
    <TextEquiv index="1"><Unicode>9,OO</Unicode></TextEquiv>
    <TextEquiv index="0"><PlainText>9.00</PlainText><Unicode>9,00</Unicode></TextEquiv>
   </TextLine>
   <TextEquiv><Unicode>Grüße x
9,00</Unicode></TextEquiv>
  </TextRegion>
  <TableRegion id="t0">
   <Coords points="0,40 50,40 50,60 0,60"/>
   <TextRegion id="r1"><Coords points="1,42 20,42 20,50 1,50"/>
    <TextEquiv><Unicode>cell</Unicode></TextEquiv></TextRegion>
   <TextRegion id="r2"><Coords points="1,52 20,52 20,60 1,60"/>
    <TextLine id="l2"><Coords points="2,53 9,53 9,59"/><TextEquiv><Unicode/></TextEquiv></TextLine>
   </TextRegion>
  </TableRegion>
  <GraphicRegion id="x0"><Coords points="30,60 50,60 50,70 30,70"/></GraphicRegion>
"""
picture = partial(encoded_images.picture, size=(60, 80))


def page(path: Path, body: str = BODY, head: str = HEAD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + body + TAIL, encoding="utf-8")
    return path


def box(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


@pytest.mark.parametrize(
    ("file", "image"),
    [("a.xml", "a.png"), ("page/a.xml", "a.png"), ("page/a.xml", "images/a.png"), ("a.xml", "images/a.png")],
)
def test_a_page(tmp_path: Path, file: str, image: str) -> None:
    picture(tmp_path / image)
    path = page(tmp_path / file)
    for source in (path, tmp_path):
        data = read_page(source)
        assert not data.left_out
        (record,) = data.records
        assert record.image_path == tmp_path / image
        assert (record.width, record.height) == (60, 80)
        assert {key: (w.points_N2.tolist(), w.transcription, w.line, w.ignore) for key, w in record.words.items()} == {
            "w0": (box(1, 2, 20, 10), "Grüße", 1, False),
            "w1": (box(22, 2, 40, 10), None, 1, True),
            "l1": (box(1, 12, 40, 20), "9,00", 2, False),
            "r1": (box(1, 42, 20, 50), "cell", None, True),
            "l2": ([[2, 53], [9, 53], [9, 59]], "", 3, False),
        }


def test_labels_in_custom_and_values_of_the_page(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    attribute = '<UserAttribute name="{}" description="{}" type="xsd:string" value="{}"/>'
    defined = attribute.format("total", "field", "9.00 &amp;&#10;x") + attribute.format("scanner", "device", "A")
    custom = "readingOrder {index:0;} field {value:menu%2Enm;} item {value:2;}"
    body = BODY.replace('id="w0"', f'id="w0" custom="{custom}"').replace(
        'custom="readingOrder {index:1;} ', 'custom="field {offset:0; length:1;} field{ value : total } '
    )
    page(tmp_path / "a.xml", f"<UserDefined>{defined}</UserDefined>{body}")
    (record,) = read_page(tmp_path).records
    assert {key: (w.field, w.item, w.ignore) for key, w in record.words.items() if key in ("w0", "w1", "l1")} == {
        "w0": ("menu.nm", 2, False),
        "w1": ("total", None, True),
        "l1": (None, None, False),
    }
    assert record.fields == {"total": "9.00 &\nx"}
    page(tmp_path / "a.xml", BODY.replace('id="w0"', 'id="w0" custom="item {value:none;}"'))
    data = read_page(tmp_path)
    assert re.search(r"a\.xml: Word 'w0', item: Expected `int`.*is 'none'; correct or remove it", told(data))
    assert "w0" not in data.records[0].words


def test_an_older_page(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    points = '<Coords><Point x="1" y="2"/><Point x="20" y="2"/><Point x="20" y="10"/></Coords>'
    body = f'<TextRegion id="r">{points}<TextLine id="l">{points}</TextLine></TextRegion>'
    page(tmp_path / "a.xml", body, HEAD.replace("2019-07-15", "2010-03-19"))
    (record,) = read_page(tmp_path).records
    assert {key: word.points_N2.tolist() for key, word in record.words.items()} == {"l": [[1, 2], [20, 2], [20, 10]]}


def test_a_prefix_changes_nothing(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    plain = HEAD + BODY + TAIL
    prefixed = re.sub(r"<(/?)(?=[A-Z])", r"<\1pc:", plain).replace("xmlns=", "xmlns:pc=")
    (tmp_path / "a.xml").write_text(prefixed, encoding="utf-8")
    (record,) = read_page(tmp_path).records
    assert list(record.words) == ["w0", "w1", "l1", "r1", "l2"]


BOMB = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    "declared",
    [
        f'<!DOCTYPE PcGts [<!ENTITY l0 "lol">{BOMB}]>',
        '<!DOCTYPE PcGts [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE PcGts SYSTEM "http://example.org/pagecontent.dtd">',
        '<!DOCTYPE PcGts [<!ENTITY % l9 SYSTEM "http://example.org/x.dtd"> %l9;]>',
        "<!DOCTYPE PcGts>",
    ],
)
def test_entities_and_document_types_are_refused(tmp_path: Path, declared: str) -> None:
    picture(tmp_path / "a.png")
    region = (
        '<TextRegion id="r"><Coords points="1,1 2,1 2,2"/><TextEquiv><Unicode>&l9;</Unicode></TextEquiv></TextRegion>'
    )
    page(tmp_path / "a.xml", region, HEAD.replace("<PcGts", f"{declared}\n<PcGts"))
    assert re.search(r"a\.xml: declares a document type or entities .*; remove them", told(read_page(tmp_path)))


def test_size_and_depth_are_bounded(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    with (tmp_path / "a.xml").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert re.search(rf"a\.xml: cannot be read: it has {MAX_BYTES + 1} bytes", told(read_page(tmp_path)))
    depth = 100_000
    page(tmp_path / "a.xml", '<TextRegion id="r">' * depth + "</TextRegion>" * depth)
    assert re.search("nested more than", told(read_page(tmp_path)))


LINE = '<TextRegion id="r"><TextLine id="l">{}</TextLine></TextRegion>'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (LINE.format(""), "TextLine 'l': has no Coords"),
        (LINE.format('<Coords points="1,2 3"/>'), "TextLine 'l': points '1,2 3' must be x,y x,y"),
        (LINE.format('<Coords points="1,2 3,x"/>'), "TextLine 'l': points '1,2 3,x' must be"),
        (LINE.format('<Coords points="1,2 3,nan"/>'), "TextLine 'l': points '1,2 3,nan' are not all finite"),
        (LINE.format('<Coords><Point x="1"/></Coords>'), "TextLine 'l': points '1,None' must be"),
        (LINE.format('<Coords points="1,2 3,4 5,6"/>') * 2, "TextLine 'l': another element has this id"),
        ("<TextRegion>", r"is not XML \(mismatched tag"),
        ("\x01", r"is not XML \(not well-formed"),
    ],
)
def test_faults_are_named(tmp_path: Path, body: str, said: str) -> None:
    picture(tmp_path / "a.png")
    page(tmp_path / "a.xml", body)
    assert re.search(rf"a\.xml: {said}", told(read_page(tmp_path)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"60"', '"-60"', "imageWidth='-60' is not a number of pixels"),
        ('"80"', '"8e1"', "imageHeight='8e1' is not a number of pixels"),
        (' imageWidth="60"', "", "imageWidth='' is not a number of pixels"),
        ("a.png", "../b.png", r"imageFilename '\.\./b\.png': the name leads out"),
        ('imageFilename="a.png"', "", "imageFilename '': the name must be"),
        ("PcGts", "alto", "its root is 'alto', not PcGts"),
        ("<Page ", "<Sheet ", "is not XML"),
        ("UTF-8", "klingon", r"is not XML \(unknown encoding"),
        ("UTF-8", "UTF-16", "is not XML"),
    ],
)
def test_wrong_heads_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    picture(tmp_path / "a.png")
    text = (HEAD + BODY + TAIL).replace(old, new)
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    assert re.search(rf"a\.xml: {said}", told(read_page(tmp_path)))
    with pytest.raises(AnnotationError, match="neither an XML file nor a folder with"):
        read_page(tmp_path / "empty")


def test_writes_the_schema_s_order_and_lists_the_rest(tmp_path: Path) -> None:
    image = picture(tmp_path / "a.png")
    square = np.array(box(1, 2, 20, 10), np.float32)
    words = {
        "0001": Word(square, "<b>\x07", line=7),
        "0002": Word(square + 0.25, ignore=True),
        "in der 1": Word(square + np.float32([20, 0]), "", line=7),
    }
    told = write_page([Record(image, words, 60, 80)], tmp_path / "out", "val")
    root = ElementTree.parse(tmp_path / "out/val/page/a.xml").getroot()
    assert root.tag == f"{{{PAGE_NAMESPACE}}}PcGts"
    order = [element.tag.rpartition("}")[2] for element in root.iter()]
    line = ["TextLine", "Coords", "Word", "Coords"]
    assert order == [
        *("PcGts", "Metadata", "Creator", "Created", "LastChange", "Page", "TextRegion", "Coords"),
        *(*line, "TextEquiv", "Unicode", "Word", "Coords", "TextEquiv", "Unicode"),
        *line,
    ]
    points = [element.get("points") or "" for element in root.iter(f"{{{PAGE_NAMESPACE}}}Coords")]
    assert all(re.fullmatch("([0-9]+,[0-9]+ )+([0-9]+,[0-9]+)", each) for each in points)  # the schema's pattern
    ids = [element.get("id") or "" for element in root.iter() if element.get("id")]
    assert ids == ["region", "line_1", "word_0001", "word_.3", "line_2", "word_0002"]
    assert [element.text for element in root.iter(f"{{{PAGE_NAMESPACE}}}Unicode")] == ["<b>", None]
    assert told == [
        "corners in whole pixels: 1 words, such as a.png, word 0002: [[1.25, 2.25], [20.25, 2.25], [20.25, 10.25], "
        "[1.25, 10.25]] becomes [[1.0, 2.0], [20.0, 2.0], [20.0, 10.0], [1.0, 10.0]]",
        "a.png, word 0001: loses the characters that XML cannot hold in '<b>\\x07'",
        "line numbers: 3 words, such as a.png, word 0001: line 7 is 1; a.png, word in der 1: line 7 is 1; "
        "a.png, word 0002: line None is 2",
        "keys: 1 words, such as a.png, word in der 1 is .3",
    ]


def test_a_name_that_xml_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"image 'a\\x07\.png': the name has characters"):
        write_page([Record(tmp_path / "a\x07.png", {}, 8, 8)], tmp_path / "out", "val")


POINTS = '<Coords points="1,2 20,2 20,10 1,10"/>'


@pytest.mark.parametrize("level", ["TextRegion", "TextLine", "Word"])
def test_what_is_in_an_ignored_element_is_ignored(tmp_path: Path, level: str) -> None:
    picture(tmp_path / "a.png")
    body = f'<TextRegion id="r"><TextLine id="l"><Word id="w">{POINTS}</Word></TextLine></TextRegion>'
    plain = body + body.replace('="r"', '="r2"').replace('="l"', '="l2"').replace('="w"', '="w2"')
    page(tmp_path / "a.xml", plain.replace(f"<{level} ", f'<{level} custom="ignore {{value:true;}}" ', 1))
    (record,) = read_page(tmp_path).records
    assert {key: word.ignore for key, word in record.words.items()} == {"w": True, "w2": False}


def test_what_is_said_beside_the_coordinates_moves_nothing(tmp_path: Path) -> None:
    """They are pixels of imageFilename: orientation says how much to turn a region to read it, not where it is."""
    picture(tmp_path / "a.png")
    region = (
        '<AlternativeImage filename="cropped.png" comments="cropped,deskewed"/>'
        f'<Border><Coords points="5,5 50,5 50,70 5,70"/></Border><PrintSpace>{POINTS}</PrintSpace>'
        '<TextRegion id="r" orientation="45.0" readingDirection="bottom-to-top" production="handwritten-cursive">'
        f'<Coords conf="0.3" points="0,0 9,0 9,9"/><TextLine id="l" readingOrientation="90">{POINTS}</TextLine>'
        "</TextRegion>"
    )
    page(tmp_path / "a.xml", region, HEAD.replace("imageFilename", 'orientation="90" imageFilename'))
    (record,) = read_page(tmp_path).records
    assert {key: word.points_N2.tolist() for key, word in record.words.items()} == {"l": box(1, 2, 20, 10)}


def test_lines_are_found_in_cells_of_tables_and_in_regions_in_regions(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    line = f'<TextLine id="{{}}">{POINTS}</TextLine>'
    page(
        tmp_path / "a.xml",
        f'<TableRegion id="t">{POINTS}<TableCell id="c" row="0" col="0">{POINTS}{line.format("l1")}</TableCell>'
        f'</TableRegion><TextRegion id="r">{POINTS}<TextRegion id="s">{POINTS}{line.format("l2")}</TextRegion>'
        "</TextRegion>",
    )
    (record,) = read_page(tmp_path).records
    assert {key: (word.line, word.ignore) for key, word in record.words.items()} == {
        "l1": (1, False),
        "l2": (2, False),
    }


def test_a_file_of_several_pages_is_left_out(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    second = '</Page><Page imageFilename="b.png" imageWidth="60" imageHeight="80">'
    page(tmp_path / "a.xml", second)
    assert "a.xml: has 2 elements Page, PAGE XML has one; write a file for each" in told(read_page(tmp_path))


def test_one_damaged_file_costs_no_other(tmp_path: Path) -> None:
    for stem in "ab":
        picture(tmp_path / f"{stem}.png")
        page(tmp_path / f"{stem}.xml", head=HEAD.replace("a.png", f"{stem}.png"))
    (tmp_path / "a.xml").write_text("<PcGts>", encoding="utf-8")
    data = read_page(tmp_path)
    assert [record.name for record in data.records] == ["b.png"]
    assert "a.xml is left out" in told(data)


def test_two_outlines_of_one_element_are_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    page(tmp_path / "a.xml", LINE.format(POINTS * 2))
    assert "TextLine 'l': has 2 Coords, where one is needed" in told(read_page(tmp_path))


def test_a_plain_text_is_a_text(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    said = "<TextEquiv><PlainText>9.00</PlainText></TextEquiv>"
    page(tmp_path / "a.xml", LINE.format(POINTS + said))
    assert [word.transcription for word in read_page(tmp_path).records[0].words.values()] == ["9.00"]


AROUND = '<TextRegion id="around"><Coords points="0,0 60,0 60,38 0,38"/></TextRegion>'
INNER = '<TextRegion id="own"><Coords points="2,2 40,2 40,12 2,12"/>{}</TextRegion>'
ROW = '<TextLine id="l"><Coords points="3,3 39,3 39,11 3,11"/></TextLine>'


@pytest.mark.parametrize(
    "body",
    [
        AROUND + INNER.format(ROW),  # beside each other in the file
        INNER.format(ROW) + AROUND,
        INNER.format(ROW) + AROUND.replace("38", "9"),  # around most of it
    ],
)
def test_a_region_without_lines_around_another_s_is_left_out_and_told(tmp_path: Path, body: str) -> None:
    picture(tmp_path / "a.png")
    lone = '<TextRegion id="lone"><Coords points="2,50 40,50 40,60 2,60"/></TextRegion>'
    page(tmp_path / "a.xml", body + lone)
    data = read_page(tmp_path)
    (record,) = data.records
    assert {key: word.ignore for key, word in record.words.items()} == {"l": False, "lone": True}
    (told,) = data.frames
    assert told.endswith("a.xml: TextRegion 'around' has l in it")
    report = convert(data, tmp_path / "out", "all")
    assert report.around_words == [told]
    assert report.left_out == report.faults == []


def test_what_is_annotated_is_a_perfect_answer(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    page(tmp_path / "a.xml", AROUND + INNER.format(ROW))
    convert(read_page(tmp_path), tmp_path / "out", "all")
    (record,) = read_native(tmp_path / "out" / "jsons" / "all.json")
    words = list(record.words.values())
    (half,) = iou_counts(words, [word.points_N2 for word in words if not word.ignore], [0.5])
    assert (half.hmean, half.truth) == (1.0, 1)
