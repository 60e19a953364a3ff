"""Texts that are no message of the protocol, and a frame that may hold none."""

from __future__ import annotations

import json

SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": "{ hello }"}}

MALFORMED = {
    "empty": "",
    "not JSON": "{",
    "binary": b'{"type":"ping"}',
    "array": "[]",
    "number": "5",
    "null": "null",
    "string": '"ping"',
    "deep": "[" * 50_000 + "]" * 50_000,
    "deep in a message": '{"type":"ping","payload":' + '{"a":' * 30_000 + "1" + "}" * 30_000 + "}",
    "lone surrogate": '{"type":"ping","x":"\\ud800"}',
    "no type": "{}",
    "type null": '{"type":null}',
    "type of no message": '{"type":"start"}',
    "type that only we send": '{"type":"next"}',
    "type a list": '{"type":["ping"]}',
    "ping payload a list": '{"type":"ping","payload":[]}',
    "ping payload a number": '{"type":"ping","payload":1}',
    "pong payload a string": '{"type":"pong","payload":"x"}',
    "token a number": '{"type":"ping","payload":{"authorization":5}}',
    "complete without id": '{"type":"complete"}',
    "complete id a number": '{"type":"complete","id":1}',
    "id an object": json.dumps({**SUBSCRIBE, "id": {}}),
    "id empty": json.dumps({**SUBSCRIBE, "id": ""}),
    "id null": json.dumps({**SUBSCRIBE, "id": None}),
    "no payload": '{"type":"subscribe","id":"1"}',
    "payload null": json.dumps({**SUBSCRIBE, "payload": None}),
    "payload a list": json.dumps({**SUBSCRIBE, "payload": []}),
    "no query": json.dumps({**SUBSCRIBE, "payload": {}}),
    "query null": json.dumps({**SUBSCRIBE, "payload": {"query": None}}),
    "query a number": json.dumps({**SUBSCRIBE, "payload": {"query": 1}}),
    "variables a list": json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "variables": [1]}}),
    "variables a string": json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "variables": "{}"}}),
    "operationName a number": json.dumps(
        {**SUBSCRIBE, "payload": {"query": "{ hello }", "operationName": 1}}
    ),
    "extensions a list": json.dumps({**SUBSCRIBE, "payload": {"query": "{ hello }", "extensions": []}}),
}
