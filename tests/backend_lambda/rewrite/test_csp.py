"""Policies of the app `http://localhost:3000`, shown below `https://t.example/abc123`."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend_lambda.rewrite.context import RewriteContext
from backend_lambda.rewrite.csp import (
    allows_import_map,
    import_map_hash,
    map_meta_policy,
    map_policy,
    needs_integrity,
    nonce_of,
    script_hash,
)
from backend_lambda.rewrite.document import Document, Loader
from backend_lambda.rewrite.html.inject import import_map_text
from backend_lambda.rewrite.loading import own_path

_U = "http://localhost:3000"
_E = "https://t.example"
_OWN = f"{_E}/abc123/__hw/"
_MAP = import_map_hash("/abc123")
_RUNTIME = script_hash(b"runtime")
_FETCHES = """
    base-uri child-src connect-src default-src fenced-frame-src font-src form-action frame-ancestors frame-src img-src
    manifest-src media-src navigate-to object-src prefetch-src script-src script-src-attr script-src-elem style-src
    style-src-attr style-src-elem worker-src
    """
_APP = "'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='"


def _with_runtime(value: str, context: RewriteContext, nonce: str | None = None) -> str:
    return map_policy(value, context, loader=True, nonce=nonce, loader_hash=_RUNTIME, import_map_hash=_MAP)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("script-src 'self'", "script-src 'self'", id="RH11-self"),
        pytest.param("default-src 'self'", "default-src 'self'", id="RH11-default"),
        pytest.param("img-src 'none'", "img-src 'none'", id="RH11-scripts-are-free"),
        pytest.param("", "", id="RH11-empty"),
        pytest.param("script-src *", "script-src *", id="RH13-anything"),
        pytest.param("script-src https:", "script-src https:", id="RH13-scheme"),
        pytest.param("script-src *.example t.example", "script-src *.example t.example", id="RH13-host"),
        pytest.param(f"script-src {_APP}", f"script-src {_APP} {_OWN}", id="RH13-hash-only"),
        pytest.param("script-src 'none'", f"script-src {_OWN}", id="RH13-none"),
        pytest.param("script-src 'NONE' ;a", f"script-src {_OWN} ;a", id="RH13-none-in-capitals"),
        pytest.param("script-src", f"script-src {_OWN}", id="RH13-empty-list"),
        pytest.param(
            "script-src 'none' https://a.example",
            f"script-src 'none' https://a.example {_OWN}",
            id="RH13-none-is-ignored",
        ),
        pytest.param(
            "Script-Src\tx.example ; img-src *", f"Script-Src\tx.example {_OWN} ; img-src *", id="RH13-other-host"
        ),
        pytest.param(f"script-src {_E}/abc123/js/", f"script-src {_E}/abc123/js/ {_OWN}", id="RH13-other-path"),
        pytest.param(f"script-src {_E}/abc123/", f"script-src {_E}/abc123/", id="RH13-path-covers"),
        pytest.param(f"script-src {_OWN}", f"script-src {_OWN}", id="RH13-allowed-already"),
        pytest.param("script-src blob: 'unsafe-eval'", f"script-src blob: 'unsafe-eval' {_OWN}", id="RH13-blob"),
        pytest.param(
            "script-src-elem x.example; script-src 'self'",
            f"script-src-elem x.example {_OWN}; script-src 'self'",
            id="RH13-elem-first",
        ),
        pytest.param(
            "script-src x.example; default-src 'none'",
            f"script-src x.example {_OWN}; default-src 'none'",
            id="RH13-before-default",
        ),
        pytest.param(
            "default-src 'none'; style-src 'self'",
            f"default-src 'none'; style-src 'self'; script-src-elem {_OWN}",
            id="RH13-default-none",
        ),
        pytest.param(
            "default-src x.example;", f"default-src x.example; script-src-elem x.example {_OWN}", id="RH13-default-host"
        ),
        pytest.param(
            "script-src x.example; script-src y.example",
            f"script-src x.example {_OWN}; script-src y.example",
            id="RH13-the-second-of-a-name-is-ignored",
        ),
        pytest.param(
            "default-src 'self', script-src x.example , img-src *",
            f"default-src 'self', script-src x.example {_OWN} , img-src *",
            id="RH13-each-policy-of-a-list",
        ),
        pytest.param(
            "script-src 'strict-dynamic' https:", "script-src 'strict-dynamic' https:", id="RH13-strict-without-hash"
        ),
        pytest.param("sandbox; x-unknown  'none' ;;", "sandbox; x-unknown  'none' ;;", id="RH13-unknown-directives"),
        pytest.param("script-src é", "script-src é", id="RH13-not-ascii-is-ignored"),
    ],
)
def test_the_loader_may_run(value: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_policy(value, below_prefix, loader=True) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("script-src 'self'", f"script-src 'self' {_MAP}", id="RH13-self"),
        pytest.param("script-src 'self' 'unsafe-inline'", "script-src 'self' 'unsafe-inline'", id="RH13-unsafe-inline"),
        pytest.param(
            f"script-src 'self' 'unsafe-inline' {_APP}",
            f"script-src 'self' 'unsafe-inline' {_APP} {_MAP}",
            id="RH13-hash-prevails",
        ),
        pytest.param(f"script-src 'self' {_MAP}", f"script-src 'self' {_MAP}", id="RH13-allowed-already"),
        pytest.param(f"script-src {_APP}", f"script-src {_APP} {_OWN} {_MAP}", id="RH13-hash-only"),
        pytest.param("default-src 'self'", f"default-src 'self'; script-src-elem 'self' {_MAP}", id="RH13-default"),
        pytest.param(
            "default-src 'self' 'unsafe-inline'", "default-src 'self' 'unsafe-inline'", id="RH13-default-unsafe-inline"
        ),
        pytest.param(
            f"default-src 'self' 'unsafe-inline' {_APP}; img-src *",
            f"default-src 'self' 'unsafe-inline' {_APP}; img-src *; "
            f"script-src-elem 'self' 'unsafe-inline' {_APP} {_MAP}",
            id="RH13-inline-styles-stay",
        ),
        pytest.param(
            f"script-src {_APP} 'strict-dynamic'",
            f"script-src {_APP} 'strict-dynamic' {_RUNTIME} {_MAP}",
            id="RH13-strict-hash",
        ),
        pytest.param(
            "script-src 'unsafe-inline' 'Strict-Dynamic' https:",
            f"script-src 'unsafe-inline' 'Strict-Dynamic' https: {_RUNTIME} {_MAP}",
            id="RH13-strict-prevails",
        ),
        pytest.param(
            "script-src 'nonce-N' 'self'",
            f"script-src 'nonce-N' 'self' {_MAP}",
            id="RH12-a-nonce-that-our-tags-do-not-carry",
        ),
    ],
)
def test_the_import_map_may_run(value: str, expected: str, below_prefix: RewriteContext) -> None:
    assert _with_runtime(value, below_prefix) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("script-src 'nonce-N' 'strict-dynamic'", None, id="RH12-strict-dynamic"),
        pytest.param(
            "script-src 'nonce-N' 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'", None, id="RH12-usual"
        ),
        pytest.param(
            "default-src 'self'; script-src 'NONCE-N'; worker-src 'self'", None, id="RH12-keyword-in-capitals"
        ),
        pytest.param("script-src 'nonce-N'", None, id="RH12-nonce-only"),
        pytest.param("default-src 'nonce-N'", None, id="RH12-default"),
        pytest.param("script-src 'nonce-n'", f"script-src 'nonce-n' {_OWN} {_MAP}", id="RH12-nonces-have-case"),
        pytest.param(
            "script-src 'nonce-N' blob:",
            f"script-src 'nonce-N' blob: {_OWN}",
            id="RH12-imports-of-blob-workers-carry-none",
        ),
        pytest.param(
            "script-src 'nonce-N'; worker-src blob:",
            f"script-src 'nonce-N' {_OWN}; worker-src blob:",
            id="RH12-imports-of-blob-workers-carry-none-elsewhere",
        ),
        pytest.param("script-src 'nonce-N' 'strict-dynamic' blob:", None, id="RH12-imports-are-trusted-where-strict"),
        pytest.param(
            "script-src 'nonce-N', script-src 'nonce-M'",
            f"script-src 'nonce-N', script-src 'nonce-M' {_OWN} {_MAP}",
            id="RH12-another-policy-with-another-nonce",
        ),
    ],
)
def test_a_nonce_is_enough(value: str, expected: str | None, below_prefix: RewriteContext) -> None:
    assert _with_runtime(value, below_prefix, nonce="N") == (value if expected is None else expected)


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        pytest.param(["script-src 'nonce-abc+/_-=='"], "abc+/_-==", id="RH12-alphabet"),
        pytest.param(["default-src 'self' 'nonce-a'"], "a", id="RH12-default"),
        pytest.param(["script-src-elem 'nonce-a'; script-src 'nonce-b'"], "a", id="RH12-elem-first"),
        pytest.param(["script-src 'self'; default-src 'nonce-a'"], None, id="RH12-default-is-not-asked"),
        pytest.param(["style-src 'nonce-a'"], None, id="RH12-of-styles"),
        pytest.param(["script-src 'self'", "img-src *, script-src 'Nonce-B'"], "B", id="RH12-second-policy"),
        pytest.param(["script-src 'nonce-a' 'nonce-b'", "script-src 'nonce-b'"], "b", id="RH12-satisfies-most"),
        pytest.param(["script-src 'nonce-a'; script-src 'nonce-b'"], "a", id="RH12-first-directive-counts"),
        pytest.param(["script-src 'nonce-' 'nonce-\"><x' nonce-a"], None, id="RH12-no-nonces"),
        pytest.param([], None, id="RH12-no-policy"),
    ],
)
def test_nonce_that_scripts_need(policies: list[str], expected: str | None) -> None:
    assert nonce_of(policies) == expected


@pytest.mark.parametrize(
    ("policies", "nonce", "expected"),
    [
        pytest.param([f"script-src {_APP} 'Strict-Dynamic'"], None, True, id="RH13-strict"),
        pytest.param(["default-src 'strict-dynamic'"], None, True, id="RH13-strict-default"),
        pytest.param(["script-src 'nonce-N' 'strict-dynamic'"], "N", False, id="RH12-nonce"),
        pytest.param(["script-src 'nonce-N', script-src 'nonce-M' 'strict-dynamic'"], "N", True, id="RH12-other-nonce"),
        pytest.param([f"script-src {_APP}", "default-src 'none'"], None, False, id="RH13-hosts-will-do"),
        pytest.param([], None, False, id="RH13-no-policy"),
    ],
)
def test_digest_of_the_runtime_is_needed_where_hosts_are_ignored(
    policies: list[str], nonce: str | None, expected: bool
) -> None:
    assert needs_integrity(policies, nonce) is expected


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        pytest.param([], True, id="RH13-no-policy"),
        pytest.param(["script-src 'self'"], True, id="RH13-self"),
        pytest.param(["script-src 'self'", "script-src 'none'"], False, id="RH13-no-scripts"),
        pytest.param(["default-src"], False, id="RH13-empty-list"),
        pytest.param(["default-src 'none'; script-src x"], True, id="RH13-some-scripts"),
        pytest.param(["img-src *, sandbox allow-forms"], False, id="RH13-sandbox"),
        pytest.param(["sandbox Allow-Scripts"], True, id="RH13-sandbox-with-scripts"),
    ],
)
def test_import_map_is_of_use_where_some_script_runs(policies: list[str], expected: bool) -> None:
    assert allows_import_map(policies) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(f"script-src {_U}/js/", f"script-src {_E}/abc123/js/", id="RH14-path"),
        pytest.param("connect-src ws://localhost:3000", "connect-src wss://t.example", id="RH14-websocket"),
        pytest.param(
            f"img-src  {_U}\t'self' ;\nFont-Src *", f"img-src  {_E}\t'self' ;\nFont-Src *", id="RH14-bytes-stay"
        ),
        *(pytest.param(f"{name} {_U}", f"{name} {_E}", id=f"RH14-{name}") for name in _FETCHES.split()),
        pytest.param(f"x-src {_U}; img-src", f"x-src {_U}; img-src", id="RH14-unknown-directive"),
        pytest.param(f"img-src *; img-src {_U}", f"img-src *; img-src {_U}", id="RH14-ignored-directive"),
        pytest.param("report-uri /r csp", "report-uri /abc123/r csp", id="RH15-report-uri"),
        pytest.param(
            f"report-uri {_U}/r https://o.example/r; report-to /r",
            "report-uri /abc123/r https://o.example/r; report-to /r",
            id="RH15-report-uris",
        ),
        pytest.param(
            "base-uri 'none'; form-action /x 'self'", "base-uri 'none'; form-action /x 'self'", id="RH15-kept"
        ),
        pytest.param(
            "require-trusted-types-for 'script'", "require-trusted-types-for 'script'", id="RH15-trusted-types"
        ),
        pytest.param("trusted-types a", "trusted-types a", id="RH15-no-runtime"),
        pytest.param("upgrade-insecure-requests; sandbox", "upgrade-insecure-requests; sandbox", id="RH16-kept"),
    ],
)
def test_origins_and_reports_move(value: str, expected: str, below_prefix: RewriteContext) -> None:
    assert map_policy(value, below_prefix) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("trusted-types a b; img-src *", "trusted-types a b hatchway; img-src *", id="RH15-listed"),
        pytest.param(
            "trusted-types a 'allow-duplicates'", "trusted-types a 'allow-duplicates' hatchway", id="RH15-keyword"
        ),
        *(
            pytest.param(value, value, id=f"RH15-{name}")
            for name, value in (
                ("any", "trusted-types a *"),
                ("already", "trusted-types hatchway"),
                ("none", "trusted-types 'none'"),
                ("empty", "trusted-types"),
                ("unlisted", "require-trusted-types-for 'script'"),
            )
        ),
    ],
)
def test_the_runtime_may_create_its_trusted_types_policy(
    value: str, expected: str, below_prefix: RewriteContext
) -> None:
    assert _with_runtime(value, below_prefix) == expected


def test_relative_report_address_that_climbs_out(below_prefix: RewriteContext) -> None:
    assert map_policy("report-uri ../../r", below_prefix, document_path="/a/b") == "report-uri /abc123/r"


def test_on_a_host_of_its_own_only_origins_change(on_own_host: RewriteContext) -> None:
    value = f"script-src {_U}/js/ 'self'; connect-src ws://localhost:3000; report-uri /r {_U}/r"
    expected = "script-src https://abc123.t.example/js/ 'self'; connect-src wss://abc123.t.example; report-uri /r /r"
    assert map_policy(value, on_own_host) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("img-src 'self'; upgrade-insecure-requests", "img-src 'self'", id="RH16-last"),
        pytest.param("Upgrade-Insecure-Requests; img-src 'self'", " img-src 'self'", id="RH16-first"),
        pytest.param("upgrade-insecure-requests", "", id="RH16-alone"),
        pytest.param(
            "script-src https://localhost:8443 https:",
            "script-src http://192.168.1.5:4780 https:",
            id="RH14-origin-without-https",
        ),
        pytest.param("img-src https:", "img-src https: http://192.168.1.5:4780", id="RH14-scheme-without-https"),
    ],
)
def test_over_plain_http_nothing_may_demand_https(value: str, expected: str, over_plain_http: RewriteContext) -> None:
    assert map_policy(value, over_plain_http) == expected


def test_upgrade_alone_makes_room_for_ours(over_plain_http: RewriteContext) -> None:
    assert map_policy("upgrade-insecure-requests", over_plain_http, loader=True) == ""


@pytest.mark.parametrize("host", ["t.example;script-src *", "t.example,x", "t.example x", "'unsafe-inline'", ""])
def test_an_origin_that_would_change_the_policy_is_kept_out(host: str, below_prefix: RewriteContext) -> None:
    value = f"script-src {_U} {_APP}"
    assert _with_runtime(value, replace(below_prefix, public_origin=f"https://{host}")) == value


@pytest.mark.parametrize(
    ("nonce", "import_map", "value", "expected"),
    [
        pytest.param(None, True, "script-src 'self'", f"script-src 'self' {_MAP}", id="RH16-import-map"),
        pytest.param(None, False, f"script-src {_APP}", f"script-src {_APP} {_OWN}", id="RH16-loader"),
        pytest.param("N", True, "script-src 'nonce-N'", "script-src 'nonce-N'", id="RH16-nonce"),
        pytest.param(None, False, "img-src *; report-uri ../../r", "img-src *; report-uri /abc123/r", id="RH16-report"),
        pytest.param(
            None,
            False,
            f"script-src {_APP} 'strict-dynamic'",
            f"script-src {_APP} 'strict-dynamic' {_RUNTIME}",
            id="RH16-strict",
        ),
    ],
)
def test_policy_in_the_page(
    nonce: str | None, import_map: bool, value: str, expected: str, below_prefix: RewriteContext
) -> None:
    loader = Loader("/abc123/__hw/rt.js", "{}", nonce=nonce, integrity=_RUNTIME.strip("'"), import_map=import_map)
    assert map_meta_policy(value, Document(below_prefix, "/a/b", loader=loader)) == expected


def test_policy_in_a_page_without_runtime(below_prefix: RewriteContext) -> None:
    document = Document(below_prefix, "/a/b")
    assert map_meta_policy(f"script-src {_APP} {_U}", document) == f"script-src {_APP} {_E}"


def test_what_is_allowed_is_where_our_files_are(below_prefix: RewriteContext) -> None:
    assert below_prefix.public_origin + own_path(below_prefix.prefix, "") == _OWN


def test_digest_of_the_import_map_is_that_of_its_text() -> None:
    digest = hashlib.sha256(import_map_text("/abc123").encode()).digest()
    assert import_map_hash("/abc123") == f"'sha256-{base64.b64encode(digest).decode()}'"


_words = st.sampled_from(
    ["'self'", "'none'", "*", "https:", "ws:", "'unsafe-inline'", "'strict-dynamic'", "'nonce-N'", "'nonce-M'", _APP,
     "blob:", _U, f"{_U}/js/", "localhost:3000", "localhost:*", "http://*:3000", "ws://localhost:3000/a",
     "ws://localhost:*", f"{_E}/x", "t.example", "http://t.example", "/x", "a", "hatchway", "é", "allow-scripts"]
)  # fmt: skip
_names = st.sampled_from(
    ["script-src", "script-src-elem", "default-src", "worker-src", "connect-src", "report-uri", "trusted-types",
     "sandbox", "upgrade-insecure-requests", "Script-SRC", "x"]
)  # fmt: skip
_blanks = st.sampled_from([" ", "  ", "\t"])
_directives = st.tuples(_names, st.lists(_words, max_size=4), _blanks).map(lambda d: d[2].join([d[0], *d[1]]))
_policies = st.lists(_directives, max_size=4).map("; ".join)
_values = st.lists(_policies, min_size=1, max_size=3).map(",".join) | st.text(alphabet=" ;,'-é", max_size=10)
_contexts = st.builds(
    RewriteContext,
    st.just("abc123"),
    st.sampled_from(["/abc123", ""]),
    st.sampled_from(["https://t.example", "http://192.168.1.5:4780"]),
    st.sampled_from(["http://localhost:3000", "https://localhost:8443"]),
)


@given(_values, _contexts, st.sampled_from([None, "N"]))
@example("default-src 'none';", RewriteContext("abc123", "/abc123", _E, _U), None)
def test_mapping_twice_is_mapping_once(value: str, context: RewriteContext, nonce: str | None) -> None:
    once = _with_runtime(value, context, nonce)
    assert _with_runtime(once, context, nonce) == once
    origins = map_policy(value, context)
    assert map_policy(origins, context) == origins


@given(_values, _contexts, st.sampled_from([None, "N"]))
def test_nothing_unsafe_is_ever_added(value: str, context: RewriteContext, nonce: str | None) -> None:
    out = _with_runtime(value, context, nonce)
    copies = len(re.findall("script-src-elem", out, re.IGNORECASE)) - len(
        re.findall("script-src-elem", value, re.IGNORECASE)
    )
    assert out.count("'unsafe-") <= value.count("'unsafe-") * (1 + copies)
    assert set(re.findall(r"'unsafe-\w+'", out)) <= set(re.findall(r"'unsafe-\w+'", value))
    assert out.count(",") == value.count(",")


@given(st.text(max_size=60), st.text(max_size=10), st.text(max_size=20), st.text(max_size=20))
def test_no_text_raises(value: str, prefix: str, public: str, upstream: str) -> None:
    context = RewriteContext("abc123", prefix, public, upstream)
    assert isinstance(_with_runtime(value, context), str)
    assert nonce_of([value]) is None or "nonce-" in value.lower()
    assert allows_import_map([value]) in (True, False)


@pytest.mark.parametrize("piece", ["script-src ", "'self' ", "localhost:* ", ";", ",", " ", "*.", "a/", "'nonce-a' "])
def test_a_huge_policy_takes_linear_time(piece: str, below_prefix: RewriteContext) -> None:
    huge = piece * (60_000 // len(piece))  # quadratic work would run into the time limit of the test run
    assert isinstance(_with_runtime(f"img-src {huge}", below_prefix), str)
    assert isinstance(_with_runtime(f"script-src {huge}", below_prefix), str)
