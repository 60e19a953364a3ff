import asyncio
from contextlib import asynccontextmanager

from processing.codec.admission import Admission


@asynccontextmanager
async def inside(admission, *sizes):
    """Tasks that each want a turn for an image of so many pixels, and keep it; gives who is in, by place."""
    entered, leave = [], [asyncio.Event() for _ in sizes]

    async def visit(place):
        async with admission.turn(sizes[place]):
            entered.append(place)
            await leave[place].wait()

    tasks = [asyncio.create_task(visit(place)) for place in range(len(sizes))]
    await settled()
    yield entered, leave, tasks
    for event in leave:
        event.set()
    await asyncio.gather(*tasks, return_exceptions=True)


async def settled():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_so_many_images_are_let_in_as_there_are_processes():
    async with inside(Admission(images=2, pixels=100), 1, 1, 1) as (entered, leave, _):
        assert entered == [0, 1]

        leave[0].set()
        await settled()

        assert entered == [0, 1, 2]


async def test_two_large_images_are_not_let_in_together_and_two_small_ones_are():
    async with inside(Admission(images=2, pixels=50), 50, 50) as (entered, _, _):
        assert entered == [0]
    async with inside(Admission(images=2, pixels=50), 25, 25) as (entered, _, _):
        assert entered == [0, 1]


async def test_an_image_larger_than_all_may_be_together_goes_alone():
    async with inside(Admission(images=2, pixels=50), 1000, 1) as (entered, leave, _):
        assert entered == [0]

        leave[0].set()
        await settled()

        assert entered == [0, 1]


async def test_small_images_do_not_go_past_a_large_one_that_waits():
    async with inside(Admission(images=3, pixels=50), 10, 50, 10) as (entered, leave, _):
        assert entered == [0]

        leave[0].set()
        await settled()

        assert entered == [0, 1]


async def test_one_that_no_longer_waits_holds_up_nobody():
    async with inside(Admission(images=2, pixels=50), 10, 50, 10) as (entered, _, tasks):
        tasks[1].cancel()
        await settled()

        assert entered == [0, 2]


async def test_one_that_is_cancelled_inside_gives_its_turn_back():
    async with inside(Admission(images=1, pixels=50), 50, 50) as (entered, _, tasks):
        tasks[0].cancel()
        await settled()

        assert entered == [0, 1]


async def test_one_that_is_cancelled_as_it_is_let_in_gives_its_turn_back():
    async with inside(Admission(images=1, pixels=50), 50, 50, 50) as (entered, leave, tasks):
        leave[0].set()
        tasks[0].add_done_callback(lambda _: tasks[1].cancel())
        await settled()

        assert 2 in entered
