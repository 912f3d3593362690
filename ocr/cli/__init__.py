"""The command line ``receipt-ocr``: `ocr.pipeline` without Hydra."""
