"""Networks: pure ``nn.Module``, from uint8 images to maps."""

from ocr.models.dbnet import DBNet
from ocr.models.decoder import FPN, FPNASF, UNet
from ocr.models.encoder import TimmEncoder
from ocr.models.head import DBHead

__all__ = ["FPN", "FPNASF", "DBHead", "DBNet", "TimmEncoder", "UNet"]
