"""What a reader of another format left out, for assertions."""

from ocr.formats.common.base import ForeignData


def told(data: ForeignData) -> str:
    """The reasons for every image and entry that was left out, a line each."""
    images = [f"{path} {why}" for path, why in data.left_out.items()]
    return "\n".join([*images, *(fault for faults in data.faults.values() for fault in faults)])
