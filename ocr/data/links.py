"""Links in a data folder: what leads out of it may be anything that this user can read."""

from __future__ import annotations

import os
from pathlib import Path

from ocr.formats.base import AnnotationError
from ocr.formats.reading import shown


class InsideFolder:
    """Tells whether a file is there, and refuses one that a link takes out of the data folder.

    The folder itself may be a link: the user named it.

    Args:
        root: the data folder.
        follow_links: take a file wherever it lies, as DVC needs it with ``cache.type symlink``.
    """

    def __init__(self, root: Path, *, follow_links: bool = False) -> None:
        self.root = root
        self.follow_links = follow_links
        self._real_root = Path(os.path.realpath(root))
        self._real_folders: dict[Path, Path] = {}

    def __call__(self, path: Path) -> bool:
        """Whether there is such a file.

        Raises:
            AnnotationError: it is not in the folder, or nobody can tell.
        """
        try:
            return self._is_inside(path)
        except OSError as error:  # a path that is too long, a folder that may not be entered
            raise AnnotationError(
                f"{shown(str(path))}: cannot be looked for ({error.strerror}); check its name and the rights of its "
                "folder, or remove its entry"
            ) from error

    def _is_inside(self, path: Path) -> bool:
        """The same, where the path can be looked for."""
        if not self.follow_links:
            real = Path(os.path.realpath(path)) if path.is_symlink() else self._real_folder(path) / path.name
            if not real.is_relative_to(self._real_root):
                raise AnnotationError(
                    f"{path}: a link leads out of data.root={self.root}, to {real}; copy the file there, or give "
                    "data.follow_links=true where links are meant (DVC makes some with cache.type symlink)"
                )
        return path.is_file()

    def _real_folder(self, path: Path) -> Path:
        """Of a million images few lie in folders of their own."""
        if path.parent not in self._real_folders:
            self._real_folders[path.parent] = Path(os.path.realpath(path.parent))
        return self._real_folders[path.parent]
