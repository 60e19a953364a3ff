"""Guards of batches and of their results (2.6)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

MANIFEST: Final = "processing/manifest"
TESTS: Final = "tests/processing/manifest"
ROWS: Final = f"{TESTS}/test_rows.py"
BATCH: Final = "tests/hostile/csv/test_batches.py"
UNITS: Final = "tests/processing/batches/units"
SUBMITTED: Final = "tests/acceptance/test_batches_submitted.py"

RESULTS: Final = (
    Guard(
        "C12",
        "what a spreadsheet would run is guarded",
        f"{MANIFEST}/formulas.py",
        '    return f"\'{text}" if _FORMULA.match(text) else text',
        "    return text",
        (f"{TESTS}/test_results.py::test_c12_no_cell_is_a_formula",),
    ),
    Guard(
        "C12",
        "the product's name is guarded",
        f"{MANIFEST}/results.py",
        "        guarded(product.name),",
        "        product.name,",
        (f"{TESTS}/test_results.py::test_c12_no_cell_is_a_formula",),
    ),
    Guard(
        "C12",
        "the serial number is guarded",
        f"{MANIFEST}/results.py",
        "        guarded(product.serial_number),",
        "        product.serial_number,",
        (f"{TESTS}/test_results.py::test_c12_no_cell_is_a_formula",),
    ),
    Guard(
        "C12",
        "columns of the manifest's own are guarded",
        f"{MANIFEST}/results.py",
        "*map(guarded, product.extra)",
        "*product.extra",
        (f"{TESTS}/test_results.py::test_c12_no_cell_is_a_formula",),
    ),
    Guard(
        "C12",
        "headings of the manifest's own are guarded",
        f"{MANIFEST}/results.py",
        "*map(guarded, extra_headings)",
        "*extra_headings",
        (f"{TESTS}/test_results.py::test_c12_no_cell_is_a_formula",),
    ),
    Guard(
        "C12",
        "what was guarded is read back as it was",
        f"{MANIFEST}/formulas.py",
        '    return text[1:] if text.startswith("\'") and _FORMULA.match(text) else text',
        "    return text",
        (f"{ROWS}::test_the_guard_of_a_formula_is_taken_off",),
    ),
    Guard(
        "C16",
        "what has no output keeps its slot",
        f"{MANIFEST}/results.py",
        '",".join(_output(item).replace(",", "%2C") for item in product.items)',
        '",".join(filter(None, map(_output, product.items)))',
        (f"{TESTS}/test_results.py::test_a_failed_image_leaves_an_empty_slot",),
    ),
    Guard(
        "C16",
        "a comma in an output takes no slot",
        f"{MANIFEST}/results.py",
        '_output(item).replace(",", "%2C")',
        "_output(item)",
        (f"{TESTS}/test_results.py::test_a_comma_in_an_output_takes_no_slot",),
    ),
)

BATCHES: Final = (
    Guard(
        "C11",
        "images with one address are one unit",
        "processing/batches/ids.py",
        'f"address {earlier_count // IMAGES_PER_UNIT} {url}"',
        'f"address {earlier_count} {url}"',
        (f"{UNITS}/test_unit.py::test_all_items_with_the_address_end_with_its_image", BATCH),
    ),
    Guard(
        "C16",
        "results are in the order of the manifest",
        "models/batch_results.py",
        'wanted, [("row", ASCENDING)], PRODUCTS_PER_PART)',
        'wanted, [("name", ASCENDING)], PRODUCTS_PER_PART)',
        (BATCH,),
    ),
    Guard(
        "C17",
        "what ends is no longer counted as running",
        "processing/batches/ledger.py",
        "        counts[COUNTERS[before]] -= count\n",
        "",
        ("tests/processing/batches/test_outcomes.py::test_a_batch_ends_as_its_items_have",),
    ),
    Guard(
        "C18",
        "a key keeps the answer to a submission",
        "processing/batches/submit.py",
        "                await keeper.keep(passing.sha256().hex(), answer(batch), transaction)",
        "                pass",
        (f"{SUBMITTED}::test_c18_a_repeat_with_the_same_key_is_answered_as_the_first_time",),
    ),
    Guard(
        "C19",
        "a picture that crashes the codec twice fails",
        "processing/batches/trying.py",
        "    if not failure.retryable or is_poison or",
        "    if not failure.retryable or",
        (f"{UNITS}/test_failures.py::test_one_crash_of_the_codec_is_forgiven_the_second_is_not",),
    ),
    Guard(
        "C19",
        "a unit is tried only so often",
        "processing/batches/trying.py",
        " or unit.tries >= TRIES",
        "",
        (f"{UNITS}/test_failures.py::test_the_last_of_five_tries_ends_it",),
    ),
)

GUARDS: Final = (*RESULTS, *BATCHES)
