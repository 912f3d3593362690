"""Detection networks: plain ``nn.Module``, from uint8 images to maps."""

from ocr.detection.models.dbnet import DBNet
from ocr.detection.models.decoder import FPN, FPNASF, UNet
from ocr.detection.models.encoder import TimmEncoder
from ocr.detection.models.head import DBHead

__all__ = ["FPN", "FPNASF", "DBHead", "DBNet", "TimmEncoder", "UNet"]
