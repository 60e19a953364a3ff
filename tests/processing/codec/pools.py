"""Pools whose images ask for faults, and what runs on the machine because of them."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

from models.values import Compression, MetadataPolicy
from processing.codec.base import CompressionError, Wish
from processing.codec.pool import Bounds, Pool
from processing.probe import Limits

FAULTS = "tests.processing.codec.faults"
WISH = Wish(Compression(value=41), MetadataPolicy.KEEP)
LIMITS = Limits(max_pixels=50_000_000, max_frames=1_000)


@asynccontextmanager
async def pool_of(children, nursery=None, **bounds):
    """A pool that does what images ask for."""
    pool = Pool(children, LIMITS, Bounds(**bounds), nursery=nursery, module=FAULTS)
    try:
        yield pool
    finally:
        await pool.close()


async def compressed(pool, image):
    """What becomes of the bytes of an image."""
    async with pool.slot() as slot:
        slot.write(image)
        return bytes((await slot.compress(WISH)).content)


async def failure(pool, image):
    """Why it does not become anything."""
    try:
        await compressed(pool, image)
    except CompressionError as error:
        return error.failure


async def family(pool):
    """The ids of a child and of its mother."""
    return [int(pid) for pid in (await compressed(pool, b"family")).split()]


@asynccontextmanager
async def neighbour(pool, folder):
    """An image that is in a process for the length of the block; it must come out well."""
    file = folder / "waiting"
    waiting = asyncio.create_task(compressed(pool, f"wait {file}".encode()))
    await until(file.exists)
    yield
    assert not waiting.done()
    file.unlink()
    assert await waiting == b"waited"


async def until(holds):
    """Asks until it does."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)


def children(pid):
    """The processes that somebody has, the dead ones that nobody has buried among them."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def address_space(pid):
    """How much a process may take, and how much it may at most be allowed to."""
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line.split()[3:5] for line in limits if line.startswith("Max address space"))


def is_running(pid):
    """Whether there is such a process, and it has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def resident_bytes(pid):
    """What a process has in memory of its own: shared pages do not count."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_Dirty"))


def open_files():
    """How many this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))
