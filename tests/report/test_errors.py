"""The error report as a parser and, where there is one, as a browser reads it."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from chromium import CHROMIUM, dumped
from ocr.fields import Facts
from ocr.metrics import DetectionEvaluator
from ocr.metrics.errors import outcomes_of
from ocr.metrics.facts import compare_fields
from ocr.report.errors import LONG_SIDE, ImageErrors, error_page, faults_of, with_fault
from ocr.report.readings import ReadLine
from ocr.types import Detection, Word
from shapes import box

HOSTILE = "</title></script><script>document.body.textContent='owned'</script><img src=x onerror=alert(1)>\".jpg"


def image_errors(path: Path, regions: list[Word], found: list[np.ndarray]) -> ImageErrors:
    detections, evaluator = [Detection(points, 1.0) for points in found], DetectionEvaluator()
    figures = evaluator.summarise([evaluator.evaluate_image(regions, detections)])
    return ImageErrors(
        path.name, path, (None, None), tuple(regions), tuple(detections), outcomes_of(regions, found), figures
    )


@pytest.fixture
def images(tmp_path: Path) -> list[ImageErrors]:
    """Nothing found under a hostile name and text, one of two found, all found but no picture."""
    for name, size in (("bad.png", (200, 300)), ("half.png", (2 * LONG_SIDE, 100))):
        cv2.imwrite(str(tmp_path / name), np.full((*size, 3), 200, np.uint8))
    regions = [Word(box(10, 10, 80), HOSTILE), Word(box(110, 10, 80), "right")]
    bad = image_errors(tmp_path / "bad.png", regions, [box(10, 100, 50)])
    named = ImageErrors(HOSTILE, bad.path, bad.size, bad.regions, bad.detections, bad.outcomes, bad.figures)
    half = image_errors(
        tmp_path / "half.png", [Word(box(10, 10, 60), "left"), Word(box(10, 50, 60), "low")], [box(10, 10, 60)]
    )
    whole = image_errors(tmp_path / "gone.png", [Word(box(10, 10, 60), "all")], [box(10, 10, 60)])
    return [named, half, whole]


def page_of(images: list[ImageErrors], pictures: int = 10) -> str:
    return error_page("Errors", {"predictions": HOSTILE}, {"cleval/hmean": 0.5, "cleval/split": 3.0}, images, pictures)


class Page(HTMLParser):
    """Elements with their attributes, texts by the element that they stand in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append((self.elements[-1][0] if self.elements else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_every_region_and_detection_is_drawn_by_what_became_of_it(images: list[ImageErrors]) -> None:
    page = Page(page_of(images))
    kinds = sorted(str(attributes["class"]) for attributes in page.all("polygon"))
    assert kinds == sorted(["region missed"] * 3 + ["detection false"] + ["region found", "detection found"] * 2)
    assert page.all("polygon")[-1]["points"] == "10.0,10.0 70.0,10.0 70.0,30.0 10.0,30.0"
    drawings = [attributes["viewbox"] for attributes in page.all("svg") if {"viewbox", "width"} <= {*attributes}]
    assert drawings[-3:] == ["0 0 300 200", f"0 0 100 {2 * LONG_SIDE}", "0 0 70 30"]


def test_figures_and_faults_stand_in_the_table(images: list[ImageErrors]) -> None:
    text = page_of(images)
    rows = re.findall(r"<tr data-image=\"\d\"><th scope=\"row\">.*?</tr>", text)
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    assert cells[0] == ["0.00", "0.00", "0.00", "0.00", "0.00", "2", "0", "0", "1", "0"]
    assert cells[2] == ["100.00", "100.00", "100.00", "100.00", "100.00", "0", "0", "0", "0", "0"]
    assert "<dt>cleval/hmean</dt><dd>50.00</dd>" in text
    assert "<dt>cleval/split</dt><dd>3</dd>" in text
    assert "<b>missed</b> (3) " in text


def test_names_and_texts_stay_text(images: list[ImageErrors]) -> None:
    page = Page(page_of(images))
    assert len(page.all("script")) == 1
    assert [text for element, text in page.texts if element == "bdi"].count(HOSTILE) == 3
    assert ("title", f"region missed {HOSTILE}") in page.texts
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_the_page_asks_for_nothing_beside_it(images: list[ImageErrors]) -> None:
    page = Page(page_of(images))
    sources = [str(attributes["src"]) for attributes in page.all("img")]
    assert len(sources) == 2
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    links = {str(attributes["href"]) for _, attributes in page.elements if "href" in attributes}
    assert links == {"#image-0", "#image-1", "#image-2"}
    assert {"image-0", "image-1", "image-2"} == {attributes.get("id") for attributes in page.all("section")}


def test_an_image_that_is_gone_is_said_and_drawn_without_it(images: list[ImageErrors]) -> None:
    page = Page(page_of(images))
    assert sum("cannot be read" in text for _, text in page.texts) == 1


def test_images_beyond_the_pictures_stay_in_the_table(images: list[ImageErrors]) -> None:
    text = page_of(images, pictures=1)
    assert text.count("<section") == 1
    assert text.count('<th scope="row">') == 3
    assert text.count('href="#image-') == 1
    assert "Pictures of the 1 worst" in text


@pytest.fixture
def read(images: list[ImageErrors]) -> list[ImageErrors]:
    """The same with texts and fields: the first wrong in its total, the second in a line, the third right."""
    total = Facts({"total": "9.00", "company": "TEA"}), Facts({"total": "8.00", "company": "Tea", "phone": "1"})
    fields = [compare_fields(*total, {"total", "company"}), compare_fields(Facts({"shop": "A"}), Facts(), {"shop"}), ()]
    line = ReadLine("", box(0, 0, 10), "GREEN TEA", "green tea")
    lines = [(line,), (line, replace(line, text="green tee")), ()]
    return [replace(image, fields=each, lines=texts) for image, each, texts in zip(images, fields, lines, strict=True)]


def test_texts_and_fields_are_counted_as_faults_and_each_field_is_a_filter(read: list[ImageErrors]) -> None:
    assert faults_of(read) == {
        "missed": 3, "split": 0, "partial": 0, "false": 1, "merged": 0, "wrong text": 1, "wrong field": 2
    }  # fmt: skip
    shown = with_fault(read)
    assert list(shown)[-3:] == ["wrong field: company", "wrong field: total", "wrong field: shop"]
    assert [shown[f"wrong field: {name}"] for name in ("company", "total", "shop")] == [
        [False, False, False], [True, False, False], [False, True, False]
    ]  # fmt: skip
    assert (shown["wrong text"], shown["missed"]) == ([False, True, False], [True, True, False])
    page = Page(page_of(read))
    rows = [attributes.get("class") for attributes in page.all("tr") if attributes.get("class")]
    assert rows == ["exact", "wrong", "missed"]
    offered = [(each["data-shown"], text) for each, text in options(page) if "data-shown" in each]
    assert ("100", "wrong field: total (1)") in offered
    assert not [text for _, text in offered if "company" in text or "split" in text], "of no image"


def options(page: Page) -> list[tuple[dict[str, str | None], str]]:
    texts = [text for element, text in page.texts if element == "option"]
    return list(zip(page.all("option"), texts, strict=True))


def test_a_page_of_no_image_is_a_page() -> None:
    assert "<h1>Errors</h1>" in page_of([])


WRAPPER = """<!doctype html><pre id="said"></pre><iframe id="frame" src="report.html"></iframe><script>
addEventListener("load", () => {
  const page = document.getElementById("frame").contentDocument;
  const names = () => [...page.querySelectorAll(".table tbody tr")].map((row) => row.cells[0].textContent);
  const said = {first: names(), scripts: page.scripts.length, title: page.title};
  const heads = [...page.querySelectorAll("thead button")];
  heads[1].click();
  said.best = names();
  heads[1].click();
  said.worst = names();
  said.sort = heads[1].parentElement.getAttribute("aria-sort");
  page.querySelector('input[data-outcome="missed"]').click();
  said.hidden = frame.contentWindow.getComputedStyle(page.querySelector("polygon.missed")).display;
  const filter = page.getElementById("filter");
  filter.value = [...filter.options].find((each) => each.text.startsWith("wrong field: total")).value;
  filter.dispatchEvent(new Event("change"));
  said.shown = [...page.querySelectorAll("section")].map((each) => frame.contentWindow.getComputedStyle(each).display);
  filter.value = "";
  filter.dispatchEvent(new Event("change"));
  said.pictures = [...page.images].map((image) => image.complete && image.naturalWidth > 0);
  said.stroke = frame.contentWindow.getComputedStyle(page.querySelector("polygon.false")).stroke;
  document.getElementById("said").textContent = JSON.stringify(said);
});
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed: Debian's package is chromium")
def test_a_browser_runs_it(read: list[ImageErrors], tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text(page_of(read), encoding="utf-8")
    (tmp_path / "wrapper.html").write_text(WRAPPER, encoding="utf-8")
    done = dumped(tmp_path / "wrapper.html")
    (content,) = [text for element, text in Page(done.stdout).texts if element == "pre"]
    said = json.loads(content)
    assert said["first"] == [HOSTILE, "half.png", "gone.png"] == said["worst"]
    assert said["best"] == said["first"][::-1]
    assert said["sort"] == "ascending"
    assert (said["scripts"], said["title"]) == (1, "Errors")
    assert said["pictures"] == [True, True]
    assert said["hidden"] == "none"
    assert said["shown"] == ["block", "none", "none"]
    assert said["stroke"] == "rgb(170, 51, 119)"
    assert "Content Security Policy" not in done.stderr
