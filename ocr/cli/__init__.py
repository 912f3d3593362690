"""The command line ``receipt-ocr`` over `ocr.pipeline`, without Hydra."""
