"""Readers and writers by the format names of ``format=`` and ``to=``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ocr.formats.coco import read_coco, write_coco
from ocr.formats.common.base import ForeignData
from ocr.formats.convert import Writer
from ocr.formats.cord import read_cord, write_cord
from ocr.formats.doctr import read_doctr, write_doctr
from ocr.formats.icdar2013 import read_icdar2013, write_icdar2013
from ocr.formats.icdar2015 import read_icdar2015, write_icdar2015
from ocr.formats.labelstudio import read_labelstudio, write_labelstudio
from ocr.formats.paddle import read_paddle, write_paddle
from ocr.formats.page import read_page, write_page
from ocr.formats.sroie import read_sroie, write_sroie
from ocr.formats.totaltext import read_totaltext, write_totaltext
from ocr.formats.ufo import read_ufo
from ocr.formats.webdataset import write_webdataset
from ocr.formats.wildreceipt import read_wildreceipt, write_wildreceipt

READERS: Mapping[str, Callable[[Path], ForeignData]] = {
    "coco": read_coco,
    "cord": read_cord,
    "doctr": read_doctr,
    "icdar2013": read_icdar2013,
    "icdar2015": read_icdar2015,
    "labelstudio": read_labelstudio,
    "paddle": read_paddle,
    "page": read_page,
    "sroie": read_sroie,
    "totaltext": read_totaltext,
    "wildreceipt": read_wildreceipt,
    "ufo": read_ufo,
    "native": read_ufo,  # the native format is strict UFO; reading it leniently repairs it
}
WRITERS: Mapping[str, Writer] = {
    "coco": write_coco,
    "cord": write_cord,
    "doctr": write_doctr,
    "icdar2013": write_icdar2013,
    "icdar2015": write_icdar2015,
    "labelstudio": write_labelstudio,
    "paddle": write_paddle,
    "page": write_page,
    "sroie": write_sroie,
    "totaltext": write_totaltext,
    "webdataset": write_webdataset,  # shards for training: output=<data.root>/images
    "wildreceipt": write_wildreceipt,
}
