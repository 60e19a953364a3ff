"""Guards of work: outbox, leases, tickets and dead letters (2.9)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

INGEST: Final = "tests/processing/test_ingest.py"
ITEM: Final = "tests/processing/test_item.py"
RUNNER: Final = "tests/processing/test_runner.py"
QUEUE: Final = "tests/processing/queue/test_contract.py"
KAFKA: Final = "tests/processing/queue/kafka"
HOUSE: Final = "tests/processing/test_housekeeping.py"
OUTCOMES: Final = "tests/processing/batches/test_outcomes.py"

WORK: Final = (
    Guard(
        "X5 X12",
        "work is remembered with what it is about",
        "processing/register.py",
        "                [development(entry.image, entry.trace) for entry in entries], transaction\n",
        "                [development(entry.image, entry.trace) for entry in entries]\n",
        (f"{INGEST}::test_a_failure_to_publish_leaves_nothing", INGEST),
    ),
    Guard(
        "X5 X12",
        "what nobody takes is announced again",
        "processing/queue/kafka/window.py",
        "        if told.again_at > now:",
        "        if True:",
        (f"{KAFKA}/test_window.py::test_what_nobody_takes_goes_to_the_next_partition_later_each_time",),
    ),
    Guard(
        "X6 X12",
        "an item is taken by one worker",
        "models/work.py",
        '            "ready_at": {"$in": [work.ready_at for work in seen]},\n',
        "",
        (f"{QUEUE}::test_x12_two_consumers_never_hold_the_same_item",),
    ),
    Guard(
        "X6",
        "what is known already is not begun anew",
        "models/work.py",
        '"ready_at": {"$ifNull": ["$ready_at", from_now(delay_seconds)]}}',
        '"ready_at": from_now(delay_seconds)}',
        ("tests/models/test_work.py::test_x6_an_item_that_is_known_stays_as_it_is",),
    ),
    Guard(
        "X6 X8",
        "who lost the lease changes nothing",
        "models/work.py",
        'return {"$or": [{"_id": work_id, "lease": lease} for work_id, lease in items]}',
        'return {"$or": [{"_id": work_id} for work_id, _ in items]}',
        (f"{QUEUE}::test_who_lost_the_lease_changes_nothing",),
    ),
    Guard(
        "X6 X8 X15",
        "a unit ends under its ticket alone",
        "models/batch_unit.py",
        '**running, "ticket": tickets[unit_id]}',
        "**running}",
        (f"{OUTCOMES}::test_an_ending_that_comes_late_changes_nothing_and_holds_up_nobody",),
    ),
    Guard(
        "X6 X8 X15",
        "a unit that has ended does not end again",
        "processing/batches/outcomes.py",
        "        if ended < len(endings):",
        "        if False:",
        (f"{OUTCOMES}::test_a_unit_that_two_end_at_once_ends_once",),
    ),
    Guard(
        "X6 X8",
        "an image goes through its stages once",
        "models/stages.py",
        ', "stage": {"$in": earlier}}',
        "}",
        (f"{ITEM}::test_two_workers_at_once_write_every_stage_once_and_leave_no_strays",),
    ),
    Guard(
        "X7",
        "a message that nobody understands is passed over",
        "processing/queue/kafka/messages.py",
        "    except (ValueError, TypeError, LookupError, OverflowError, InvalidId):",
        "    except ZeroDivisionError:",
        (f"{KAFKA}/test_messages.py::test_x7_a_message_that_nobody_understands_is_passed_over",),
    ),
    Guard(
        "X7",
        "work whose workers die is given up",
        "processing/runner.py",
        "        if leased.attempt > handler.max_attempts:",
        "        if False:",
        (f"{RUNNER}::test_x7_work_whose_workers_die_is_given_up_without_another_attempt",),
    ),
    Guard(
        "X7",
        "work that fails is given up after a while",
        "processing/runner.py",
        "final = is_lasting or leased.attempt >= handler.max_attempts",
        "final = is_lasting",
        (f"{RUNNER}::test_hopeless_work_is_given_up_and_becomes_a_dead_letter",),
    ),
    Guard(
        "X7",
        "whatever a handler raises, its item is tried again",
        "processing/runner.py",
        "        except Exception as error:  # noqa: BLE001 - whatever a handler raises, other items go on\n",
        "        except StorageError as error:\n",
        (f"{RUNNER}::test_an_attempt_that_fails_is_tried_again",),
    ),
    Guard(
        "X8",
        "an item whose worker has died comes again",
        "models/work.py",
        '            "ready_at": from_now(lease_seconds),\n',
        '            "ready_at": from_now(86_400),\n',
        (f"{QUEUE}::test_an_item_whose_worker_died_comes_again",),
    ),
    Guard(
        "X8",
        "a long attempt keeps its lease",
        "processing/runner.py",
        "                    await self._queue.extend(list(self._held))",
        "                    pass",
        (f"{RUNNER}::test_a_long_attempt_keeps_its_lease",),
    ),
    Guard(
        "X8",
        "what a killed attempt has left is deleted",
        "processing/item.py",
        "        await self._studio.delete_strays(image)\n",
        "",
        (
            "tests/processing/replacing/test_replace_races.py::test_what_a_killed_worker_had_made_of_the_old_original_is_deleted",
        ),
    ),
    Guard(
        "X8",
        "a chunk of a manifest is counted once",
        "processing/batches/expand.py",
        'chunk.batch_id, {"$set": cursor}, transaction, expanded_rows=chunk.first_row\n',
        'chunk.batch_id, {"$set": cursor}, transaction\n',
        ("tests/processing/batches/test_expand.py",),
    ),
    Guard(
        "X8",
        "a unit in nobody's hands is handed out again",
        "processing/batches/mending.py",
        "        for ticket in tickets.keys() - known:",
        "        for ticket in set():",
        ("tests/processing/batches/test_mending.py",),
    ),
    Guard(
        "X12",
        "a lease has one holder",
        "models/lease.py",
        '        is_free = {"$or": [{"$eq": ["$holder", holder]}, {"$lte": [{"$ifNull": ["$until", NOW]}, NOW]}]}',
        "        is_free = True",
        (f"{HOUSE}::test_x12_of_many_who_want_a_lease_one_has_it_and_may_take_it_anew",),
    ),
    Guard(
        "X12",
        "one keeps house",
        "processing/housekeeping.py",
        "                if await Lease.take(LEASE, self._holder, self._interval_seconds * LEASE_INTERVALS):",
        "                if True:",
        (f"{HOUSE}::test_x12_while_one_keeps_house_no_other_does_and_afterwards_the_next_may",),
    ),
)

GUARDS: Final = (*WORK,)
