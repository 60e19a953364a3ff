"""A codec that does to itself what an image asks for. The mother process of a test imports it, and nobody else.

An image is the name of one of these functions and its arguments, a JPEG has them in its last line; any other image
loses its second half.
"""

import ctypes
import os
import resource
import time
from pathlib import Path

from models.values import Details, Failure, PrivacyReport
from processing.codec.base import Compressed, CompressionError
from processing.codec.orders import Facts, PresetFacts

JPEG = b"\xff\xd8"
LONGEST_REQUEST = 300


class Fatal:
    """Who is told of it."""

    say = None


def prepare():
    return "nothing at all"


def on_fatal(say):
    Fatal.say = say


def develop(content, order):
    """What is asked is done, and the facts are those of the order."""
    made = done(content)
    details = Details(
        taken_at=None, camera_make=None, camera_model=None, orientation=None, has_alpha=False,
        frame_count=order.original.frame_count, color_space="srgb",
    )  # fmt: skip
    privacy = PrivacyReport(had_gps=False, removed_tags=[], policy=order.policy)
    sizes = {"medium": 3, "thumbnail": len(made) - 3}
    presets = [
        PresetFacts(name=name, width_px=1, height_px=1, size_bytes=size) for name, size in sizes.items()
    ]
    facts = Facts(presets=presets, thumbhash="", dominant_color="", details=details, privacy=privacy)
    return facts, [made[:3], made[3:]]


def render(content, order):
    return bytes(done(content)) + order.recipe.name.encode()


def compress(content, wish, limits):
    facts = {"width_px": limits.max_pixels, "height_px": int(wish.compression.value)}
    kept = asked(content)[:1] == ["keep"]
    return Compressed(memoryview(done(content)), f"image/{wish.policy}", **facts, kept_original=kept)


def done(content):
    name, *arguments = asked(content) or [""]
    return DOES.get(name, halve)(content, *arguments)


def asked(content):
    is_jpeg = bytes(content[:2]) == JPEG
    line = bytes(content).rpartition(b"\n")[2] if is_jpeg else bytes(content[:LONGEST_REQUEST])
    return line.decode("latin-1").split()


def halve(content, *_):
    return bytes(content[: len(content) // 2])


def keep(content, *_):
    return content


def segv(*_):
    ctypes.string_at(0)


def abort(*_):
    os.abort()


def leave(*_):
    os._exit(0)


def stumble(*_):
    raise ZeroDivisionError


def loop(*_):
    while True:
        pass


def toil(*_):
    """Uses a tenth of a second of processor time."""
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    return b"toiled"


def hang(*_):
    time.sleep(600)


def hog(*_):
    return bytearray(8 << 30)


def hog_as_c_does(*_):
    """Asks for memory, and uses what it was not given."""
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.memset(ctypes.c_void_p(library.malloc(ctypes.c_size_t(8 << 30))), 1, 1)


def refuse(*_):
    raise CompressionError(Failure(code="NOT_DECODABLE", message="It is damaged.", retryable=False))


def give_up(*_):
    """As libjpeg does, but takes its time to end."""
    Fatal.say(CompressionError(Failure(code="NOT_DECODABLE", message="It gave up.", retryable=False)))
    time.sleep(600)


def scribble(*_):
    """Writes to every file that it can."""
    for path in Path("/proc/self/fd").iterdir():
        if "memfd" in (path.readlink().name if path.is_symlink() else ""):
            try:
                os.pwrite(int(path.name), b"scribbled", 0)
                os.ftruncate(int(path.name), 0)
            except OSError:
                pass
    return b""


def family(*_):
    """Who this is, and who its mother is."""
    return f"{os.getpid()} {os.getppid()}".encode()


def files(*_):
    return "\n".join(
        str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.exists()
    ).encode()


def environment(*_):
    return "\n".join(os.environ).encode()


def core(*_):
    return str(resource.getrlimit(resource.RLIMIT_CORE)).encode()


def wait(_, name):
    """Makes a file, and goes on when it is gone."""
    Path(name).touch()
    while Path(name).exists():
        time.sleep(0.002)
    return b"waited"


DOES = {
    function.__name__: function
    for function in list(globals().values())
    if callable(function) and function is not Fatal
}
