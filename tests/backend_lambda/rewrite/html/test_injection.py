"""The runtime's script in the page: where it goes, and where not (H28-H30)."""

from __future__ import annotations

from dataclasses import replace

import pytest

_DOCTYPE = "<!doctype html>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("<!DOCTYPE html><html><head>", "<script>a</script></head>", id="H29-head"),
        pytest.param("<html>\n<HEAD lang=en>\n  ", "<style></style>", id="H29-before-what-is-not-harmless"),
        pytest.param("<html>", "<header><script></script>", id="H29-header-is-no-head"),
        pytest.param(_DOCTYPE, "<script src=x></script>", id="H29-no-head"),
        pytest.param(_DOCTYPE + "\n<html>", "<body onload=go()>", id="H29-no-head-but-body"),
        pytest.param(_DOCTYPE + "<head></HEAD>"[:6], "</HEAD><body>", id="H29-empty-head"),
        pytest.param(_DOCTYPE + "<head><title>a<script></title>", "<script>", id="H29-title"),
        pytest.param(_DOCTYPE, "text", id="H29-text"),
        pytest.param(_DOCTYPE + "<head><meta charset=utf-8>", "<meta name=x><script>", id="H29-charset"),
        pytest.param("<head><meta name=x><title>x</title><link rel=x><meta charset=x>", "<p>", id="H29-charset-later"),
        pytest.param("<head><META http-equiv='Content-Type' content=';charset=x'>", "<meta>", id="H29-content-type"),
        pytest.param("<head><meta name=x>", "<script></script><meta charset=utf-8>", id="H29-script-before-charset"),
        pytest.param("<head>", "<link rel=stylesheet onload=go() href=x><meta charset=x>", id="H29-handler-first"),
        pytest.param("<head>", "<noscript><meta charset=utf-8></noscript>", id="H29-noscript"),
        pytest.param("<head>", "<template><script></script></template>", id="H29-template"),
        pytest.param("<html>", "<frameset><frame src=x></frameset>", id="H29-frameset"),
        pytest.param("<!-- <head> --><?xml version='1'?>\n" + _DOCTYPE + "<!-- -->", "<svg>", id="H29-comments-first"),
        pytest.param("\ufeff" + _DOCTYPE, "<p>", id="H29-byte-order-mark"),
        pytest.param("\u00ef\u00bb\u00bf" + _DOCTYPE, "<p>", id="H29-byte-order-mark-as-bytes"),
        pytest.param(_DOCTYPE + "<head " + "x" * 70_000 + ">", "<p>", id="H29-long-tag"),
        pytest.param(_DOCTYPE + "<html><head>" + " " * 1024, "<meta charset=utf-8>", id="H29-charset-too-late"),
        pytest.param(_DOCTYPE + "<title>x</title>", "", id="H29-nothing-else"),
        pytest.param(_DOCTYPE + "<title>x</title>", "<p", id="H29-cut-short"),
    ],
)  # fmt: skip
def test_the_loader_is_the_first_thing_that_executes(rewrite, loader, runtime, before, after):
    without_map = replace(loader, insert="document", import_map=False)
    assert rewrite(before + after, loader=without_map) == before + runtime + after


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<p>x</p><!doctype html><head>", id="H28-markup"),
        pytest.param("<tr><td>x<html>", id="H28-table-row"),
        pytest.param("text <html><head>", id="H28-text"),
        pytest.param("<script>go()</script>", id="H28-script"),
        pytest.param("<!-- <html> --><header></header>", id="H28-comment"),
        pytest.param('{"a": "<html>"}', id="H28-json"),
        pytest.param("", id="H28-empty"),
        pytest.param(" \n", id="H28-blank"),
        pytest.param("<htmlx><heading>", id="H28-names-alike"),
        pytest.param("<turbo-stream><template><html></template></turbo-stream>", id="H28-turbo-stream"),
    ],
)
def test_fragments_get_no_loader(rewrite, loader, text):
    assert rewrite(text, loader=replace(loader, insert="document")) == text


def test_fragments_are_rewritten_all_the_same(rewrite, loader):
    assert rewrite("<tr><td><a href=/x>", loader=replace(loader, insert="document")) == "<tr><td><a href=/abc123/x>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "<p>x</p>", id="H28-navigation-to-a-fragment"),
        pytest.param("  ", "text", id="H28-navigation-to-text"),
        pytest.param("", '{"a": 1}', id="H28-navigation-to-json"),
        pytest.param("<title>x</title>", "<h1>Not found</h1>", id="H30-error-page"),
    ],
)
def test_what_is_shown_as_a_page_gets_the_loader(rewrite, loader, runtime, import_map, before, after):
    assert rewrite(before + after, loader=loader) == before + runtime + import_map + after


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="H28-empty"),
        pytest.param(" \n<!-- x -->", id="H28-comment"),
        pytest.param("<title>x</title", id="H29-cut-short-in-an-end-tag"),
        pytest.param("<title>x", id="H29-cut-short-in-raw-text"),
    ],
)
def test_a_page_without_content_stays_as_it_is(rewrite, loader, text):
    assert rewrite(text, loader=loader) == text


def test_the_charset_stays_where_browsers_look_for_it(rewrite, loader):
    page = "<!doctype html><html><head>" + "<meta name=a content=b>" * 40 + "<meta charset=utf-8><script></script>"
    assert page.index("<meta charset") < 1024
    assert rewrite(page, loader=loader).index("<meta charset=utf-8>") == page.index("<meta charset=utf-8>")


def test_a_policy_in_the_page_comes_after_the_loader(rewrite, loader, runtime):
    out = rewrite("<head><meta name=x><meta http-equiv=content-security-policy content=''>", loader=loader)
    assert out.startswith(f"<head><meta name=x>{runtime}<meta http-equiv")


def test_the_loader_carries_its_nonce_and_configuration(rewrite, loader):
    special = replace(loader, nonce='a"b', config="""{"a":"'<\u00e9&"}""", import_map=False)
    assert rewrite("<html><p>", loader=special) == (
        '<html><script src="/abc123/__hw/rt-0123.js" '
        """data-hw='{"a":"&#39;<&#233;&amp;"}' nonce="a&quot;b"></script><p>"""
    )


def test_the_loader_carries_its_digest_where_a_policy_demands_it(rewrite, loader):
    out = rewrite("<html><p>", loader=replace(loader, integrity="sha256-ab+/=", nonce="N", import_map=False))
    assert out.startswith('<html><script src="/abc123/__hw/rt-0123.js" ')
    assert out.endswith(' integrity="sha256-ab+/=" nonce="N"></script><p>')


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(
            "default-src &#39;none&#39;; img-src http://localhost:3000/a/",
            "default-src &#39;none&#39;; img-src https://t.example/abc123/a/; "
            "script-src-elem https://t.example/abc123/__hw/",
            id="RH16-references-stay",
        ),
        pytest.param("script-src 'self'", "script-src 'self'", id="RH16-nothing-to-change"),
    ],
)
def test_a_policy_in_the_page_lets_the_loader_run_in_frames(rewrite, loader, policy, expected):
    meta = '<head><meta http-equiv="Content-Security-Policy" content="{}"><p>'
    out = rewrite(meta.format(policy), loader=replace(loader, import_map=False))
    assert f'content="{expected}"' in out


def test_a_page_that_has_the_loader_gets_no_second_one(rewrite, loader, runtime):
    page = f"<html><head>{runtime}<script>a</script><body>"
    assert rewrite(page, loader=loader).count("rt-0123.js") == 1
