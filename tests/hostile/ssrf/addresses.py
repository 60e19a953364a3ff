"""Addresses that strangers choose, by row of the catalogue. None may be connected to."""

from __future__ import annotations

INSIDE_V4 = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",  # noqa: S104 - asked for, not listened on
    "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
INSIDE_V6 = [
    "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "fc00::1", "fd00:ec2::254",
    "fe80::1", "ff02::1", "::127.0.0.1",
]  # fmt: skip
NAMES: dict[str, list[list[str]]] = {
    "public.test": [["93.184.216.34"]],
    "mixed.test": [["93.184.216.34", "::1"]],
    "mixed4.test": [["93.184.216.34", "127.0.0.1"]],
    "scoped.test": [["fe80::1%lo"]],
    "localhost": [["127.0.0.1", "::1"]],
    "ip6-localhost": [["::1"]],
    "rebound.test": [["127.0.0.1"]],
    "mongodb.internal": [["127.0.0.7"]],
    "bucket.s3.internal": [["127.0.0.8"]],
    "metadata.google.internal": [["127.0.0.9"]],
    **{f"v4-{number}.test": [[address]] for number, address in enumerate(INSIDE_V4)},
    **{f"v6-{number}.test": [[address]] for number, address in enumerate(INSIDE_V6)},
}
"""What the name server says."""


ODD = [
    "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "017700000001", "①②⑦.⓪.⓪.①",
    "127。0。0。1", "localhost", "localhost.", "LOCALHOST", "ip6-localhost", "[::]", "%31%32%37.0.0.1",
    "127.0.0.1%00.public.test", "127.0.0.1\u00ad", "0",
]  # fmt: skip
TWOFOLD = [
    "http://ok@127.0.0.1:{port}/", "http://public.test@127.0.0.1:{port}/", "http://public.test:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@public.test/", "http://127.0.0.1:{port}\\@public.test/", "http://public.test\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\t/", "http://127.0.0.1:{port}\n/", "http:// 127.0.0.1:{port}/", "http://127.0.0.1:22/",
    "http://127.0.0.1:25/", "http://127.0.0.1:6379/", "http://127.0.0.1:27017/", "http://public.test:22/",
    "https://127.0.0.1:{port}/", "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/",
    "http://public.test:8080/", "http:///127.0.0.1:{port}/", "http:127.0.0.1:{port}", "http:/127.0.0.1:{port}/",
]  # fmt: skip
OTHER_SCHEMES = [
    "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "ftp://127.0.0.1:{port}/", "dict://127.0.0.1:{port}/",
    "data:image/png;base64,iVBORw0KGgo=", "jar:http://127.0.0.1:{port}!/a", "unix:///var/run/docker.sock",
    "ws://127.0.0.1:{port}/", "127.0.0.1:{port}/a.jpg", "//127.0.0.1:{port}/a.jpg", "/etc/passwd",
    "HTTP://127.0.0.1:{port}/", "javascript:alert(1)", "", " ", "http://",
]  # fmt: skip
SERVICES = ["mongodb.internal", "bucket.s3.internal", "metadata.google.internal", "169.254.169.254"]


def of_row(row: str, port: int) -> list[str]:
    """The row's addresses; at `port` of this machine somebody is at home."""
    here = f":{port}/a.jpg"
    v4 = [*INSIDE_V4, *(f"v4-{number}.test" for number in range(len(INSIDE_V4)))]
    v6 = [*(f"[{host}]" for host in INSIDE_V6), *(f"v6-{number}.test" for number in range(len(INSIDE_V6)))]
    scoped = ["[fe80::1%25eth0]", "[fe80::1%eth0]", "scoped.test"]
    rows = {
        "s1": [f"http://{host}{here}" for host in v4],
        "s2": [f"http://{host}{here}" for host in [*v6, *scoped]],
        "s3": [f"http://{host}{here}" for host in ODD],
        "s4": [text.format(port=port) for text in TWOFOLD],
        "s5": [*(text.format(port=port) for text in OTHER_SCHEMES), "x" * 40_000],
        "s7": [f"http://{host}.test{here}" for host in ("mixed", "mixed4", "rebound")],
        "s12": [f"http://{host}{here}" for host in SERVICES] + ["http://mongodb.internal:27017/"],
    }
    return rows[row]


ROWS = ("s1", "s2", "s3", "s4", "s5", "s7", "s12")
