"""What ``receipt-ocr`` takes. Standard library only: help and usage errors come at once."""

from __future__ import annotations

from argparse import ArgumentParser

from ocr import __version__

WEIGHTS = "checkpoint, .safetensors or .onnx file; default: the weights that come with the package"


def make_parser() -> ArgumentParser:
    """All commands; ``command`` of the result names the module of this package that does it.

    An option is stored under the name that the setting has in `ocr.pipeline`, an argument without dashes under another.
    """
    parser = ArgumentParser(prog="receipt-ocr", description="Find text on receipts, and score what was found.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_detect(commands.add_parser("detect", help="find the text regions of images"))
    add_merge(commands.add_parser("merge", help="put the parts together that detect --shard wrote"))
    add_evaluate(commands.add_parser("evaluate", help="score predictions; JSON on standard output"))
    add_export(commands.add_parser("export", help="write a checkpoint as a file that needs nothing beside it"))
    return parser


def add_detect(parser: ArgumentParser) -> None:
    """Images in, predictions out."""
    parser.add_argument("source", metavar="INPUT", help="an image, a folder of images, or a quoted glob")
    parser.add_argument("-o", "--output", required=True, help="folder: predictions.json and what is asked for below")
    parser.add_argument("--csv", action="store_true", help="also predictions.csv")
    parser.add_argument("--overlays", action="store_true", help="also overlays/<image>")
    parser.add_argument("--table", action="store_true", help="also print a line an image")
    parser.add_argument("--overwrite", action="store_true", help="replace the predictions of an earlier call")
    parser.add_argument("--weights", help=WEIGHTS)
    parser.add_argument("--engine", choices=("auto", "torch", "onnxruntime"), default="auto")
    parser.add_argument("--device", default="auto", help="of torch: auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--threads", type=int, help="for the network on the CPU")
    parser.add_argument("--num-workers", type=int, default=2, help="threads that read images ahead")
    parser.add_argument("--shard", help="2/8: the second of eight parts; auto: by torchrun or SLURM")
    parser.add_argument("--long-side", type=int, help="of the network's input in pixels; default: as in training")
    parser.add_argument("--mode", choices=("polygon", "box", "upright"), help="of the regions; default: as in training")
    parser.add_argument("--box-thresh", type=float, help="the least score of a region; default: as in training")


def add_merge(parser: ArgumentParser) -> None:
    """Parts in, one file out."""
    parser.add_argument("folder", metavar="FOLDER", help="where the parts lie")
    parser.add_argument("--csv", action="store_true", help="also of the CSV files")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier predictions.json")


def add_evaluate(parser: ArgumentParser) -> None:
    """Two files in, figures out."""
    parser.add_argument("truth", metavar="TRUTH", help="annotation file in the native format")
    parser.add_argument("found", metavar="PREDICTIONS", help="the same for what was found")
    parser.add_argument("--granularity", choices=("word", "line"), default="word", help="what one region of TRUTH is")
    parser.add_argument("--iou-thresholds", type=float, nargs="+", default=[0.5, 0.7], metavar="T")
    parser.add_argument("--per-image", action="store_true", help="each image's figures too, worst first")
    parser.add_argument("--report", metavar="FILE", help="a page of what was missed, false, split or merged")
    parser.add_argument("--images", metavar="FOLDER", help="the images for it; default: beside TRUTH's folder")
    parser.add_argument("--pictures", type=int, default=50, help="images that the page shows, the worst first")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier page")


def add_export(parser: ArgumentParser) -> None:
    """A checkpoint in, a file out."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="checkpoint or .safetensors file")
    parser.add_argument("written", metavar="OUTPUT", help="new file: .onnx or .safetensors")
    parser.add_argument("--int8", metavar="IMAGES", help="calibrate on them, for convolutions of 8 bits (.onnx)")
    parser.add_argument("--opset", type=int, help="of ONNX's operators")
    parser.add_argument("--long-side", type=int, help="of the network's input in pixels; default: as in training")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier file")
