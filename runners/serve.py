"""Read receipts over HTTP until Ctrl+C or SIGTERM, which lets admitted requests finish.

    python runners/serve.py port=8000 workers=2
    python runners/serve.py host=0.0.0.0 key_file=key.txt

Requests, answers and limits: `docs/how-to/serve.md`.
"""

from __future__ import annotations

from omegaconf import DictConfig

from ocr.utils.path_utils import setup_project_paths
from runners.launch import hydra_main, plain

setup_project_paths()


@hydra_main("serve", text=("detector", "recogniser", "extractor", "key_file"))
def run(cfg: DictConfig) -> None:
    """Serve what the configuration describes."""
    from ocr.pipeline.detector import DetectorSettings
    from ocr.pipeline.read_settings import ReadSettings
    from ocr.service.serve import serve
    from ocr.service.settings import ServiceSettings

    detection = DetectorSettings(cfg.engine, cfg.device, cfg.threads, cfg.data.long_side)
    how = ("extractor", "granularity", "min_confidence", "mark", "orientation", "dpi", "pdf_text", "max_pages")
    limits = plain(cfg, "host", "port", "workers", "queue", "max_bytes", "upload_s", "timeout_s")
    access = plain(cfg, "key_file", "without_key")
    settings = ReadSettings(cfg.detector, cfg.recogniser, detection, **plain(cfg, *how))
    serve(settings, ServiceSettings(**limits, **access, max_pixels=cfg.data.max_pixels))


if __name__ == "__main__":
    run()
