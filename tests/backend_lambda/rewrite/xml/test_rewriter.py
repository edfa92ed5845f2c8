"""References in XHTML, SVG and XML with style sheets (H26, D4): they move, every other byte is copied."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from backend_lambda.rewrite.report import Report

_XHTML = "xmlns='http://www.w3.org/1999/xhtml'"
_XLINK = "'http://www.w3.org/1999/xlink'"
_SVG = f"xmlns='http://www.w3.org/2000/svg' xmlns:xlink={_XLINK}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<a href="^/x" ping="^/p ^/q"/>', id="H26-attributes"),
        pytest.param("<img src='^/x' srcset='^/a 1x, ^/b 2x'/>", id="H26-srcset"),
        pytest.param("<a\n\thref\r\n=\n'^/x'\n></a >", id="H26-blanks"),
        pytest.param('<a title=">" href="^/x"/>', id="H26-greater-than-in-value"),
        pytest.param('<a href="^&#x2F;x?a&amp;b">', id="H26-references"),
        pytest.param('<p style="a:url(&quot;^/x&quot;)">', id="H26-style-attribute"),
        pytest.param('<meta http-equiv="refresh" content="0;^/n"/>', id="H26-refresh"),
        pytest.param('<param name="src" value="^/x"/><param name="a" value="/x"/>', id="H26-param"),
        pytest.param('<iframe srcdoc="&lt;img src=&quot;^/x&quot;>"/>', id="H26-srcdoc"),
        pytest.param("<h:a xmlns:h='http://www.w3.org/1999/xhtml' href='^/x'/>", id="H26-prefixed"),
        pytest.param("<xhtml:a href='^/x'/><svg:image href='^/y'/>", id="H26-undeclared-prefix"),
        pytest.param(f"<svg {_SVG}><use xlink:href='^/d.svg#x'/></svg>", id="H26-xlink"),
        pytest.param(f"<svg xmlns:l={_XLINK}><a l:href='^/x'/></svg>", id="H26-xlink-by-another-name"),
        pytest.param("<svg xmlns='&ns;'><image href='^/x'/></svg>", id="H26-namespace-by-entity"),
        *(
            pytest.param(f"<{name} href='^/x'/>", id=f"H26-{name}")
            for name in (
                *("linearGradient", "radialGradient", "textPath", "feImage", "mpath", "pattern", "filter", "script"),
                "animateMotion",
            )
        ),
        pytest.param("<path fill='url(^/d.svg#g)' clip-path='url(#c)'/>", id="H26-paint"),
        pytest.param(f"<o xmlns='urn:x'><a {_XHTML} href='^/x'/><a href='/y'/></o>", id="H26-scope-of-a-namespace"),
        pytest.param("<style>a{b:url(^/x)}</style>", id="H26-style"),
        pytest.param("<style><![CDATA[a>b{b:url('^/x')}]]></style>", id="H26-style-in-a-section"),
        pytest.param("<style>/*<![CDATA[*/a{b:url(^/x)}/*]]>*/</style>", id="H26-style-in-a-section-for-html-too"),
        pytest.param("<style>a &gt; b{c:'&quot;';d:url(&quot;^/x&quot;)}</style>", id="H26-style-with-references"),
        pytest.param("<style>a{b:url(^&#x2f;x?a&amp;b&eacute;)}</style>", id="H26-style-with-a-reference-to-a-slash"),
        pytest.param("<style>a{b:url(^/x)}<!-- url(/y) -->c{d:url(^/z)}</style>url(/x)", id="H26-style-with-a-comment"),
        pytest.param("<style>a{b:url(^/x", id="H26-style-cut-short"),
    ],
)  # fmt: skip
def test_references_move(check, text):
    check(text)
    check(text, kind="svg")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('<a href="http&#58;//localhost:3000/x">', '<a href="^/x">', id="H26-own-origin"),
        pytest.param(
            "<link rel='stylesheet' href='/x' integrity='a'/>",
            "<link rel='stylesheet' href='^/x' />",
            id="H26-integrity",
        ),
        pytest.param("<base href='/app/'/><a href='../../x'/>", "<base href='^/app/'/><a href='^/x'/>", id="H26-base"),
        pytest.param(
            "<?xml-stylesheet href='http://localhost:3000/x?a&amp;b'?>",
            "<?xml-stylesheet href='^/x?a&amp;b'?>",
            id="D4-own-origin",
        ),
    ],
)  # fmt: skip
def test_own_addresses_are_replaced(rewrite, text, expected):
    assert rewrite(text) == expected.replace("^", "/abc123")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'<html {_XHTML} xmlns:x="/x"><svg {_SVG} xml:base="/x"/></html>', id="H26-namespaces"),
        pytest.param("<A HREF='/x'/><a HREF='/x'/><IMG src='/x'/>", id="H26-case-counts"),
        pytest.param("<lineargradient href='/x'/><textpath href='/x'/>", id="H26-case-counts-in-svg"),
        pytest.param("<o xmlns='urn:x'><a href='/x'/><p:img xmlns:p='urn:y' src='/x'/></o>", id="H26-vocabularies"),
        pytest.param("<svg xmlns:l='urn:l'><a l:href='/x'/></svg>", id="H26-other-attributes"),
        pytest.param("<p><![CDATA[<a href='/x'>]]]]><![CDATA[>]]></p>", id="H26-section"),
        pytest.param("<!-- <a href='/x'/> - -><b> --><p/>", id="H26-comment"),
        pytest.param("<?php <a href='/x'/> ? > ?><p/>", id="H26-instruction"),
        pytest.param("<?xml-stylesheetx href='/x'?><?xml href='/x'?><p/>", id="H26-other-instructions"),
        pytest.param("<p/><?xml-stylesheet href='/x'?>", id="H26-instruction-too-late"),
        pytest.param("<!DOCTYPE p [<!ENTITY a '<a href=\"/x\"/>'> <!ATTLIST a b CDATA ']>'>]><p/>", id="H26-entities"),
        pytest.param("<!DOCTYPE p [<!-- ]> ' --> <?x ]>\" ?>] ><p title='>'/>", id="H26-comments-in-declarations"),
        pytest.param("<script>x = '/x'; <![CDATA[a < b]]></script>", id="H26-script"),
        pytest.param("<style type='text/less'>a{b:url(/x)}</style><style/>url(/x)", id="H26-no-css"),
        pytest.param("<style>a{b:c}</style><style>x<b/>url(/x)</style>", id="H26-elements-in-style"),
        pytest.param("<textarea/><title>x</title>a &lt; b", id="H26-text"),
        pytest.param("<a href='/x", id="H26-cut-short"),
        pytest.param("<a href='/x'", id="H26-cut-short-behind-a-value"),
        pytest.param("<p/><!DOCTYPE [", id="H26-cut-short-in-a-declaration"),
        pytest.param("<p/><![CDA", id="H26-cut-short-before-a-section"),
        pytest.param("", id="H26-empty"),
    ],
)  # fmt: skip
def test_what_stays(rewrite, text):
    assert rewrite(text) == text
    assert rewrite(text, kind="svg", strip=True) == text


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param("<a href=/x>", id="H26-unquoted"),
        pytest.param("<a href>", id="H26-no-value"),
        pytest.param("<a b='c'href='/x'>", id="H26-no-blank"),
        pytest.param("<a b='<' href='/x'>", id="H26-less-than-in-value"),
        pytest.param("a < b", id="H26-less-than"),
        pytest.param("<1 href='/x'>", id="H26-no-name"),
        pytest.param("<a/ href='/x'>", id="H26-slash-inside"),
        pytest.param("<!ELEMENT a>", id="H26-declaration-in-content"),
    ],
)
def test_what_is_not_well_formed_passes_from_there_on(rewrite, mistake):
    report = Report()
    rest = f"<p>{mistake}<a href='/y'/></p>"
    assert rewrite(f"<a href='/x'/>{rest}", report=report) == f"<a href='/abc123/x'/>{rest}"
    assert report.notes == ["ill-formed"]


def test_documents_that_no_browser_would_show_pass_from_there_on(rewrite):
    deep = "<p>" * 5001 + "<a href='/x'/>"
    assert rewrite(deep) == deep


@pytest.mark.parametrize("kind", ["xhtml", "svg", "xml"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<?xml-stylesheet href="^/x"?>', id="D4-style-sheet"),
        pytest.param("<?xml-stylesheet type='text/xsl' href='^/x.xsl' ?>", id="D4-transformation"),
        pytest.param("<?xml-stylesheet\n title=\"href='/y'\"\thref = '^/x'?>", id="D4-blanks"),
        pytest.param('<?xml-stylesheet href="#s"?><?xml-stylesheet href="https://o/x"?>', id="D4-elsewhere"),
        pytest.param("<!DOCTYPE p [<!ENTITY a ']>'>]><?xml-stylesheet href='^/x'?>", id="D4-behind-the-document-type"),
        pytest.param("<!-- c --><?p href='/x'?>\n<?xml-stylesheet href='^/x'?>", id="D4-behind-other-things"),
    ],
)
def test_style_sheets_of_documents_move(check, kind, text):
    check(f'<?xml version="1.0"?>\n{text}<p/>', kind=kind)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<rss><link>http://localhost:3000/x</link><a href='/x' style='a:url(/x)'/>", id="D4-elements"),
        pytest.param("<s:Envelope xmlns:s='http://localhost:3000/s'><style>a{b:url(/x)}</style>", id="D4-soap"),
        pytest.param("<!DOCTYPE a SYSTEM '/x.dtd'><a xmlns='/x'/>", id="D4-document-type"),
        pytest.param("<p>a < b <a href='/x'></p>", id="D4-ill-formed"),
    ],
)  # fmt: skip
def test_data_in_xml_stays(rewrite, text):
    report = Report()
    assert rewrite(text, kind="xml", strip=True, report=report) == text
    assert (report.edits, report.notes) == ({}, [])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"<html {_XHTML}><a href='^/x'/></html>", id="D4-xhtml"),
        pytest.param("<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:a href='^/x'/></s:svg>", id="D4-svg"),
        pytest.param("<html><a href='/x'/></html>", id="D4-no-namespace"),
        pytest.param("<html xmlns='&x;'><a href='/x'/></html>", id="D4-namespace-by-entity"),
    ],
)
def test_what_browsers_show_in_xml_moves(check, text):
    check(text, kind="xml")


def test_text_put_in_keeps_the_document_well_formed(rewrite):
    text = (
        "<p><a href='x'/><a href=\"y?&amp;\"/><i style='a:url(z)'/><img srcset=\"x 1x\"/><style>a{b:url(x)}</style></p>"
    )
    out = rewrite(text, strip=True, path="/a'<b>&\"]]>/c")
    assert ET.fromstring(out)[0].get("href") == "/abc123/a'<b>&\"]]>/x"


def test_edits_are_counted_by_kind(rewrite):
    report = Report()
    rewrite(
        "<?xml-stylesheet href='/x'?><p style='a:url(/x)'><a href='/x'/><style>a{b:url(/x)}</style></p>", report=report
    )
    assert report.edits == {"url": 2, "style": 1, "css": 1}
