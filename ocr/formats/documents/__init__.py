"""Write what was read as documents that other programs open: hOCR, ALTO, PAGE XML, searchable PDF."""
