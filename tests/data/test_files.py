"""A server gets no more of this machine's memory, disk and time than a file here would."""

import resource
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from hostile_server import hostile_server
from ocr.data import files
from ocr.data.files import Files, links_below, pieces
from ocr.types import InputError

LIMIT = 1 << 20


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with hostile_server() as found:
        yield found


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Limits of a MiB."""
    for name in ("MAX_BYTES", "MAX_IMAGE", "MAX_PAGE"):
        monkeypatch.setattr(files, name, LIMIT)
    monkeypatch.setattr(files, "PAUSE", 0.0)
    files.web_options.cache_clear()
    yield
    files.web_options.cache_clear()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of a second, where a server lets it pass."""
    monkeypatch.setattr(files, "SILENCE", 1.0)


ASK: dict[str, Callable[[Files, str], Any]] = {
    "an image": lambda found, name: found.read(f"{name}.jpg"),
    "an annotation or a shard": lambda found, name: found.mapped(f"{name}.json"),
    "a folder": lambda found, name: found.names(name),
}


@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("endless", f"is larger than the limit of {LIMIT} bytes"),
        ("told", f"is larger than the limit of {LIMIT} bytes"),
        ("packed", f"is larger than the limit of {LIMIT} bytes"),
        ("to-file", "3 times .*NonHttpUrlRedirect"),
        ("to-ftp", "3 times .*NonHttpUrlRedirect"),
    ],
)
def test_what_a_server_sends_without_end_is_refused(
    address: str, ask: Callable[[Files, str], Any], how: str, reason: str
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=reason):
        ask(Files(address), how)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("ask", ASK.values(), ids=ASK)
@pytest.mark.parametrize(
    ("how", "reason"), [("slow", r"bytes in \d+ s is too slow|3 times .*Timeout"), ("silent", "3 times .*Timeout")]
)
def test_what_a_server_does_not_send_is_not_waited_for(
    address: str, ask: Callable[[Files, str], Any], how: str, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        ask(Files(address), how)


def test_a_part_ends_a_byte_behind_its_end_whatever_is_sent(address: str) -> None:
    assert Files(address).read("part.tar", 100, 200) == b"x" * 101


def test_what_a_library_quotes_of_an_answer_is_shortened() -> None:
    """aiohttp does, of what comes behind the bytes that a server announced."""

    def refused() -> None:
        raise ConnectionError(f"Data after `Connection: close`: {'x' * 100_000}")

    with pytest.raises(InputError, match="3 times") as caught:
        Files("memory://here")._tried("a.jpg", refused)
    assert len(str(caught.value)) < 5000


def test_an_encrypted_address_leads_to_no_other() -> None:
    class Sent:
        r = SimpleNamespace(url=aiohttp.client.URL("http://elsewhere/a.jpg"))

    system = SimpleNamespace(open=lambda *_, **__: Sent())
    with pytest.raises(InputError, match=r"redirects to http://elsewhere/a\.jpg, which is not encrypted"):
        list(pieces(system, "https://here/a.jpg", LIMIT, web=True))


def test_the_links_of_a_page_are_those_of_its_folder() -> None:
    page = """<a href="a%20b.tar">a</a> <A HREF='/data/images/c&amp;d.tar#x'> <a href="../up.tar"><a href="sub/e.tar">
    <a href="http://host/data/images/f.tar?x=1"><a href="file:///etc/passwd"><a href="//other/g.tar"><a href="?C=N">"""
    assert links_below(page, "http://host/data/images/") == {"a b.tar", "c&d.tar", "f.tar"}


def test_a_page_of_broken_links_is_read_in_a_moment() -> None:
    began = time.process_time()
    page = "<a href" * 200_000 + "href=" + " " * 1_000_000 + "href ='" * 200_000
    assert len(links_below(page, "http://host/")) <= 1
    assert time.process_time() - began < 10
