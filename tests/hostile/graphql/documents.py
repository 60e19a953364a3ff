"""Documents that are made to cost, or to find out."""

from __future__ import annotations


def nested(levels: int) -> str:
    return "{ a" * levels + " }" * levels


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice: 2**levels fields, if anybody counted them one by one."""
    fragments = [f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels)]
    return "\n".join(["{ ...f0 }", *fragments, f"fragment f{levels} on Query {{ __typename }}"])


def chained(links: int) -> str:
    """Each fragment spreads the next one."""
    fragments = [f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(links)]
    return "\n".join(["{ ...f0 }", *fragments, f"fragment f{links} on Query {{ __typename }}"])


def overlapping(count: int) -> str:
    fields = " ".join(f"a: gallery(first: {n}) {{ totalCount }}" for n in range(1, count))
    return f"{{ ...x ...y }} fragment x on Query {{ {fields} }} fragment y on Query {{ {fields} }}"


DEEP = {
    "16 levels": nested(16), "10,000 levels": nested(10_000), "10,000 lists": "{ a(b: " + "[" * 10_000,
    "as many fragments in a chain as tokens allow": chained(245),
}  # fmt: skip
MANY = {
    "5,000 aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(5_000)) + " }",
    "31 aliases": "{ viewer { " + " ".join(f"a{n}: id" for n in range(31)) + " } }",
    "5,000 times one field": "{ " + "__typename " * 5_000 + "}",
    "21 root fields": "{ " + "__typename " * 21 + "}",
    "5,000 directives": "{ __typename " + "@include(if: true) " * 5_000 + "}",
    "51 directives that nobody knows": "{ __typename " + "@no " * 51 + "}",
    "51 directives on a query": "query " + "@no " * 51 + "{ __typename }",
    "51 directives on variables": "query (" + "".join(f"$v{n}: Int @no " for n in range(51)) + ") { __typename }",
}  # fmt: skip
TANGLED = {
    "25 levels that double": doubling(25),
    "60 levels that double": doubling(60),
    "10,000 fragments": "{ __typename } " + " ".join(f"fragment f{n} on Query {{ x }}" for n in range(10_000)),
    "300 fields over 300": overlapping(300),
    "200 pairs of one name": overlapping(101),
}  # fmt: skip
CYCLIC = {
    "a fragment in itself": "{ ...f } fragment f on Query { ...f }",
    "two in each other": "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }",
    "deep below": "{ ...f } fragment f on Query { viewer { ...g } } fragment g on User { id ... { ...g } }",
}
LONG = {
    "a comment of a megabyte": "{ __typename } #" + "x" * 1_000_000,
    "a block string of a megabyte": '{ image(id: """' + "x" * 1_000_000 + '""") { id } }',
    "10,000 comments": "#\n" * 10_000 + "{ __typename }",
    "1,000 operations": " ".join(f"query q{n} {{ __typename }}" for n in range(1_000)),
    "1,000 variables": "query (" + " ".join(f"$v{n}: Int" for n in range(1_000)) + ") { __typename }",
}

READS_THE_SCHEMA = [
    "{ __schema { types { name } } }", '{ __type(name: "Query") { fields { name } } }',
    "query { ...f } fragment f on Query { a: __schema { queryType { name } } }",
    "{ __schema { types { fields { type { fields { type { name } } } } } } }",
]  # fmt: skip
NEARLY_RIGHT = [
    "{ galery { totalCount } }", "{ viewr { id } }", "{ viewer { emial } }", "{ gallery(frist: 1) { totalCount } }",
    "{ gallery(orderBy: {field: CREATED_A, direction: ASC}) { totalCount } }", "{ gallery(filter: {stat: READY}) { totalCount } }",
    'mutation { logIn(input: {emial: "a", password: "b"}) { __typename } }', "mutation { logn { __typename } }",
    "{ ... on Qery { __typename } }", "{ viewer { ... on Usr { id } } }", "query ($a: Strng) { __typename }", "{ __typename @skp(if: true) }",
    "subscription { imageProgres { sequence } }", "query ($first: Int) { gallery(first: $frst) { totalCount } }",
    "fragment viewr on Query { x } { ...viewer }", "{ viewer { id(x: 1) } }", "mutation { uploadImage { __typename } }",
]  # fmt: skip

UNSELECTED = [
    "{ gallery }", "{ gallery { nodes } }", "{ viewer { usage } }", "{ __typename ... on Query { viewer } }", "query ($id: ID!) { it: node(id: $id) }",
    "mutation { logOut(input: {}) }", "subscription { galleryChanges }", "{ gallery { ...f } } fragment f on ImageConnection { pageInfo }",
]  # fmt: skip

NODES = "nodes { id variants { url } }"
DEAR = {
    "a large page": "{ gallery(first: 99999999) { nodes { id } } }",
    "more than an Int": "{ gallery(first: 99999999999) { nodes { id } } }",
    "a negative page": "{ gallery(first: -1) { nodes { id } } }",
    "from both ends": "{ gallery(first: 1, last: 1) { nodes { id } } }",
    "twenty full pages": "{ "
    + " ".join(f"a{n}: gallery(first: 100) {{ {NODES} }}" for n in range(20))
    + " }",
    "101 nodes by id": "{ nodes(ids: [" + '"x",' * 1_000 + "]) { id } }",
}
