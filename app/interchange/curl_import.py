"""A cURL command, as browsers copy it or people write it, as a request."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlsplit

from app.domain.exchange import Body, Exchange, ExchangeState
from app.domain.problems import HatchwayError, fail
from app.domain.replay import EditedRequest
from app.interchange.har_import import TUNNEL
from app.interchange.shell_words import WordProblem, cmd_words, posix_words

_NAMES = {
    "X": "request", "H": "header", "d": "data", "F": "form", "b": "cookie", "u": "user", "A": "user-agent",
    "e": "referer", "I": "head", "G": "get", "k": "insecure", "L": "location", "s": "silent", "S": "show-error",
    "v": "verbose", "i": "include", "o": "output", "m": "max-time", "x": "proxy", "T": "upload-file", "f": "fail",
    "g": "globoff", "N": "no-buffer", "#": "progress-bar", "O": "remote-name", "0": "http1.0", "4": "ipv4", "6": "ipv6",
    "D": "dump-header", "w": "write-out", "J": "remote-header-name", "R": "remote-time", "q": "disable",
    "j": "junk-session-cookies",
}  # fmt: skip
_VALUED = frozenset(
    {"request", "header", "data", "data-raw", "data-ascii", "data-binary", "data-urlencode", "json", "form",
     "form-string", "cookie", "user", "user-agent", "referer", "url", "oauth2-bearer"}
)  # fmt: skip
_FLAGS = frozenset({"head", "get", "compressed"})
# They change how the answer is fetched or printed, not the request; those with a value say so.
_IGNORED = frozenset(
    {"insecure", "location", "location-trusted", "silent", "show-error", "verbose", "include", "fail", "fail-with-body",
     "globoff", "no-buffer", "progress-bar", "remote-name", "http1.0", "http1.1", "http2", "http2-prior-knowledge",
     "http3", "ipv4", "ipv6", "path-as-is", "tcp-nodelay", "no-keepalive", "remote-header-name", "remote-time",
     "disable",
     "junk-session-cookies", "no-progress-meter", "tr-encoding", "raw", "basic", "anyauth", "post301", "post302"}
)  # fmt: skip
_IGNORED_VALUED = frozenset(
    {"output", "max-time", "connect-timeout", "proxy", "dump-header", "write-out", "retry", "retry-delay", "cacert",
     "cert", "key", "resolve", "connect-to", "interface", "max-redirs", "cookie-jar", "limit-rate", "ciphers"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CurlRequest:
    """origin: `https://host:port`; remarks: options that were left out because a request has no place for them"""

    origin: str
    request: EditedRequest
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Options:
    url: str = ""
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)
    parts: list[tuple[str, bool]] = field(default_factory=list)  # (text, whether @ and < are letters)
    cookies: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    remarks: list[str] = field(default_factory=list)


def parse_curl(command: str) -> CurlRequest:
    """The request that the command would send. Raises HatchwayError `bad_curl`."""
    text = command.strip().removeprefix("$ ").strip()
    try:
        words = cmd_words(text) if re.search(r"\^\"|\^\r?\n", text) else posix_words(text)
    except WordProblem as problem:
        raise _bad(f"{problem}") from None
    if not words or words[0].rpartition("/")[2].removesuffix(".exe") != "curl":
        raise _bad("it does not begin with curl")
    options = _read(words[1:])
    if not options.url:
        raise _bad("there is no URL")
    return _request(options)


def pasted_exchange(pasted: CurlRequest) -> Exchange:
    """The request as an exchange that has not been sent yet: imported, over, without an answer."""
    request = pasted.request
    made = Exchange(
        tunnel="pasted",
        tunnel_id=TUNNEL,
        method=request.method,
        target=request.target,
        upstream=pasted.origin,
        request_headers=request.headers,
        public_url=pasted.origin + request.target,
        request_body=Body(request.body, limit=max(len(request.body), 1)),
        state=ExchangeState.DONE,
        imported=True,
    )
    made.finished_ns = made.started_ns
    return made


def _read(words: list[str]) -> _Options:
    options = _Options()
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--" or not word.startswith("-") or word == "-":
            if word != "--":
                options.url = options.url or word
            continue
        names, attached = _split(word)
        for place, name in enumerate(names):
            last = place == len(names) - 1
            if name in _VALUED or name in _IGNORED_VALUED:
                given = attached if last else None
                if given is None and at < len(words):
                    given, at = words[at], at + 1
                if given is None:
                    raise _bad(f"{word} needs a value")
                _apply(options, name, given)
            elif name in _FLAGS:
                options.flags.add(name)
            elif name not in _IGNORED:
                raise _bad(f"the option {word} is not known here")
    return options


def _split(word: str) -> tuple[list[str], str | None]:
    """(long names of the options in one word, value that is attached to the last)."""
    if word.startswith("--"):
        name, sign, value = word[2:].partition("=")
        return ([name], value) if sign and name in _VALUED else ([word[2:]], None)
    names: list[str] = []
    for place in range(1, len(word)):
        if word[place] not in _NAMES:
            raise _bad(f"the option -{word[place]} is not known here")
        name = _NAMES[word[place]]
        names.append(name)
        if name in _VALUED or name in _IGNORED_VALUED:
            rest = word[place + 1 :]
            return names, rest or None
    return names, None


def _apply(options: _Options, name: str, value: str) -> None:
    match name:
        case "url":
            options.url = options.url or value
        case "request":
            options.method = value
        case "header":
            _add_header(options, value)
        case "user-agent":
            options.headers.append(("User-Agent", value))
        case "referer":
            options.headers.append(("Referer", value.removesuffix(";auto")))
        case "oauth2-bearer":
            options.headers.append(("Authorization", f"Bearer {value}"))
        case "user":
            options.headers.append(("Authorization", f"Basic {base64.b64encode(_bytes(value)).decode()}"))
        case "cookie":
            if "=" not in value:
                raise _bad(f"cookies of the file {value} cannot be read; write name=value")
            options.cookies.append(value)
        case "data" | "data-ascii" | "data-binary" | "json":
            if value.startswith("@"):
                raise _bad(f"the body is in the file {value[1:]}; put its content into the command")
            options.data.append(_bytes(value))
            if name == "json":
                options.flags.add("json")
        case "data-raw":
            options.data.append(_bytes(value))
        case "data-urlencode":
            options.data.append(_urlencoded(value))
        case "form" | "form-string":
            options.parts.append((value, name == "form-string"))
        case _:
            options.remarks.append(f"--{name} {value}")


def _add_header(options: _Options, line: str) -> None:
    name, sign, value = line.partition(":")
    if line.startswith("@"):
        raise _bad(f"headers of the file {line[1:]} cannot be read")
    if not sign:
        name = line.removesuffix(";")
        if name == line:
            raise _bad(f"“{line}” is no header")
        options.headers.append((_latin(name.strip()), ""))
    elif value.strip():
        options.headers.append((_latin(name.strip()), _latin(value.strip())))
    # `Name:` without a value takes a header of curl's own away, and here there is none.


def _request(options: _Options) -> CurlRequest:
    url = options.url if "://" in options.url else f"http://{options.url}"
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        raise _bad(f"“{options.url}” is no URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise _bad(f"“{options.url}” is no URL of a web service")
    body, content_type = _body(options)
    query = parts.query
    if "get" in options.flags and body:
        query, body, content_type = "&".join(filter(None, (query, body.decode("latin-1")))), b"", ""
    target = (parts.path or "/") + (f"?{query}" if query else "")
    headers = list(options.headers)
    names = {name.lower() for name, _ in headers}
    if "host" not in names:
        headers.insert(0, ("Host", host))
    if parts.username and "authorization" not in names:
        login = f"{parts.username}:{parts.password or ''}"
        headers.append(("Authorization", f"Basic {base64.b64encode(_bytes(login)).decode()}"))
    if options.cookies:
        headers.append(("Cookie", "; ".join(_latin(cookie) for cookie in options.cookies)))
    if "compressed" in options.flags and "accept-encoding" not in names:
        headers.append(("Accept-Encoding", "deflate, gzip, br, zstd"))
    if content_type and "content-type" not in names:
        headers.append(("Content-Type", content_type))
    if "json" in options.flags and "accept" not in names:
        headers.append(("Accept", "application/json"))
    method = options.method or ("HEAD" if "head" in options.flags else "POST" if body or content_type else "GET")
    if body:
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        headers.append(("Content-Length", str(len(body))))
    request = EditedRequest(method, _latin(target).replace(" ", "%20"), tuple(headers), body)
    return CurlRequest(f"{parts.scheme}://{host}", request, tuple(options.remarks))


def _body(options: _Options) -> tuple[bytes, str]:
    if options.parts:
        return _multipart(options.parts)
    if not options.data:
        return b"", ""
    if "json" in options.flags:
        return b"".join(options.data), "application/json"
    return b"&".join(options.data), "application/x-www-form-urlencoded"


def _multipart(parts: list[tuple[str, bool]]) -> tuple[bytes, str]:
    boundary = "------------------------hatchway"
    contents = []
    for text, literal in parts:
        name, sign, value = text.partition("=")
        if not sign:
            raise _bad(f"“{text}” is no field of a form")
        kind = ""
        if not literal:
            if value.startswith(("@", "<")):
                raise _bad(f"the file {value[1:]} of the form cannot be read; write its content with --form-string")
            value, _, kind = value.partition(";type=")
        head = f"Content-Disposition: form-data; name={json.dumps(name, ensure_ascii=False)}\r\n"
        head += f"Content-Type: {kind}\r\n" if kind else ""
        contents.append(_bytes(f"--{boundary}\r\n{head}\r\n") + _bytes(value) + b"\r\n")
    end = f"--{boundary}--\r\n".encode()
    return b"".join(contents) + end, f"multipart/form-data; boundary={boundary}"


def _urlencoded(value: str) -> bytes:
    name, sign, content = value.partition("=")
    if "@" in name or (not sign and value.startswith("@")):
        raise _bad(f"the file of --data-urlencode {value} cannot be read")
    encoded = quote_plus(_bytes(content if sign else value)).replace("+", "%20")
    return f"{name}={encoded}".encode() if sign and name else encoded.encode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _latin(text: str) -> str:
    """Text as requests keep it: the bytes that will be sent, as latin-1."""
    return _bytes(text).decode("latin-1")


def _bad(reason: str) -> HatchwayError:
    return fail("bad_curl", f"The command cannot be read: {reason}", "you", "Paste one whole curl command.")
