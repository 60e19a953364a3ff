"""Guards of what strangers have fetched: how much, for how long, and what is told of it (2.5)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

FETCH: Final = "processing/fetch"
TESTS: Final = "tests/processing/fetch"
FETCHER: Final = f"{TESTS}/test_fetcher.py"
BODIES: Final = f"{TESTS}/test_bodies.py"

ANSWERS: Final = (
    Guard(
        "S8",
        "bytes are counted as they come",
        f"{FETCH}/fetcher.py",
        "            if size_bytes > self._limits.max_bytes:",
        "            if False:",
        (f"{BODIES}::test_s8_an_endless_body_is_cut_off",),
    ),
    Guard(
        "S8",
        "what is said to be too large is not read",
        f"{FETCH}/fetcher.py",
        "        if (response.content_length or 0) > self._limits.max_bytes:",
        "        if False:",
        (f"{BODIES}::test_s8_a_body_that_is_said_to_be_too_large_is_not_read",),
    ),
    Guard(
        "S8",
        "silence is bounded",
        f"{FETCH}/fetcher.py",
        "min(self._end, self._now() + self._silence_seconds)",
        "self._end",
        (f"{BODIES}::test_s8_a_server_that_says_nothing_is_given_up_long_before_the_whole_time_is_over",),
    ),
    Guard(
        "S8",
        "the whole time is bounded",
        f"{FETCH}/fetcher.py",
        "min(self._end, self._now() + self._silence_seconds)",
        "self._now() + self._silence_seconds",
        (f"{BODIES}::test_s8_a_body_that_drips_is_given_up",),
    ),
    Guard(
        "S8",
        "a packed body is refused",
        f"{FETCH}/fetcher.py",
        '        if response.headers.get("Content-Encoding", "identity").lower() != "identity":',
        "        if False:",
        (f"{BODIES}::test_s8_a_compressed_body_is_refused_and_never_unpacked",),
    ),
    Guard(
        "S8",
        "only a 200 is a file",
        f"{FETCH}/fetcher.py",
        "        if response.status != OK:",
        "        if False:",
        (f"{BODIES}::test_s8_only_a_200_is_a_file",),
    ),
    Guard(
        "S9",
        "the caller is not told why",
        f"{FETCH}/fetcher.py",
        "        raise FetchFailedError from failure",
        "        refused = FetchFailedError()\n        refused.message = reason\n        raise refused from failure",
        (f"{FETCHER}::test_s9_every_refusal_is_the_same",),
    ),
    Guard(
        "S9",
        "an unknown name is no other failure than a closed port",
        f"{FETCH}/fetcher.py",
        "    except _failures() as failure:\n        reason",
        "    except RefusedError as failure:\n        reason",
        (f"{FETCHER}::test_s9_every_refusal_is_the_same",),
    ),
    Guard(
        "S10",
        "no proxy of the environment is used",
        f"{FETCH}/connecting.py",
        "trust_env=False",
        "trust_env=True",
        (f"{FETCHER}::test_s10_no_proxy_of_the_environment_is_used",),
    ),
    Guard(
        "S10",
        "a target learns only what is needed",
        f"{FETCH}/connecting.py",
        '        skip_auto_headers=["Accept"],\n',
        "",
        (f"{FETCHER}::test_s10_a_target_learns_nothing_but_what_it_is_asked_for",),
    ),
    Guard(
        "S11",
        "a host has so many fetches at once",
        f"{FETCH}/fetcher.py",
        "self._hosts = Turns(limits.per_host)",
        "self._hosts = Turns(1_000)",
        (f"{FETCHER}::test_s11_one_host_has_so_many_fetches_at_once_and_the_others_wait",),
    ),
    Guard(
        "S11",
        "hosts do not wait for one another",
        f"{FETCH}/fetcher.py",
        "self._hosts.turn(target.host, ",
        'self._hosts.turn("", ',
        (f"{FETCHER}::test_s11_the_wait_for_a_busy_host_ends_and_other_hosts_are_not_kept_waiting",),
    ),
)

GUARDS: Final = (*ANSWERS,)
