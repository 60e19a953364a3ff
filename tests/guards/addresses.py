"""Guards of what strangers have fetched: which addresses, and how they are written (2.5)."""

from __future__ import annotations

from typing import Final

from tests.guards.base import Guard

FETCH: Final = "processing/fetch"
TESTS: Final = "tests/processing/fetch"
PUBLIC: Final = f"{TESTS}/test_public.py"
TARGET: Final = f"{TESTS}/test_target.py"
FETCHER: Final = f"{TESTS}/test_fetcher.py"
REDIRECTS: Final = f"{TESTS}/test_redirects.py"
V6: Final = ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
V4: Final = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
)  # fmt: skip

NETWORKS: Final = tuple(
    Guard(
        row,
        f"{network} is special",
        f"{FETCH}/public.py",
        f'        "{network}",',
        "",
        (f"{PUBLIC}::{test}",),
    )
    for row, networks, test in (
        ("S1", V4, "test_s1_no_special_ipv4_address_is_public"),
        ("S2", V6, "test_s2_no_special_ipv6_address_is_public_whatever_it_carries"),
    )
    for network in networks
)

ADDRESSES: Final = (
    Guard(
        "S1 S2 S7",
        "what is not public is not connected to",
        f"{FETCH}/resolving.py",
        "        if not is_public(address):",
        "        if False:",
        (f"{PUBLIC}::test_s1_no_special_ipv4_address_is_connected_to",),
    ),
    Guard(
        "S2",
        "only unicast is public",
        f"{FETCH}/public.py",
        " or address not in UNICAST_V6:",
        ":",
        (f"{PUBLIC}::test_s2_no_special_ipv6_address_is_public_whatever_it_carries",),
    ),
    Guard(
        "S2",
        "an address with a scope is not public",
        f"{FETCH}/public.py",
        "if address.scope_id is not None or ",
        "if ",
        (f"{PUBLIC}::test_s2_no_special_ipv6_address_is_public_whatever_it_carries",),
    ),
    Guard(
        "S7",
        "all addresses of a name are checked",
        f"{FETCH}/resolving.py",
        "    for address in addresses:\n",
        "    for address in list(addresses)[:1]:\n",
        (f"{PUBLIC}::test_s7_one_private_address_among_public_ones_is_enough",),
    ),
    Guard(
        "S7",
        "a name is looked up once",
        f"{FETCH}/fetcher.py",
        "            session = connecting.session(addresses, target.port, self._tls)",
        "            addresses = await self._guard._looked_up(target.host)\n"
        "            session = connecting.session(addresses, target.port, self._tls)",
        (f"{PUBLIC}::test_s7_a_name_that_is_rebound_is_looked_up_once_and_reached_where_it_was_checked",),
    ),
    Guard(
        "S7",
        "no socket leads to what nobody has checked",
        f"{FETCH}/connecting.py",
        "        if ip_address(address) not in addresses or to_port != port:",
        "        if False:",
        (f"{FETCHER}::test_the_client_gets_no_socket_to_an_address_that_was_not_checked",),
    ),
    Guard(
        "S4",
        "ports are those of the web",
        f"{FETCH}/resolving.py",
        "        if not named and target.port not in PORTS.values():",
        "        if False:",
        (f"{TARGET}::test_s4_no_other_port_than_those_of_the_web_is_connected_to",),
    ),
    Guard(
        "S12",
        "an origin is named with its port",
        f"{FETCH}/resolving.py",
        "        named = target.origin in self._private_origins",
        "        named = any(target.host == host for host, _ in self._private_origins)",
        (f"{FETCHER}::test_an_origin_that_is_named_is_open_under_that_name_and_port_alone",),
    ),
    Guard(
        "S12",
        "an origin is named with its host",
        f"{FETCH}/resolving.py",
        "        named = target.origin in self._private_origins",
        "        named = any(target.port == port for _, port in self._private_origins)",
        (f"{FETCHER}::test_an_origin_that_is_named_is_open_under_that_name_and_port_alone",),
    ),
)

WRITTEN: Final = (
    Guard(
        "S3",
        "a host that ends in a number is an IP address",
        f"{FETCH}/target.py",
        "    if _NUMBER.fullmatch(labels[-1]) and _literal(name) is None:",
        "    if False:",
        (f"{TARGET}::test_s3_a_host_in_a_form_that_others_might_read_otherwise_is_refused",),
    ),
    Guard(
        "S3",
        "a host is made of letters, digits and hyphens",
        f"{FETCH}/target.py",
        " or not all(map(_LABEL.fullmatch, labels)):",
        ":",
        (f"{TARGET}::test_s3_a_host_in_a_form_that_others_might_read_otherwise_is_refused",),
    ),
    Guard(
        "S3",
        "a dot at the end is nothing",
        f"{FETCH}/target.py",
        '_ascii(text).removesuffix(".")',
        "_ascii(text)",
        (f"{TARGET}::test_s3_s4_an_address_is_normalised",),
    ),
    Guard(
        "S3",
        "other alphabets are read as the domain name system does",
        f"{FETCH}/target.py",
        "        return idna.encode(name, uts46=True).decode()",
        "        return idna.encode(name).decode()",
        (f"{TARGET}::test_s3_s4_an_address_is_normalised",),
    ),
    Guard(
        "S4",
        "an address has no user",
        f"{FETCH}/target.py",
        '    if "@" in authority:\n',
        '    authority = authority.rpartition("@")[2]\n    if False:\n',
        (f"{TARGET}::test_s4_what_could_be_read_in_two_ways_is_refused",),
    ),
    Guard(
        "S4",
        "an address has no control characters",
        f"{FETCH}/target.py",
        'if not text.isprintable() or " " in text',
        'if " " in text',
        (f"{TARGET}::test_s4_what_could_be_read_in_two_ways_is_refused",),
    ),
    Guard(
        "S4",
        "an address has no backslashes",
        f"{FETCH}/target.py",
        r' or "\\" in text:',
        ":",
        (f"{TARGET}::test_s4_what_could_be_read_in_two_ways_is_refused",),
    ),
    Guard(
        "S5",
        "only http and https are addresses",
        f"{FETCH}/target.py",
        '    r"(?P<scheme>https?)://',
        '    r"(?P<scheme>https?|dict)://',
        (f"{TARGET}::test_s5_only_http_and_https_are_addresses",),
    ),
    Guard(
        "S6",
        "a redirect is followed by us, and checked like the first address",
        f"{FETCH}/fetcher.py",
        "encoded=True), allow_redirects=False)",
        "encoded=True), allow_redirects=True)",
        (f"{REDIRECTS}::test_s6_a_redirect_looks_its_name_up_anew",),
    ),
    Guard(
        "S6",
        "each hop is checked anew",
        f"{FETCH}/fetcher.py",
        "                target = _next(target, response)",
        "                target = _next(target, response)\n"
        "                self._guard._private_origins |= {target.origin}",
        (f"{REDIRECTS}::test_s6_a_redirect_to_the_inside_leads_nowhere",),
    ),
    Guard(
        "S6",
        "five redirects are enough",
        f"{FETCH}/fetcher.py",
        "        for _ in range(1 + MAX_REDIRECTS):",
        "        for _ in range(1_000):",
        (f"{REDIRECTS}::test_s6_a_chain_of_redirects_ends",),
    ),
    Guard(
        "S6",
        "none leads from https to http",
        f"{FETCH}/fetcher.py",
        '    if (target.scheme, following.scheme) == ("https", "http"):',
        "    if False:",
        (f"{TESTS}/test_tls.py::test_s6_a_redirect_from_https_to_http_is_not_followed",),
    ),
    Guard(
        "S6",
        "a certificate is verified",
        f"{FETCH}/fetcher.py",
        "        self._tls = ssl.create_default_context()",
        "        self._tls = ssl._create_unverified_context()",
        (f"{TESTS}/test_tls.py::test_a_certificate_that_nobody_vouches_for_is_refused",),
    ),
)

GUARDS: Final = (*NETWORKS, *ADDRESSES, *WRITTEN)
