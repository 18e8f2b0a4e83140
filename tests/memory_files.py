"""Object storage in memory, for everything above it; the real one has ``tests/contract``."""

from datetime import timedelta

from ecosystem.domain.errors import NotFound, Unavailable
from ecosystem.services.ports import StoredFile, UploadForm


class MemoryFiles:
    """A ``Files`` port. ``objects`` is what lies there; ``down`` makes every call fail."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.written_on: dict[str, dict[str, str]] = {}
        self.forms: list[UploadForm] = []
        self.down = False

    def presigned_post(
        self, key: str, content_type: str, max_bytes: int, expires: timedelta
    ) -> UploadForm:
        # What nobody finishes the bucket's own rule removes from there, and from nowhere else.
        assert key.startswith("uploads/")
        form = UploadForm("memory:", {"key": key, "Content-Type": content_type})
        self.forms.append(form)
        return form

    def post(self, form: UploadForm, content: bytes) -> None:
        """What a browser does with a form."""
        self.put(form.fields["key"], content, form.fields["Content-Type"])

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self._up()
        self.objects[key] = (content, content_type)

    def head(self, key: str) -> StoredFile | None:
        self._up()
        if key not in self.objects:
            return None
        content, content_type = self.objects[key]
        return StoredFile(len(content), content_type, str(hash(content)))

    def get(self, key: str) -> bytes:
        self._up()
        if key not in self.objects:
            raise NotFound("There is no such file.", code="file_not_found")
        return self.objects[key][0]

    def read_range(self, key: str, start: int, length: int) -> bytes:
        return self.get(key)[start : start + length]

    def copy(self, source: str, target: str) -> None:
        self.get(source)
        self.objects[target] = self.objects[source]

    def delete(self, key: str) -> None:
        self._up()
        self.objects.pop(key, None)

    def erase(self, key: str) -> None:
        self.delete(key)

    def tags(self, key: str) -> dict[str, str]:
        self.get(key)
        return self.written_on.get(key, {})

    def ping(self) -> None:
        self._up()

    def _up(self) -> None:
        if self.down:
            raise Unavailable("File storage does not answer at the moment.")
