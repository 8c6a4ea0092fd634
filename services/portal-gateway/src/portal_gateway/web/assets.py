"""Scripts, styles, fonts: built into ``static/dist`` with hashed names, served from memory."""

import gzip
import json
import mimetypes
from importlib import resources

from portal_gateway.web.response import Response

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}
_COMPRESSED = {".js", ".css", ".svg", ".json"}


class Assets:
    """The built assets; empty until `make ui` ran, and then pages say so."""

    def __init__(self) -> None:
        self.folder = resources.files("portal_gateway") / "static" / "dist"
        self._loaded_for: float | None = None
        self._files: dict[str, tuple[bytes, bytes | None, str]] = {}
        self._names: dict[str, str] = {}
        self.load()

    def load(self) -> None:
        """Read the manifest and every file of the folder."""
        manifest = self.folder / "manifest.json"
        if not manifest.is_file():
            return
        self._names = {name: path.lstrip("/") for name, path in json.loads(manifest.read_text()).items()}
        self._files = {}
        for file in self.folder.iterdir():
            if not file.is_file() or file.name == "manifest.json":
                continue
            suffix = "." + file.name.rsplit(".", 1)[-1]
            content = file.read_bytes()
            small = gzip.compress(content, 9, mtime=0) if suffix in _COMPRESSED else None
            kind = _TYPES.get(suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            self._files[file.name] = (content, small, kind)

    @property
    def ready(self) -> bool:
        return bool(self._files)

    def url(self, name: str) -> str:
        """The path of an asset by its plain name, or nothing while it is not built."""
        hashed = self._names.get(name)
        return f"/static/{hashed}" if hashed else ""

    def answer(self, name: str, accept_encoding: str) -> Response | None:
        """The file for ever (its name changes with its content), or None."""
        found = self._files.get(name)
        if found is None:
            return None
        content, small, kind = found
        response = Response(content, 200, kind)
        if small is not None and "gzip" in accept_encoding:
            response.body = small
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["Vary"] = "Accept-Encoding"
        response.public = True
        return response
