"""The arguments of ``receipt-ocr``. Standard library only, so that help and usage errors are immediate."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from ocr import __version__
from ocr.utils.arguments import near

ONE_INPUT = "INPUT is one argument: quote a glob, as in 'photos/*.jpg', or give the folder"
PLACES = frozenset({"command", "source", "folder", "truth", "found", "checkpoint", "written"})
"""What is given by its place and not by a name."""
WEIGHTS = "checkpoint, .safetensors or .onnx file; default: the weights shipped with the package"


def parsed(typed: Sequence[str]) -> Namespace:
    """The arguments of a command line; a usage error exits with status 2, as `ArgumentParser.parse_args` does."""
    parser = make_parser()
    arguments, further = parser.parse_known_args(typed)
    if further:
        # The usual reason for a second path is a glob that the shell has replaced by the names of the files.
        options = [f"--{name.replace('_', '-')}" for name in vars(arguments) if name not in PLACES]
        meant = [name for each in further if each.startswith("-") for name in near(each, options)[:1]]
        several = "source" in arguments and not further[0].startswith("-")
        hint = f"; did you mean {' and '.join(meant)}?" * bool(meant) + f"; {ONE_INPUT}" * several
        parser.error(f"unrecognized arguments: {' '.join(further)}{hint}")
    return arguments


def make_parser() -> ArgumentParser:
    """Build the parser of all commands; ``command`` of the result names the module of this package that runs it.

    An option is stored under the name of the setting in `ocr.pipeline`, a positional argument under a different one.
    """
    parser = ArgumentParser(
        prog="receipt-ocr", allow_abbrev=False, description="Read receipts, find their text, score the results."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_detect(commands.add_parser("detect", allow_abbrev=False, help="find the text regions of images"))
    add_read(commands.add_parser("read", allow_abbrev=False, help="read the text of images"))
    add_serve(commands.add_parser("serve", allow_abbrev=False, help="read images over HTTP"))
    add_merge(commands.add_parser("merge", allow_abbrev=False, help="merge the parts written with --shard"))
    add_evaluate(commands.add_parser("evaluate", allow_abbrev=False, help="score predictions; prints JSON"))
    add_export(commands.add_parser("export", allow_abbrev=False, help="export a checkpoint as one self-contained file"))
    return parser


def add_detect(parser: ArgumentParser) -> None:
    """Add the arguments of ``detect``."""
    add_images(parser, "an image, a folder of images, or a quoted glob")
    parser.add_argument("--csv", action="store_true", help="also write predictions.csv")
    parser.add_argument("--weights", help=WEIGHTS)
    parser.add_argument("--mode", choices=("polygon", "box", "upright"), help="region shape; default: as in training")
    parser.add_argument("--box-thresh", type=float, help="minimum score of a region; default: as in training")


def add_read(parser: ArgumentParser) -> None:
    """Add the arguments of ``read``."""
    add_images(parser, "an image or a document (PDF, TIFF, HEIC), a folder of them, or a quoted glob")
    formats = "json, csv, text, hocr, alto, page, pdf; default: json text"
    parser.add_argument("--formats", nargs="+", default=["json", "text"], help=formats)
    add_how(parser)


def add_how(parser: ArgumentParser) -> None:
    """Add the arguments that say how images are read."""
    parser.add_argument("--granularity", choices=("line", "word"), default="line", help="unit of an entry in the JSON")
    parser.add_argument("--min-confidence", type=float, default=0.0, help="leave out lines with a lower confidence")
    parser.add_argument("--mark", action="store_true", help="keep those lines, marked as unsure, instead")
    turn = "degrees clockwise that turn each page upright: 0, 90, 180, 270, or auto: found from it"
    parser.add_argument("--orientation", type=number_or_word, default="auto", help=turn)
    parser.add_argument("--dpi", type=float, default=200.0, help="pixels per inch of a PDF's pages; default: 200")
    text = "auto: a PDF's page with a text of its own is not recognised; never: every page is"
    parser.add_argument("--pdf-text", choices=("auto", "never"), default="auto", help=text)
    parser.add_argument("--detector", help=WEIGHTS)
    parser.add_argument("--recogniser", help=WEIGHTS)
    language = "of the shipped recogniser; the one for korean reads English too; default: english"
    parser.add_argument("--language", choices=("english", "korean"), default="english", help=language)
    facts = (
        "what finds fields and items: a file likewise, rules, or false: nothing; default: weights, if any are shipped"
    )
    parser.add_argument("--extractor", help=facts)


def add_serve(parser: ArgumentParser) -> None:
    """Add the arguments of ``serve``; the defaults are those of ``configs/serve.yaml``."""
    own = "default: %(default)s"
    reach = f"address to listen on; one that other machines reach needs --key-file or --without-key; {own}"
    parser.add_argument("--host", default="127.0.0.1", help=reach)
    parser.add_argument("--port", type=int, default=8000, help=f"0: any free one; {own}")
    parser.add_argument("--key-file", metavar="FILE", help="with the key that requests bring as a bearer token")
    parser.add_argument("--without-key", action="store_true", help="listen to other machines without a key")
    parser.add_argument(
        "--workers", type=number_or_word, default="auto", help="processes that read; default: one per core"
    )
    parser.add_argument("--queue", type=int, default=32, help=f"requests that may wait for one; {own}")
    parser.add_argument("--max-bytes", type=int, default=20_000_000, help=f"limit of a file; {own}")
    parser.add_argument("--max-pixels", type=int, default=50_000_000, help=f"limit of a page; {own}")
    parser.add_argument("--max-pages", type=int, default=20, help=f"limit of a document; {own}")
    parser.add_argument("--upload-s", type=float, default=30.0, help=f"seconds in which a file has to arrive; {own}")
    parser.add_argument("--timeout-s", type=float, default=60.0, help=f"seconds that reading a file may take; {own}")
    parser.add_argument("--engine", choices=("auto", "torch", "onnxruntime"), default="onnxruntime")
    parser.add_argument("--device", default="auto", help="torch device: auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--threads", type=int, default=1, help=f"CPU threads of each network; {own}")
    parser.add_argument("--long-side", type=int, help="detector input size in pixels; default: as in training")
    add_how(parser)


def number_or_word(text: str) -> int | str:
    """A whole number, or a word."""
    return int(text) if text.isdecimal() else text


def add_images(parser: ArgumentParser, given: str) -> None:
    """Add the arguments of commands that work through images; ``given`` says what they take."""
    parser.add_argument("source", metavar="INPUT", help=given)
    parser.add_argument(
        "-o", "--output", required=True, help="output folder for predictions.json and the options below"
    )
    parser.add_argument("--overlays", action="store_true", help="also write overlays/<image>")
    parser.add_argument("--table", action="store_true", help="also print one line per image")
    parser.add_argument("--overwrite", action="store_true", help="replace existing predictions")
    parser.add_argument("--engine", choices=("auto", "torch", "onnxruntime"), default="auto")
    parser.add_argument("--device", default="auto", help="torch device: auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--threads", type=int, help="CPU threads of the network")
    parser.add_argument("--num-workers", type=int, default=2, help="threads that read images ahead")
    parser.add_argument("--shard", help="2/8: the second of eight parts; auto: from torchrun or SLURM")
    parser.add_argument("--long-side", type=int, help="detector input size in pixels; default: as in training")


def add_merge(parser: ArgumentParser) -> None:
    """Add the arguments of ``merge``."""
    parser.add_argument("folder", metavar="FOLDER", help="folder with the parts")
    parser.add_argument("--csv", action="store_true", help="also merge the CSV files")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing predictions.json")


def add_evaluate(parser: ArgumentParser) -> None:
    """Add the arguments of ``evaluate``."""
    parser.add_argument("truth", metavar="TRUTH", help="annotation file in the native format")
    parser.add_argument("found", metavar="PREDICTIONS", help="predictions in the same format")
    parser.add_argument("--granularity", choices=("word", "line"), default="word", help="unit of the regions in TRUTH")
    parser.add_argument("--iou-thresholds", type=float, nargs="+", default=[0.5, 0.7], metavar="T")
    parser.add_argument("--per-image", action="store_true", help="also print the figures of each image, worst first")
    parser.add_argument("--report", metavar="FILE", help="HTML page that shows missed, false, split and merged regions")
    parser.add_argument("--text-report", metavar="FILE", help="HTML page of the lines read wrong, worst first")
    parser.add_argument("--lines", type=int, default=300, help="number of lines in the text report")
    parser.add_argument("--images", metavar="FOLDER", help="images for the reports; default: next to TRUTH's folder")
    parser.add_argument("--pictures", type=int, default=50, help="number of images in the report, worst first")
    parser.add_argument("--overwrite", action="store_true", help="replace existing reports")


def add_export(parser: ArgumentParser) -> None:
    """Add the arguments of ``export``."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="checkpoint or .safetensors file")
    parser.add_argument("written", metavar="OUTPUT", help="new file: .onnx or .safetensors")
    parser.add_argument("--int8", metavar="IMAGES", help="calibration images, for 8-bit convolutions (.onnx)")
    parser.add_argument("--opset", type=int, help="ONNX operator set version")
    parser.add_argument("--long-side", type=int, help="network input size in pixels; default: as in training")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")
