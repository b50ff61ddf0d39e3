"""Reads upload forms (multipart/form-data) and parts of files while they arrive. Files are not kept in memory."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from anyio import to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.domain.errors import PixTagError, UnreadableForm
from app.domain.object_server import ReceivedFile

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILE: Final = "file"  # the name of the last field
MAX_FIELDS: Final = 10
MAX_FIELD_BYTES: Final = 2_048
BATCH_BYTES: Final = 2**17

_ADVICE: Final = "Send multipart/form-data with the fields of the upload form, and then the field `file`."


async def receive_form(
    content_type: str, body: AsyncIterator[bytes], open_form: Callable[[Mapping[str, str]], ReceivedFile]
) -> None:
    """Read an upload form and store its file.

    After an error, the rest of the body is read and ignored. Otherwise, most clients would not read the response.

    Args:
        content_type: The value of `Content-Type`.
        body: The chunks of the body.
        open_form: Checks the fields before the file, and returns a file. See `ObjectServer`.

    Raises:
        UnreadableForm: the body is not a complete form, or it has further fields after the file.
    """
    async with _read_rest_after_error(body):
        with FormStream(content_type, open_form) as stream:
            async for batch in _join_chunks(body):
                await to_thread.run_sync(stream.write, batch)
            await to_thread.run_sync(stream.finish)


async def receive_part(body: AsyncIterator[bytes], open_part: Callable[[], ReceivedFile]) -> None:
    """Read a part of a file and store it.

    After an error, the rest of the body is read and ignored. Otherwise, most clients would not read the response.

    Args:
        body: The chunks of the part.
        open_part: Checks the link, and returns a file. See `ObjectServer`.
    """
    async with _read_rest_after_error(body):
        with await to_thread.run_sync(open_part) as file:
            async for batch in _join_chunks(body):
                await to_thread.run_sync(file.write, batch)
            await to_thread.run_sync(file.store)


@asynccontextmanager
async def _read_rest_after_error(body: AsyncIterator[bytes]) -> AsyncIterator[None]:
    try:
        yield
    except PixTagError:
        async for _ in body:
            pass
        raise


async def _join_chunks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the bytes of a body in batches. A thread is called for each of them."""
    batch = bytearray()
    async for chunk in body:
        batch += chunk
        if len(batch) >= BATCH_BYTES:
            yield bytes(batch)
            batch.clear()
    yield bytes(batch)


class FormStream:
    """Parses a form in parts. At the end of the context, nothing is left of an incomplete file.

    The methods block, because they write to the disk.
    """

    def __init__(self, content_type: str, open_form: Callable[[Mapping[str, str]], ReceivedFile]) -> None:
        media_type, options = parse_options_header(content_type)
        if media_type != b"multipart/form-data" or not options.get(b"boundary"):
            raise UnreadableForm(f"This is not a form with a boundary. {_ADVICE}")
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_to_header_name,
            "on_header_value": self._add_to_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._add_content,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        with _translate_errors():
            self._parser = MultipartParser(options[b"boundary"], callbacks)
        self._open_form = open_form
        self._stack = ExitStack()
        self._fields: dict[str, str] = {}
        self._file: ReceivedFile | None = None
        self._is_complete = False

    def write(self, data: bytes) -> None:
        """Parse more bytes.

        Raises:
            UnreadableForm: the bytes are not a part of such a form.
        """
        with _translate_errors():
            self._parser.write(data)

    def finish(self) -> None:
        """Store the file.

        Raises:
            UnreadableForm: the form is not complete.
        """
        if not self._is_complete:
            raise UnreadableForm("The form is incomplete: its last boundary is missing. Send it again.")
        if not self._file:
            raise UnreadableForm(f"The form has no file. {_ADVICE}")
        self._file.store()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Delete the file unless it was stored."""
        self._stack.close()

    def _begin_part(self) -> None:
        if self._file:
            raise UnreadableForm(f"The form has a field after the file. {_ADVICE}")
        self._header_name, self._header_value, self._name, self._value = b"", b"", "", bytearray()

    def _add_to_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_to_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            disposition, options = parse_options_header(self._header_value.decode("latin-1"))
            self._name = _decode(options.get(b"name", b"")) if disposition == b"form-data" else ""
        self._header_name, self._header_value = b"", b""

    def _begin_content(self) -> None:
        if not self._name:
            raise UnreadableForm(f"The form has a field without a name. {_ADVICE}")
        if self._name in self._fields or len(self._fields) == MAX_FIELDS:
            raise UnreadableForm(f"The form has a field twice, or too many fields. {_ADVICE}")
        if self._name == FILE:
            self._file = self._stack.enter_context(self._open_form(self._fields))

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._file:
            self._file.write(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > MAX_FIELD_BYTES:
            raise UnreadableForm(f"A field of the form has more than {MAX_FIELD_BYTES:,} bytes. {_ADVICE}")

    def _end_part(self) -> None:
        if not self._file:
            self._fields[self._name] = _decode(self._value)

    def _end(self) -> None:
        self._is_complete = True


def _decode(text: bytes | bytearray) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise UnreadableForm(f"A field of the form is not UTF-8. {_ADVICE}") from error


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except FormParserError as error:
        raise UnreadableForm(f"The form cannot be read. {_ADVICE}") from error
