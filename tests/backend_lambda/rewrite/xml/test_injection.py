"""The runtime and the import map in XHTML (H26): in its namespace, and never where they would break the document."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from backend_lambda.rewrite.report import Report

_HTML = '<html xmlns="http://www.w3.org/1999/xhtml">'
_PREFIXED = "<h:html xmlns:h='http://www.w3.org/1999/xhtml' onload='x'>"
_START = f'<?xml version="1.0"?>\n<!DOCTYPE html>\n<!-- c -->{_HTML}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(_START + "\n<head lang='x'>\n ", "<meta charset='x'/></head><body/></html>", id="H26-first"),
        pytest.param(_START + "<head><!-- c --><?p i?>", "<script>a</script></head></html>", id="H26-before-scripts"),
        pytest.param(_START + "<head>", "</head><body/></html>", id="H26-empty-head"),
        pytest.param(_START + "<head/>", "<body/></html>", id="H26-closed-head"),
        pytest.param(_START + " text <![CDATA[<body>]]>", "<body/></html>", id="H26-no-head"),
        pytest.param(_START, "<h:body xmlns:h='http://www.w3.org/1999/xhtml'/></html>", id="H26-prefixed-body"),
        pytest.param(_PREFIXED + "<h:head>", "<h:script/></h:head></h:html>", id="H26-prefixed"),
        pytest.param(_START, "</html>", id="H26-empty-page"),
        pytest.param(_HTML + "<head>", "<noscript><script/></noscript></head></html>", id="H26-noscript"),
        pytest.param(_HTML + "<head>", "<template/><script/></head></html>", id="H26-template"),
        pytest.param(_HTML.replace(">", f" title='{'x' * 70_000}'>"), "<body/></html>", id="H26-long-tag"),
    ],
)  # fmt: skip
def test_the_loader_is_the_first_thing_that_executes(rewrite, loader, runtime, before, after):
    out = rewrite(before + after, loader=replace(loader, insert="document", import_map=False))
    assert out == before + runtime + after
    ET.fromstring(out)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", id="H26-another-root"),
        pytest.param("<html xmlns='urn:x'><head/></html>", id="H26-another-vocabulary"),
        pytest.param(_HTML.replace(">", "/>"), id="H26-empty-element"),
        pytest.param("<html", id="H26-cut-short"),
        pytest.param(_HTML + "<head", id="H26-head-cut-short"),
        pytest.param(_HTML + "a < b<head></head></html>", id="H26-ill-formed"),
        pytest.param("<p/>" + _HTML + "<head></head></html>", id="H26-second-root"),
        pytest.param("", id="H26-empty"),
    ],
)
def test_what_is_no_page_gets_no_loader(rewrite, loader, text):
    assert rewrite(text, loader=loader) == text


@pytest.mark.parametrize("kind", ["svg", "xml"])
def test_other_documents_get_no_loader(rewrite, loader, kind):
    text = _START + "<head><script>a</script></head></html>"
    assert rewrite(text, kind=kind, loader=loader) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("<script>a</script>", "<script type='module'/></head></html>", id="H26-map-before-a-module"),
        pytest.param(
            "<script>a &lt; b</script><style>x</style>", "</head><body/></html>", id="H26-map-at-the-end-of-the-head"
        ),
        pytest.param("<script>a<![CDATA[ < b]]></script>", "<body/></html>", id="H26-map-before-the-body"),
        pytest.param(
            "<template><p/><script type='module'/></template><template/>", "<p/></html>", id="H26-map-not-in-a-template"
        ),
        pytest.param("<script>a</script>", "</html>", id="H26-map-at-the-end"),
    ],
)
def test_our_map_comes_before_modules(rewrite, loader, runtime, import_map, before, after):
    assert rewrite(f"{_HTML}{before}{after}", loader=loader) == f"{_HTML}{runtime}{before}{import_map}{after}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param('{"imports":{"a":"/a"}}', '{"imports":{"a":"/abc123/a",OURS}}', id="H26-plain"),
        pytest.param(
            ' <![CDATA[{"imports":{"a":"/a&<"}}]]> ',
            ' <![CDATA[{"imports":{"a":"/abc123/a\\u0026\\u003c",OURS}}]]> ',
            id="H26-section",
        ),
        pytest.param(
            '{&quot;imports&quot;:{"a":"/a&amp;]]&gt;"}}',
            '{"imports":{"a":"/abc123/a\\u0026]]\\u003e",OURS}}',
            id="H26-references",
        ),
    ],
)
def test_the_map_of_the_app_takes_up_ours(rewrite, loader, runtime, content, expected):
    page = f"{_HTML}<head>{{}}<script type='importmap'>{{}}</script></head><body/></html>"
    out = rewrite(page.format("", content), loader=loader)
    assert out == page.format(runtime, expected.replace("OURS", '"/":"/abc123/","/abc123/":"/abc123/"'))
    ET.fromstring(out)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{", id="H26-no-json"),
        pytest.param("<!-- c -->{}", id="H26-comment"),
        pytest.param("", id="H26-empty"),
        pytest.param(f'{{"imports":{{"a":"/{"x" * 70_000}"}}}}', id="H26-long"),
    ],
)
def test_a_broken_map_stays_and_ours_comes_later(rewrite, loader, runtime, import_map, content):
    report = Report()
    begin, script, end = f"{_HTML}<head>", f"<script type='importmap'>{content}</script>", "</head></html>"
    assert rewrite(begin + script + end, loader=loader, report=report) == begin + runtime + script + import_map + end
    assert report.notes


def test_speculation_rules_move(rewrite):
    page = '<script type=\'speculationrules\'>{{"prefetch":[{{"urls":["{}"]}}]}}</script>'
    assert rewrite(page.format("/x")) == page.format("/abc123/x")


def test_the_loader_carries_its_nonce_and_configuration(rewrite, loader):
    special = replace(loader, nonce='a"<b', config="""{"a":"'<\u00e9&"}""", integrity="sha256-x", import_map=False)
    out = rewrite(f"{_HTML}<body/></html>", loader=special)
    script = ET.fromstring(out)[0]
    assert script.tag == "{http://www.w3.org/1999/xhtml}script"
    assert (script.get("nonce"), script.get("data-hw"), script.get("integrity")) == (
        'a"<b', """{"a":"'<\u00e9&"}""", "sha256-x",
    )  # fmt: skip
    assert out.isascii()


def test_pages_in_pages_are_html(rewrite, loader):
    out = rewrite(f"{_HTML}<body><iframe srcdoc='&lt;p>'/></body></html>", loader=loader)
    inner = ET.fromstring(out)[-1][0].get("srcdoc")
    assert inner.startswith('<script src="/abc123/__hw/rt-0123.js" data-hw=')
    assert inner.endswith("<p>")
