"""CSS in pages: `<style>` and `style` attributes (H6, H7); what is inside SVG and MathML (H18, H19)."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<div style="background:url(^/b.png)">', id="H6-plain"),
        pytest.param('<p STYLE = "background:url(&quot;^/b&quot;)">', id="H6-entities"),
        pytest.param("<x-y style='a:url(\"^/b\");b:url(&apos;^/c&#39;);c:&eacute;'>", id="H6-single-quotes"),
        pytest.param("<p style=background:url(^/b)>", id="H6-unquoted"),
        pytest.param("<a style='b:url(^/c)' href=^/x>", id="H6-beside-others"),
        pytest.param("<p style='a:url(^/&#xe9;/&amp;/x)'>", id="H6-references-kept"),
        pytest.param("<style>a{b:url(^/x)}</style>", id="H7-plain"),
        pytest.param("<STYLE media=print type='text/CSS'>@import '^/x';</Style >", id="H7-media"),
        pytest.param("<style>a{b:'</style><a href=^/x>", id="H7-end-in-string"),
        pytest.param("<style>a{b:url(^/x", id="H7-cut-short"),
        pytest.param("<style>a</styles><b>{b:url(^/x)}</style>", id="H7-names-alike"),
        pytest.param("<style><!-- a{b:url(^/x)} --></style>", id="H7-comment-marks"),
        pytest.param("<svg><style>a{b:url(^/x)}</style></svg>", id="H7-svg"),
        pytest.param("<svg><style><![CDATA[a{b:url(^/x)}]]></style></svg>", id="H7-svg-section"),
        pytest.param("<svg><style>a{b:url(^/x)}/*<![CDATA[*/c{d:url(^/y)}]]></style></svg>", id="H7-svg-both"),
        pytest.param("<svg><style>/**<![CDATA[*/c{d:url(^/y)}]]></style></svg>", id="H7-svg-section-behind-a-cut"),
        pytest.param("<svg><style><!-- url(/x) -->a{b:url(^/y)}</style></svg>", id="H7-svg-comment"),
        pytest.param("<svg><style>a &gt; b{c:url(&quot;^/x&quot;),url(^/&eacute;)}</style>", id="H7-svg-references"),
        pytest.param("<svg><style type=text/less>a{b:url(/x)}</style><style/>url(/x)</svg>", id="H7-svg-no-css"),
        *(
            pytest.param(f"<svg><{name} {attribute}='^/d.svg#x'/></svg>", id=f"H18-{name}-{attribute}")
            for name in (
                *("a", "animate", "cursor", "feImage", "filter", "image", "linearGradient", "mpath", "pattern"),
                *("radialGradient", "script", "set", "textPath", "use"),
            )
            for attribute in ("href", "xlink:href", "XLINK:HREF")
        ),
        *(
            pytest.param(f"<svg><path {name}='url(^/d.svg#g)'></svg>", id=f"H18-{name}")
            for name in ("fill", "stroke", "filter", "mask", "clip-path", "marker-start", "marker-mid", "marker-end")
        ),
        pytest.param("<svg><g fill=\"url('^/d.svg#g') #fff\"/></svg>", id="H18-fallback"),
        pytest.param("<svg><![CDATA[<a href=/x>]]></svg><a href=^/y>", id="H18-section"),
        pytest.param("<svg><title><a href=^/x></title></svg>", id="H18-title-holds-markup"),
        pytest.param("<svg><desc><style>a{b:url(^/x)}</style></desc></svg>", id="H18-integration-point-with-style"),
        pytest.param("<svg><desc><textarea><a href=/x></textarea></desc></svg>", id="H18-integration-point-with-text"),
        pytest.param("<svg><p><title><a href=/x></title>", id="H18-breakout"),
        pytest.param("<p><svg><g></p><title><a href=/x></title>", id="H18-closed-from-outside"),
        *(
            pytest.param(f"<{name}><svg><g></{name}><title><a href=/x></title>", id=f"H18-closed-by-{name}")
            for name in ("template", "form", "label", "x-y")
        ),
        pytest.param("<svg><font-face></font-face><title><a href=^/x></title>", id="H18-not-closed-by-its-own"),
        pytest.param("<svg/><title><a href=/x></title>", id="H18-closed-by-itself"),
        pytest.param("<svg a=/><title><a href=^/x></title>", id="H18-not-closed-by-a-value"),
        pytest.param("<svg><svg></svg><title><a href=^/x></title></svg>", id="H18-nested"),
        *(
            pytest.param(f"<math><{name}='^/x'></math>", id=f"H19-{name.replace(' ', '-')}")
            for name in (
                *("mi href", "mrow xlink:href", "math altimg", "csymbol cdgroup"),
                *("annotation src", "annotation-xml src"),
            )
        ),
        pytest.param("<math><mi><title><a href=/x></title></mi></math>", id="H19-integration-point"),
        pytest.param("<math><annotation-xml encoding=text/HTML><title><a href=/x></title>", id="H19-annotation"),
        pytest.param("<math><annotation-xml><title><a href=^/x></title>", id="H19-annotation-of-mathml"),
    ],
)  # fmt: skip
def test_urls_of_style_and_foreign_content_move(check, text):
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<div style='color:red'><div style='content:\"/x\"'><div style>", id="H6-no-url"),
        pytest.param("<div data-style='a:url(/x)'>", id="H6-other-attribute"),
        pytest.param("<style type='text/tailwindcss'>@import '/x';</style>", id="H7-no-css"),
        pytest.param("<svg><use href='#g'/><path fill='url(#g)' filter=none></svg>", id="H18-fragments"),
        pytest.param("<svg xmlns='http://localhost:3000/x' xml:base='/x'>", id="H18-namespaces"),
    ],
)
def test_what_stays(rewrite, text):
    assert rewrite(text) == text
    assert rewrite(text, strip=True) == text
