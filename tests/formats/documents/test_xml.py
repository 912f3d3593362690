"""hOCR, ALTO and PAGE: valid by their schemas or checker, and what is read back is what was written."""

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from defusedxml import ElementTree
from hypothesis import given
from lxml import etree

from ocr.formats.documents.common import DocumentPage, words_of
from ocr.formats.documents.registry import DOCUMENTS
from ocr.formats.page import read_page
from ocr.page import Page, TextLine
from ocr.pipeline.orientation import in_file
from ocr.types import FloatArray, InputError
from ocr.utils.path_utils import REPOSITORY_ROOT
from pages_read import EMPTY, RECEIPT, SIZE, UNHELD, box, pages
from tests.support.encoded_images import picture

SCHEMAS = Path(__file__).with_name("schemas")
KINDS = ("hocr", "alto", "page")
XLINK = """<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/1999/xlink">
<attributeGroup name="simpleLink"/></schema>"""
HOCR = "http://www.w3.org/1999/xhtml"
ALTO = "http://www.loc.gov/standards/alto/ns-v4#"
PAGE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
Read = list[tuple[str, list[tuple[str, tuple[float, ...], float]]]]
"""Of each line its block, and of each word its text, box and confidence."""


class Offline(etree.Resolver):
    def resolve(self, address: str, _: object, context: object) -> object:
        return self.resolve_string(XLINK, context) if "xlink" in address else None


@pytest.fixture(scope="module")
def schemas() -> dict[str, etree.XMLSchema]:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Offline())
    files = {"alto": "alto-4-3.xsd", "page": "pagecontent.xsd"}
    return {kind: etree.XMLSchema(etree.parse(SCHEMAS / name, parser)) for kind, name in files.items()}


def write(kind: str, *read: Page, path: Path, image: str = "a.png") -> list[bytes]:
    document = DOCUMENTS[kind]
    numbered = [DocumentPage(image, page, number) for number, page in enumerate(read, start=1)]
    return [file.read_bytes() for file in document.write(numbered, path / f"a{document.ending}")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


def properties(element: Element) -> dict[str, list[str]]:
    parts = (part.split() for part in element.get("title", "").split(";"))
    return {name: values for name, *values in parts}


def read_hocr(content: bytes, number: int = 1) -> Read:
    (top,) = ElementTree.fromstring(content).iterfind(f".//*[@id='page_{number}']")
    lines = []
    for block in top.iterfind(".//*[@class='ocr_par']"):
        for element in block.iterfind("*[@class='ocr_line']"):
            words = []
            for word in element.iterfind("*[@class='ocrx_word']"):
                values = properties(word)
                words.append((word.text or "", tuple(map(float, values["bbox"])), float(values["x_wconf"][0]) / 100))
            lines.append((block.get("id", ""), words))
    return lines


def read_alto(content: bytes, number: int = 1) -> Read:
    top = list(ElementTree.fromstring(content).iter(f"{{{ALTO}}}Page"))[number - 1]
    lines = []
    for block in top.iter(f"{{{ALTO}}}TextBlock"):
        for element in block.iterfind(f"{{{ALTO}}}TextLine"):
            words = []
            for word in element.iterfind(f"{{{ALTO}}}String"):
                left, up, width, height = (float(word.get(name, "")) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
                place = (left, up, left + width, up + height)
                words.append((word.get("CONTENT", ""), place, float(word.get("WC", ""))))
            lines.append((block.get("ID", ""), words))
    return lines


def read_page_xml(content: bytes, _: int = 1) -> Read:
    lines = []
    for block in ElementTree.fromstring(content).iter(f"{{{PAGE}}}TextRegion"):
        for element in block.iterfind(f"{{{PAGE}}}TextLine"):
            words = []
            for word in element.findall(f"{{{PAGE}}}Word") or [element]:
                points = word.find(f"{{{PAGE}}}Coords").get("points").split()
                xs, ys = zip(*(map(float, point.split(",")) for point in points), strict=True)
                equiv = word.find(f"{{{PAGE}}}TextEquiv")
                text = equiv.find(f"{{{PAGE}}}Unicode").text or ""
                words.append((text, (min(xs), min(ys), max(xs), max(ys)), float(equiv.get("conf"))))
            lines.append((block.get("id", ""), words))
    return lines


READERS = {"hocr": read_hocr, "alto": read_alto, "page": read_page_xml}


def place(points_N2: FloatArray, size: tuple[int, int] = SIZE) -> tuple[float, ...]:
    points_N2 = np.clip(points_N2, 0, size)
    return (*points_N2.min(axis=0).tolist(), *points_N2.max(axis=0).tolist())


def held(text: str) -> str:
    return "".join("\ufffd" if sign in UNHELD and sign != "\x7f" else sign for sign in text)


def check_same(read: Read, page: Page) -> None:
    assert len(read) == len(page.lines)
    rows: dict[str, int] = {}
    for (block, words), line in zip(read, page.lines, strict=True):
        assert rows.setdefault(block, line.row) == line.row
        for (text, around, confidence), word in zip(words, words_of(line), strict=True):
            assert text == held(word.text)
            np.testing.assert_allclose(around, place(word.points_N2, page.size), atol=1)
            assert confidence == pytest.approx(word.confidence, abs=0.006)
    assert len(rows) == len({line.row for line in page.lines})


def valid(kind: str, content: bytes, schemas: dict[str, etree.XMLSchema]) -> None:
    if kind == "hocr":
        check_hocr(content)
    else:
        schemas[kind].assertValid(etree.parse(io.BytesIO(content)))


def check_hocr(content: bytes) -> None:
    """As hocr-spec checks it, but in this process: its capabilities and properties are for version 1.1."""
    from hocr_spec import HocrValidator

    report = HocrValidator("standard").validate(io.BytesIO(content), filename="a.hocr")
    assert report.is_valid(), report.format("text")


@pytest.mark.parametrize("kind", KINDS)
class TestEveryFormat:
    @pytest.mark.parametrize("page", [RECEIPT, EMPTY], ids=["receipt", "empty"])
    def test_is_valid_and_holds_what_was_read(
        self, kind: str, page: Page, tmp_path: Path, schemas: dict[str, etree.XMLSchema]
    ) -> None:
        (content,) = write(kind, page, path=tmp_path)
        valid(kind, content, schemas)
        check_same(READERS[kind](content), page)

    @given(page=pages())
    def test_any_text(self, kind: str, page: Page, folder: Path, schemas: dict[str, etree.XMLSchema]) -> None:
        (content,) = write(kind, page, path=folder)
        valid(kind, content, schemas)
        check_same(READERS[kind](content), page)

    def test_the_same_pages_give_the_same_bytes(self, kind: str, tmp_path: Path) -> None:
        first = write(kind, RECEIPT, path=tmp_path / "one")
        assert first == write(kind, RECEIPT, path=tmp_path / "other")

    @pytest.mark.parametrize("name", ["a b.png", '"quo\'ted"; bbox 0 0 1 1.png', "영수증 50%.jpg", "a\x01&<\n.png"])
    def test_any_name(self, kind: str, name: str, tmp_path: Path, schemas: dict[str, etree.XMLSchema]) -> None:
        (content,) = write(kind, RECEIPT, path=tmp_path, image=name)
        valid(kind, content, schemas)
        check_same(READERS[kind](content), RECEIPT)

    def test_several_pages(self, kind: str, tmp_path: Path, schemas: dict[str, etree.XMLSchema]) -> None:
        contents = write(kind, RECEIPT, EMPTY, RECEIPT, path=tmp_path)
        for content in contents:
            valid(kind, content, schemas)
        for number, page in enumerate([RECEIPT, EMPTY, RECEIPT], start=1):
            content = contents[number - 1] if kind == "page" else contents[0]
            check_same(READERS[kind](content, number), page)
        names = {file.name for file in tmp_path.iterdir()}
        several = {"a.page.xml", "a-0002.page.xml", "a-0003.page.xml"}
        assert names == (several if kind == "page" else {f"a{DOCUMENTS[kind].ending}"})

    @pytest.mark.parametrize("degrees", [90, 180, 270])
    def test_a_page_that_does_not_stand_upright(
        self, kind: str, degrees: int, tmp_path: Path, schemas: dict[str, etree.XMLSchema]
    ) -> None:
        page = in_file(replace(RECEIPT, orientation=degrees))
        (content,) = write(kind, page, path=tmp_path)
        valid(kind, content, schemas)
        check_same(READERS[kind](content), page)

    def test_no_page(self, kind: str, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no page to write"):
            write(kind, path=tmp_path)
        assert not list(tmp_path.iterdir())


def test_the_schemas_refuse_what_is_wrong(tmp_path: Path, schemas: dict[str, etree.XMLSchema]) -> None:
    for kind, (old, new) in {"alto": (b"HPOS", b"LEFT"), "page": (b"<Coords", b"<Outline")}.items():
        (content,) = write(kind, RECEIPT, path=tmp_path)
        with pytest.raises(etree.DocumentInvalid):
            valid(kind, content.replace(old, new), schemas)


def test_hocr_by_its_own_program(tmp_path: Path) -> None:
    program = str(Path(sys.executable).with_name("hocr-spec"))
    (content,) = write("hocr", RECEIPT, path=tmp_path)
    done = subprocess.run([program, tmp_path / "a.hocr"], capture_output=True, text=True, check=False)
    assert (done.returncode, "Document is valid" in done.stdout) == (0, True), done.stdout + done.stderr
    (tmp_path / "b.hocr").write_bytes(content.replace(b"bbox 20 10", b"box 20 10"))
    assert subprocess.run([program, tmp_path / "b.hocr"], capture_output=True, check=False).returncode == 1


def test_hocr_of_a_tilted_line(tmp_path: Path) -> None:
    (content,) = write("hocr", RECEIPT, path=tmp_path)
    upright, _, tilted, *_ = ElementTree.fromstring(content).iterfind(".//*[@class='ocr_line']")
    assert set(properties(upright)) == {"bbox"}
    values = {name: list(map(float, numbers)) for name, numbers in properties(tilted).items()}
    slope, offset = values["baseline"]
    assert slope == pytest.approx(np.tan(np.deg2rad(6)), abs=1e-3)
    left, _, right, bottom = values["bbox"]
    np.testing.assert_allclose(np.reshape(values["poly"], (4, 2)), RECEIPT.lines[2].points_N2, atol=0.51)
    *_, (x, y), _ = RECEIPT.lines[2].points_N2.tolist()  # its bottom right corner lies on the baseline
    assert bottom + offset + slope * (x - left) == pytest.approx(y, abs=0.6)
    assert right >= x


def test_alto_of_a_tilted_line(tmp_path: Path) -> None:
    (content,) = write("alto", RECEIPT, path=tmp_path)
    lines = list(ElementTree.fromstring(content).iter(f"{{{ALTO}}}TextLine"))
    assert lines[0].get("BASELINE") is None
    assert lines[0].find(f"{{{ALTO}}}SP").get("WIDTH") == "10"
    outline = lines[2].find(f"{{{ALTO}}}Shape/{{{ALTO}}}Polygon").get("POINTS")
    corners = [tuple(map(int, point.split(","))) for point in outline.split()]
    np.testing.assert_allclose(corners, RECEIPT.lines[2].points_N2, atol=0.51)
    assert lines[2].get("BASELINE") == f"{corners[3][0]},{corners[3][1]} {corners[2][0]},{corners[2][1]}"


def test_page_lists_its_rows_and_is_read_as_annotation(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", SIZE)
    (content,) = write("page", RECEIPT, path=tmp_path)
    order = [ref.get("regionRef") for ref in ElementTree.fromstring(content).iter(f"{{{PAGE}}}RegionRefIndexed")]
    assert order == ["row_1", "row_2", "row_3", "row_4", "row_5"]
    (record,) = read_page(tmp_path / "a.page.xml").records
    texts = [word.transcription for word in record.words.values()]
    assert texts == ["Kaffee", "\"&<>'", "9,50", "합계", "", "no words", "edge"]
    assert [word.line for word in record.words.values()] == [1, 1, 2, 3, 4, 5, 6]


def test_a_shorter_document_removes_the_page_files_of_a_longer_one(tmp_path: Path) -> None:
    def files() -> set[str]:
        return {path.name for path in tmp_path.iterdir()}

    write("page", RECEIPT, RECEIPT, RECEIPT, path=tmp_path)
    write("page", RECEIPT, path=tmp_path, image="b.png")  # to a.page.xml: of another image, whose pages are not removed
    assert files() == {"a.page.xml", "a-0002.page.xml", "a-0003.page.xml"}
    (tmp_path / "a-0004.page.xml").write_text("another program's", encoding="utf-8")
    (tmp_path / "a-0005.page.xml").mkdir()
    (tmp_path / "ab-0002.page.xml").write_bytes((tmp_path / "a-0002.page.xml").read_bytes())
    write("page", RECEIPT, RECEIPT, path=tmp_path)
    kept = {"a.page.xml", "a-0002.page.xml", "a-0004.page.xml", "a-0005.page.xml", "ab-0002.page.xml"}
    assert files() == kept
    write("page", RECEIPT, path=tmp_path)
    assert files() == kept - {"a-0002.page.xml"}


def test_a_curved_line_keeps_its_outline(tmp_path: Path) -> None:
    curved = np.array([[10, 20], [60, 10], [110, 20], [110, 40], [60, 30], [10, 40]], np.float32)
    page = Page(SIZE, (TextLine(curved, "curved", 0.5, 0.9),))
    points = {
        "hocr": b"poly 10 20 60 10 110 20 110 40 60 30 10 40",
        "alto": b'POINTS="10,20 60,10 110,20 110,40 60,30 10,40"',
        "page": b'points="10,20 60,10 110,20 110,40 60,30 10,40"',
    }
    for kind, written in points.items():
        assert written in write(kind, page, path=tmp_path)[0]
    assert re.search(rb'BASELINE="10,40 60,30 110,40"', (tmp_path / "a.alto.xml").read_bytes())


def test_a_name_stays_readable_in_hocr(tmp_path: Path) -> None:
    (content,) = write(
        "hocr", Page(SIZE, (TextLine(box(0, 0, 9, 9), "x", 1, 1),)), path=tmp_path, image='영수증 "1";.jpg'
    )
    title = ElementTree.fromstring(content).find(".//*[@class='ocr_page']").get("title")
    assert title == 'image "영수증 %221%22%3B.jpg"; bbox 0 0 400 300; ppageno 0'


def test_the_manual_s_lines_of_python_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    picture(tmp_path / "receipt.jpg", SIZE)
    manual = (REPOSITORY_ROOT / "docs" / "how-to" / "documents.md").read_text(encoding="utf-8")
    out, back = re.findall(r"```python\n(.*?)```", manual, re.DOTALL)
    exec(out, names := {"page": RECEIPT})
    assert {file.name for file in tmp_path.iterdir()} == {
        "receipt.jpg",
        *(f"receipt{d.ending}" for d in DOCUMENTS.values()),
    }
    (tmp_path / "receipt.pdf").rename("receipts.pdf")
    exec(back, names)
    assert names["page"].image_HWC.shape[2] == 3
