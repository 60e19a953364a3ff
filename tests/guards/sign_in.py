"""Guards of tokens, passwords and accounts: 2.7."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

AUTH, RATES, SESSION = "auth.py", "resolvers/rates.py", "models/session.py"
TOKENS, GUESSING = "tests/hostile/auth/test_tokens.py", "tests/hostile/auth/test_guessing.py"
FORGED = f"{TOKENS}::test_a1_a_token_that_we_did_not_write_so_is_refused_in_the_same_words"

GUARDS: Final = (
    Guard(
        "A1",
        "the signature of a token",
        AUTH,
        'options={"require": REQUIRED_CLAIMS}',
        'options={"verify_signature": False}',
        (FORGED,),
    ),
    Guard(
        "A1", "what a token must say", AUTH, 'options={"require": REQUIRED_CLAIMS}', "options={}", (FORGED,)
    ),
    Guard(
        "A1",
        "that a claim stands once",
        AUTH,
        'if json.loads(decoded["payload"], object_pairs_hook=len) != len(claims):',
        "if not claims:",
        (FORGED,),
    ),
    Guard(
        "A1",
        "the end of a token that is remembered",
        AUTH,
        "if viewer.expires_at <= datetime.now(UTC) - LEEWAY:",
        "if viewer.expires_at is None:",
        ("tests/test_auth.py::test_a_token_that_was_verified_before_still_ends",),
    ),
    Guard(
        "A1",
        "which kind of token it is",
        AUTH,
        "            audience=audience,",
        "            audience=[ACCESS, REFRESH],",
        ("tests/test_auth.py::test_a_refresh_token_speaks_for_nobody",),
    ),
    Guard(
        "A2",
        "the hash for nobody",
        AUTH,
        "known = password_hash or await self._nobodys()",
        "known = password_hash or await self._nobodys()\n        if password_hash is None:\n            return False",
        ("tests/hostile/auth/test_enumeration.py::test_a2_a_password_is_hashed_for_an_unknown_address_too",),
    ),
    Guard(
        "A2",
        "the one answer to who is unknown",
        "resolvers/emails.py",
        "        return email[: LONGEST_EMAIL + 1]\n",
        "        raise\n",
        (
            "tests/hostile/auth/test_enumeration.py::test_a2_a_wrong_password_and_an_unknown_address_get_the_same_answer",
        ),
    ),
    Guard(
        "A3 G3",
        "the count of an account's failures",
        RATES,
        'Limit("account-failures", 10, QUARTER_SECONDS)',
        'Limit("account-failures", 10_000, QUARTER_SECONDS)',
        (
            f"{GUESSING}::test_g3_twenty_guesses_in_one_document_count_as_twenty",
            f"{GUESSING}::test_a3_fifty_guesses_at_once_are_ten",
        ),
    ),
    Guard(
        "A3",
        "the count before the look at a password",
        RATES,
        "    rate = await Rate.count_one(limit, subject)\n    try:\n        yield rate\n",
        "    rate = await Rate.count_one(limit, subject)\n    await Rate.take_back(rate)\n    try:\n        yield rate\n",
        (f"{GUESSING}::test_a3_fifty_guesses_at_once_are_ten",),
    ),
    Guard(
        "A3",
        "the count of a client's failures",
        RATES,
        "unless_failed(CLIENT_FAILURES, client(context)),",
        "unless_failed(CLIENT_FAILURES, account),",
        (f"{GUESSING}::test_a3_one_client_fails_a_hundred_times_over_all_accounts",),
    ),
    Guard(
        "A3",
        "the count of a client's sign-ups",
        "resolvers/accounts.py",
        "await Rate.count_one(rates.CLIENT_SIGN_UPS, client)",
        "pass",
        (f"{GUESSING}::test_a3_sign_ups_of_one_client_are_bounded",),
    ),
    Guard(
        "A3",
        "the count of addresses that are taken",
        "resolvers/accounts.py",
        "async with rates.unless_failed(rates.CLIENT_TAKEN_EMAILS, client):",
        "if client:",
        (f"{GUESSING}::test_a3_a_hundred_addresses_that_are_taken_are_enough",),
    ),
    Guard(
        "A3",
        "which proxy is believed",
        "server/__init__.py",
        "proxy_headers=bool(settings.trusted_proxies),\n        forwarded_allow_ips=list(settings.trusted_proxies),",
        'proxy_headers=True,\n        forwarded_allow_ips="*",',
        (
            f"{GUESSING}::test_a3_a_client_is_not_believed_about_its_own_address",
            f"{GUESSING}::test_a3_an_address_in_front_of_the_proxys_own_is_not_believed",
        ),
    ),
    Guard(
        "A3",
        "the hash of what is counted",
        "models/rate.py",
        'return f"{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()}"',
        'return f"{limit.name}:{subject}{hashlib.sha256(subject.encode()).hexdigest()}"',
        (f"{GUESSING}::test_a3_no_counter_shows_whose_it_is",),
    ),
    Guard(
        "A4",
        "what of a search can be sought",
        "models/words.py",
        "return RUN.findall(folded(text))",
        "return folded(text).split()",
        ("tests/hostile/auth/test_operators.py::test_a4_a_pattern_is_sought_as_it_stands",),
    ),
    Guard(
        "A5",
        "one spelling for what looks the same",
        AUTH,
        'return unicodedata.normalize("NFKC", password)',
        'return unicodedata.normalize("NFC", password[:72])',
        ("tests/hostile/auth/test_passwords.py::test_a5_the_whole_of_a_password_counts",),
    ),
    Guard(
        "A5",
        "the length of a password",
        "resolvers/accounts.py",
        "if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:",
        "if not SHORTEST_PASSWORD <= len(password):",
        ("tests/hostile/auth/test_passwords.py::test_a5_a_megabyte_is_no_password_and_keeps_nobody_waiting",),
    ),
    Guard(
        "A6",
        "one spelling for one mailbox",
        "resolvers/emails.py",
        "return checked.normalized.casefold()",
        "return checked.normalized",
        ("tests/hostile/auth/test_emails.py::test_a6_one_mailbox_is_one_account",),
    ),
    Guard(
        "A6",
        "one account for one address",
        "models/user.py",
        "email: Annotated[str, Indexed(unique=True)]",
        "email: Annotated[str, Indexed()]",
        ("tests/hostile/auth/test_emails.py::test_a6_of_many_sign_ups_at_once_exactly_one_wins",),
    ),
    Guard(
        "A7",
        "the look whether a session has ended",
        "app.py",
        "if await self._services.revocations.ended(viewer.session_id):",
        "if viewer is None:",
        (
            "tests/acceptance/test_sessions.py::test_a7_who_logs_out_everywhere_ends_every_session_of_theirs_alone",
        ),
    ),
    Guard(
        "A7",
        "the news of an end, in other processes",
        "processing/revocations.py",
        "on_insert=lambda insert: self.apply([Revocation.model_validate(insert.document)]),",
        "on_insert=lambda insert: self.apply([]),",
        ("tests/acceptance/test_revocation.py::test_a7_an_end_reaches_every_process",),
    ),
    Guard(
        "A7",
        "the end of a session whose token comes again",
        "resolvers/sessions.py",
        "lambda transaction: Session.end(PydanticObjectId(claims.session_id), transaction)",
        "lambda transaction: Session.end(PydanticObjectId(), transaction)",
        ("tests/acceptance/test_sessions.py::test_a7_a_token_that_is_used_again_later_ends_its_session",),
    ),
    Guard(
        "A8",
        "the length of the secret",
        "settings/__init__.py",
        "if len(given.get_secret_value().encode()) < SECRET_MIN_BYTES:",
        "if not given:",
        ("tests/test_settings.py::test_what_is_secret_is_not_shown",),
    ),
    Guard(
        "A8",
        "the secret that an operator chooses",
        "settings/__init__.py",
        "if not _in_development(found):",
        "if not found:",
        ("tests/test_settings.py::test_production_refuses_to_start_without_a_secret",),
    ),
)
