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
    "mongodb.internal": [["10.0.0.7"]],
    "bucket.s3.internal": [["192.168.3.3"]],
    "metadata.google.internal": [["169.254.169.254"]],
    **{f"v4-{number}.test": [[address]] for number, address in enumerate(INSIDE_V4)},
    **{f"v6-{number}.test": [[address]] for number, address in enumerate(INSIDE_V6)},
}
"""What the name server says."""


def of_row(row: str, port: int) -> list[str]:
    """The row's addresses; `port` is somebody's of this machine."""
    rows = {
        "s1": [f"http://{host}/a.jpg" for host in INSIDE_V4]
        + [f"http://v4-{number}.test/a.jpg" for number in range(len(INSIDE_V4))],
        "s2": [f"http://[{host}]/a.jpg" for host in INSIDE_V6]
        + [f"http://v6-{number}.test/a.jpg" for number in range(len(INSIDE_V6))]
        + ["http://[fe80::1%25eth0]/a.jpg", "http://[fe80::1%eth0]/a.jpg", "http://scoped.test/a.jpg"],
        "s3": [
            "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/",
            "http://127.0.0.1./", "http://017700000001/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/",
            "http://localhost/", "http://localhost./", "http://LOCALHOST/", "http://ip6-localhost/", "http://[::]/",
            "http://%31%32%37.0.0.1/", "http://127.0.0.1%00.public.test/", "http://127.0.0.1\u00ad/", "http://0/",
        ],
        "s4": [
            "http://ok@127.0.0.1/", f"http://public.test@127.0.0.1:{port}/", "http://public.test:80@127.0.0.1/",
            "http://127.0.0.1#@public.test/", "http://127.0.0.1\\@public.test/", "http://public.test\\@127.0.0.1/",
            "http://127.0.0.1\t/", "http://127.0.0.1\n/", "http:// 127.0.0.1/", "http://127.0.0.1:22/",
            "http://127.0.0.1:25/", "http://127.0.0.1:6379/", "http://127.0.0.1:27017/", "http://public.test:22/",
            f"https://127.0.0.1:{port}/", "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/",
            "http://public.test:8080/", "http:///127.0.0.1/", "http:127.0.0.1", "http:/127.0.0.1/",
        ],
        "s5": [
            "file:///etc/passwd", f"gopher://127.0.0.1:{port}/_x", f"ftp://127.0.0.1:{port}/", f"dict://127.0.0.1:{port}/",
            "data:image/png;base64,iVBORw0KGgo=", f"jar:http://127.0.0.1:{port}!/a", "unix:///var/run/docker.sock",
            f"ws://127.0.0.1:{port}/", "127.0.0.1/a.jpg", "//127.0.0.1/a.jpg", "/etc/passwd", "HTTP://127.0.0.1/",
            "javascript:alert(1)", "", " ", "http://", "x" * 40_000,
        ],
        "s7": ["http://mixed.test/", "http://mixed4.test/", "http://rebound.test/"],
        "s12": [
            "http://mongodb.internal/", "http://mongodb.internal:27017/", "http://bucket.s3.internal/key?X-Amz-Signature=1",
            "http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/computeMetadata/v1/",
            "mongodb://mongodb.internal/",
        ],
    }  # fmt: skip
    return rows[row]


ROWS = ("s1", "s2", "s3", "s4", "s5", "s7", "s12")
EVERY_ADDRESS = [address for row in ROWS for address in of_row(row, 9)]
