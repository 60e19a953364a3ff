"""A process that makes images smaller and may die of them, as children of the codec do; a new one takes its place."""

from __future__ import annotations

import pickle
import struct
import subprocess
import sys
from dataclasses import dataclass
from typing import BinaryIO

from models.values import Compression, MetadataPolicy
from processing.codec import compress
from processing.codec.base import CompressionError, Wish
from processing.probe import Limits

LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class Made:
    """What came out."""

    content: bytes
    media_type: str
    width_px: int
    height_px: int
    kept_original: bool


class RefusedError(Exception):
    """The code of a failure."""


class Child:
    """Answers as `compress` does."""

    def __init__(self) -> None:
        self._process = None

    def compress(
        self, content: bytes, compression: Compression | None = None, policy=MetadataPolicy.STRIP_ALL
    ) -> Made:
        answer = self.ask((content, compression or Compression(), policy))
        if isinstance(answer, str):
            raise RefusedError(answer)
        return Made(*answer)

    def ask(self, question):
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.processing.codec.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self.library = read(self._process.stdout)
        write(self._process.stdin, question)
        answer, is_dying = read(self._process.stdout)
        if is_dying:
            self._process.wait()
        return answer

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def close(self) -> None:
        if self._process:
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()


def write(pipe: BinaryIO, value) -> None:
    pickled = pickle.dumps(value)
    pipe.write(LENGTH.pack(len(pickled)) + pickled)
    pipe.flush()


def read(pipe: BinaryIO):
    head = pipe.read(LENGTH.size)
    return pickle.loads(pipe.read(*LENGTH.unpack(head))) if head else None  # noqa: S301 - from our own process


def serve() -> None:
    write(sys.stdout.buffer, compress.prepare())
    compress.on_fatal(lambda error: write(sys.stdout.buffer, (error.failure.code, True)))
    while question := read(sys.stdin.buffer):
        content, compression, policy = question
        try:
            made = compress.compress(memoryview(content), Wish(compression, policy), Limits(10_000_000, 100))
            sides = made.width_px, made.height_px
            answer = bytes(made.content), made.media_type, *sides, made.kept_original
        except CompressionError as error:
            answer = error.failure.code
        write(sys.stdout.buffer, (answer, False))


if __name__ == "__main__":
    serve()
