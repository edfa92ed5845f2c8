"""Hypothesis strategies for every message of the protocol, within the limits that the decoder enforces."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from backend_lambda.protocol import messages as m
from backend_lambda.protocol.errors import FAILURES
from backend_lambda.protocol.limits import MAX_BLOB, MAX_ID, MAX_REPORT, Limits

_TCHAR = "!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters
_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_sizes = st.integers(1024, 1 << 53)

ids = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=MAX_ID)
numbers = st.integers(0, 1 << 53)
bodies = st.one_of(
    st.binary(max_size=64),
    # Above the threshold of deflate: one that shrinks and one that does not.
    st.builds(lambda piece: piece * 300, st.binary(min_size=4, max_size=8)),
    st.randoms(use_true_random=False).map(lambda random: random.randbytes(1500)),
)
field_names = st.text(_TCHAR, min_size=1, max_size=20)
field_values = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=30)
headers = st.lists(st.tuples(field_names, field_values), max_size=8)
targets = st.text(st.characters(min_codepoint=0x21, max_codepoint=255, exclude_characters="\x7f"), max_size=40).map(
    "/{}".format
)
deltas = st.lists(st.integers(0, 600) | st.tuples(field_names, field_values), max_size=8)
digests = st.just("") | st.text("0123456789abcdef", min_size=64, max_size=64)
report_words = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?", fullmatch=True)
word_lists = st.lists(report_words, max_size=4) | st.just(["word"] * MAX_REPORT)
close_codes = st.integers(1000, 4999)

urls = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40).flatmap(
    lambda rest: st.sampled_from([f"http://{rest}", f"https://{rest}"])
)

options = st.builds(
    m.TunnelOptions,
    upstream=st.sampled_from(["http://localhost:3000", "https://[::1]:8443", "http://bücher.example"]),
    host_header=st.sampled_from(["upstream", "public"]),
    forwarded=st.sampled_from(["localhost", "aware"]),
    mode=st.sampled_from(["raw", "static", "app", "spa", "auto", "host"]),
    rewrite_oauth=st.booleans(),
    blobs=st.booleans(),
)
limits = st.builds(
    Limits,
    message=_sizes, inline=numbers, chunk=_sizes, window=st.none() | _sizes,
    deadline=_sizes, ping=_sizes, lifetime=st.none() | _sizes, blob=st.none() | numbers,
)  # fmt: skip

blobs = st.builds(m.Blob, st.integers(0, MAX_BLOB), st.booleans(), st.just("") | urls)

BY_TYPE: dict[type, st.SearchStrategy[m.Message]] = {
    m.Hello: st.builds(m.Hello, st.none() | _words, _words.filter(bool), options, _words, st.booleans()),
    m.Welcome: st.builds(
        m.Welcome, ids.filter(lambda text: len(text) < 64), st.integers(1, 1 << 53), urls,
        st.none() | urls, st.sampled_from(["computer", "network", "internet"]), limits, st.booleans(),
    ),
    m.Ping: st.builds(m.Ping, _words),
    m.Pong: st.builds(m.Pong, _words),
    m.Request: st.builds(
        m.Request, ids, st.text(_TCHAR, min_size=1, max_size=32), targets | st.just("*"), headers, bodies,
        st.booleans(), st.sampled_from(["http", "websocket"]),
        st.builds(m.Visitor, _words, _words, st.none() | deltas, numbers),
        numbers, st.none() | blobs, st.just("") | urls,
    ),
    m.Response: st.builds(m.Response, ids, st.integers(100, 999), headers, bodies, st.booleans(), st.none() | blobs),
    m.Data: st.builds(m.Data, ids, numbers, bodies, st.booleans(), st.booleans()),
    m.End: st.builds(m.End, ids, numbers) | st.builds(m.End, ids, numbers, close_codes, _words),
    m.Window: st.builds(m.Window, ids, st.integers(1, 1 << 53)),
    m.Error: st.builds(m.Error, st.just("") | ids, st.sampled_from(sorted(FAILURES)), _words),
    m.Cancel: st.builds(m.Cancel, ids, _words),
    m.Goodbye: st.builds(m.Goodbye, st.booleans(), _words),
    m.Superseded: st.builds(m.Superseded, st.integers(1, 1 << 53)),
    m.Report: st.builds(
        m.Report, ids, st.just("") | report_words, word_lists,
        st.dictionaries(report_words, st.integers(1, 1 << 53), max_size=4), word_lists,
        st.none()
        | st.builds(m.Delivered, st.integers(100, 999), deltas)
        | st.builds(m.Delivered, st.integers(100, 999), deltas, numbers, digests.filter(bool)),
    ),
    m.Leak: st.builds(
        m.Leak, st.text(_TCHAR, min_size=1, max_size=32), targets | st.just("*"), targets,
    ),
}  # fmt: skip
"""Every class that has an encoder; test_fields.py checks that none is missing."""

messages: st.SearchStrategy[m.Message] = st.one_of(*BY_TYPE.values())
