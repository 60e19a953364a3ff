"""Guards of what goes out: names, headers, signatures and ranges (2.4, 2.8)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

SIGNING: Final = "tests/delivery/test_signing.py"
RANGES: Final = "tests/delivery/test_ranges.py"
SERVED: Final = "tests/hostile/files/test_served.py"
ADDRESSES: Final = "tests/hostile/rights/test_addresses.py"
ROUTES: Final = "tests/hostile/rights/test_routes.py"
DELIVERY: Final = "tests/acceptance/test_delivery.py"
ATTACHMENT: Final = (
    f"{SERVED}::test_i7_what_is_served_as_it_came_is_an_attachment_of_the_sniffed_type_in_a_sandbox"
)

HEADERS: Final = (
    Guard(
        "I7",
        "nothing is sniffed by a browser",
        "delivery/sending.py",
        '    "X-Content-Type-Options": "nosniff",\n',
        "",
        (ATTACHMENT,),
    ),
    Guard(
        "I7",
        "what is served has a policy",
        "delivery/sending.py",
        '    "Content-Security-Policy": "default-src \'none\'; sandbox",\n',
        "",
        (ATTACHMENT,),
    ),
    Guard(
        "I7",
        "an original is an attachment",
        "delivery/naming.py",
        'disposition = f"attachment; ',
        'disposition = f"inline; ',
        (ATTACHMENT,),
    ),
    Guard(
        "I7",
        "a link of S3's gives an attachment of the sniffed type",
        "storage/s3/adapter.py",
        'f"attachment; filename*=',
        'f"inline; filename*=',
        ("tests/storage/s3/test_s3_signatures.py::test_a_link_gives_the_bytes_as_an_attachment",),
    ),
)

SIGNATURES: Final = (
    Guard(
        "R6 R10",
        "a signature is compared",
        "delivery/signing.py",
        "if str(end) != expires or not hmac.compare_digest(",
        "if str(end) != expires or not (lambda *_: True)(",
        (f"{SIGNING}::test_another_secret_signs_other_addresses",),
    ),
    Guard(
        "R6",
        "the path is signed",
        "delivery/signing.py",
        'inner.update(f"{path}\\n{expires}".encode())',
        'inner.update(f"{expires}".encode())',
        (f"{ADDRESSES}::test_r6_ones_own_signature_opens_nothing_of_anothers",),
    ),
    Guard(
        "R6",
        "the end is signed",
        "delivery/signing.py",
        'inner.update(f"{path}\\n{expires}".encode())',
        'inner.update(f"{path}".encode())',
        (f"{ADDRESSES}::test_r6_an_address_that_was_changed_opens_nothing",),
    ),
    Guard(
        "R6",
        "an end is written in one way",
        "delivery/signing.py",
        "if str(end) != expires or not",
        "if not",
        (f"{SIGNING}::test_r6_an_end_is_written_in_one_way",),
    ),
    Guard(
        "R6",
        "an end is a number",
        "delivery/signing.py",
        "        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):",
        "        if not expires:",
        (f"{SIGNING}::test_an_end_that_is_no_plain_number_is_refused",),
    ),
    Guard(
        "R6",
        "the service's secret signs",
        "delivery/signing.py",
        "        key = hmac.digest(secret.encode(), b",
        '        key = hmac.digest(b"", b',
        (f"{SIGNING}::test_another_secret_signs_other_addresses",),
    ),
    Guard(
        "R8",
        "an address ends",
        "delivery/signing.py",
        "        return left if left > 0 else None",
        "        return max(left, 1)",
        (f"{SIGNING}::test_an_address_works_for_its_lifetime_and_not_for_half_as_long_again",),
    ),
    Guard(
        "R8",
        "caches keep no longer than the address is good",
        "delivery/images.py",
        "max-age={self.seconds_left}, immutable",
        "max-age=31536000, immutable",
        (f"{ADDRESSES}::test_r8_a_picture_can_be_cached_no_longer_than_its_address_is_good",),
    ),
    Guard(
        "R8",
        "an address that ends is kept by its owner's cache alone",
        "delivery/images.py",
        'visibility = "public" if self.has_no_end else "private"',
        'visibility = "public"',
        ("tests/delivery/test_images.py::test_an_address_that_ends_is_kept_by_its_owners_cache_only",),
    ),
    Guard(
        "R7",
        "an image's address is for reading",
        "delivery/images.py",
        'self.answer, methods=["GET", "HEAD"])',
        'self.answer, methods=["GET", "HEAD", "POST", "PUT", "DELETE"])',
        (f"{ADDRESSES}::test_r7_an_address_is_for_one_method",),
    ),
    Guard(
        "R10",
        "results are signed",
        "delivery/results.py",
        '        if self._signer.seconds_left(request.scope["path"], expires, signature) is None:',
        "        if False:",
        ("tests/delivery/test_results.py::test_a_changed_or_unknown_address_is_refused",),
    ),
    Guard(
        "R10",
        "an image is signed",
        "delivery/images.py",
        "        if seconds_left is None:\n",
        "        seconds_left = seconds_left or 1\n        if False:\n",
        (f"{ROUTES}::test_r10_without_a_signature_nothing_is_looked_up",),
    ),
    Guard(
        "R9",
        "an address is for one original and one policy",
        "delivery/naming.py",
        "    return image if image and _version(image) == version else None",
        "    return image",
        ("tests/acceptance/test_replace.py::test_old_addresses_lead_nowhere_and_the_old_bytes_are_deleted",),
    ),
)

RANGED: Final = (
    Guard(
        "I7",
        "a range is cut to the object",
        "delivery/ranges.py",
        "min(int(last) + 1, size_bytes) if last else size_bytes",
        "int(last) + 1 if last else size_bytes",
        (f"{RANGES}::test_a_range_is_cut_to_the_object",),
    ),
    Guard(
        "I7",
        "the end of an object may be asked for with more than it has",
        "delivery/ranges.py",
        "ByteRange(max(size_bytes - int(last), 0), size_bytes)",
        "ByteRange(size_bytes - int(last), size_bytes)",
        (f"{RANGES}::test_a_range_is_cut_to_the_object",),
    ),
    Guard(
        "I7",
        "a range behind the end is refused",
        "delivery/ranges.py",
        "    if wanted.start >= wanted.end:",
        "    if False:",
        (f"{RANGES}::test_a_range_of_which_nothing_exists_is_unsatisfiable",),
    ),
    Guard(
        "I7",
        "a range of other bytes gives everything",
        "delivery/sending.py",
        ' or request.headers.get("if-range", wanted.etag) != wanted.etag:',
        ":",
        (f"{DELIVERY}::test_a_range_of_other_bytes_gives_everything",),
    ),
)

NAMES: Final = (
    Guard(
        "I9",
        "a name is no path",
        "processing/filenames.py",
        '.rsplit("/", 1)[-1]',
        "",
        ("tests/processing/test_filenames.py",),
    ),
    Guard(
        "I9",
        "a name has no characters that cannot be shown",
        "processing/filenames.py",
        "for c in spaced if c.isprintable())",
        "for c in spaced)",
        ("tests/processing/test_filenames.py",),
    ),
    Guard(
        "I9",
        "a name does not begin with a dot",
        "processing/filenames.py",
        '.strip().lstrip(".")',
        ".strip()",
        ("tests/processing/test_filenames.py",),
    ),
    Guard(
        "I9",
        "a name is short",
        "processing/filenames.py",
        "    return _shortened(trimmed) or unnamed",
        "    return trimmed or unnamed",
        ("tests/processing/test_filenames.py",),
    ),
    Guard(
        "I9",
        "a name is quoted in its header",
        "delivery/naming.py",
        "quote(image.filename, safe='')",
        "image.filename",
        ("tests/acceptance/test_delivery.py::test_i9_the_original_has_the_name_that_it_came_with",),
    ),
    Guard(
        "I9",
        "no key leads out of the folder",
        "storage/filesystem.py",
        "    if not all(map(_is_name, parts)):\n        raise",
        "    if False:\n        raise",
        (
            "tests/storage/filesystem/test_filesystem_names.py::test_what_is_no_key_is_refused_and_leads_nowhere",
        ),
    ),
)

GUARDS: Final = (*NAMES, *HEADERS, *SIGNATURES, *RANGED)
