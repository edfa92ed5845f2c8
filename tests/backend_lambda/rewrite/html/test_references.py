"""Attributes that hold references (H1-H5, H14, H16, H17, H20-H24): they move, every other byte is copied."""

from __future__ import annotations

import re

import pytest

from backend_lambda.rewrite.report import Report


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'<{tag} {name}="^/x">', id=f"H1-{tag}-{name}")
        for tag, names in {
            "a": "href", "area": "href", "link": "href", "base": "href",
            "img": "src longdesc lowsrc dynsrc", "image": "src", "script": "src", "iframe": "src longdesc",
            "embed": "src", "source": "src", "track": "src", "audio": "src", "video": "src poster",
            "input": "src formaction", "frame": "src longdesc", "object": "data codebase archive",
            "applet": "codebase archive", "form": "action", "button": "formaction", "blockquote": "cite",
            "q": "cite", "ins": "cite", "del": "cite", "html": "manifest", "head": "profile",
            "body": "background", "table": "background", "td": "background", "th": "background",
            "command": "icon", "menuitem": "icon",
        }.items()
        for name in names.split()
    ],
)  # fmt: skip
def test_attributes_with_a_url(check, text):
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<a href=^/y ping="^/p  https://o/ ^/q">', id="H1-ping"),
        pytest.param("<object archive='^/a.jar ^/b.jar'>", id="H1-object-archive"),
        pytest.param("<applet archive='^/a.jar, ^/b.jar'>", id="H1-applet-archive"),
        pytest.param('<param name=movie value="^/m">', id="H1-param-movie"),
        pytest.param('<param value="^/m" NAME=" SRC">', id="H1-param-src"),
        pytest.param('<img srcset="^/a 1x, ^/b,c.png 2x,^/d">', id="H2-img"),
        pytest.param('<source srcset="data:image/png;base64,AA== 1x,^/d 2x">', id="H2-data"),
        pytest.param("<source srcset='^/a?x=1&amp;y 1x, ^/b'>", id="H2-entities"),
        pytest.param('<link rel=preload as=image imagesrcset="^/a 1x" imagesizes="/50vw">', id="H2-imagesrcset"),
        pytest.param("<meta http-equiv=refresh content=\"0; URL='^/n'\">", id="H3-quoted"),
        pytest.param('<meta content="0;^/n" http-equiv=Refresh>', id="H3-no-url-word"),
        pytest.param('<meta property="og:image" content="^/x.png">', id="H4-og-image-path"),
        pytest.param('<meta name=msapplication-TileImage content="^/t.png">', id="H4-tile-image"),
        pytest.param('<template><img src="^/x"></template>', id="H16-template"),
        pytest.param('<div><template shadowrootmode=open><a href=^/x></a></template></div>', id="H16-shadow-root"),
        pytest.param('<noscript><img src="^/x"></noscript>', id="H16-noscript"),
        pytest.param("<a href=^/x>", id="H21-unquoted"),
        pytest.param("<a href = '^/x'>", id="H21-blanks"),
        pytest.param('<A HREF="^/x">', id="H21-upper-case"),
        pytest.param("<a/href=^/x>", id="H21-slash"),
        pytest.param('<a href="^/x"title=y>', id="H21-glued"),
        pytest.param("<a href=^/x/>", id="H21-unquoted-slash"),
        pytest.param('<a href="^/x" href="/y">', id="H21-duplicate"),
        pytest.param('<a href href="/y">', id="H21-duplicate-of-empty"),
        pytest.param("<a\n\thref\f=\r\n\"^/x\"\n>", id="H21-all-blanks"),
        pytest.param("<a ='/x' href='^/x'>", id="H21-leading-equals-sign"),
        pytest.param("<a href=>/x</a><a href=^/y>", id="H21-no-value"),
        pytest.param("<a \"x'y\" href=^/x>", id="H21-quotes-in-names"),
        pytest.param("</a href=/x><a href=^/y>", id="H21-end-tag"),
        pytest.param("</div title='><a href=/x>'><a href=^/y>", id="H21-end-tag-with-quotes"),
        pytest.param("<a href=/x", id="H21-cut-short"),
        pytest.param('<a href="^/a?x=1&amp;y=2&copy=3">', id="H22-later-references"),
        pytest.param('<a href="^&#x2F;x">', id="H22-hexadecimal"),
        pytest.param('<a href="^&#47x">', id="H22-decimal-no-semicolon"),
        pytest.param('<a href="^&sol;x">', id="H22-named"),
        pytest.param('<a href="&solx">', id="H22-no-reference"),
        pytest.param('<a href=" ^/x\n">', id="H22-blanks"),
        pytest.param('<a href="&Tab;^/x&NewLine;">', id="H22-named-blanks"),
        pytest.param('<a href="^/&eacute;?&notit;">', id="H22-beyond-ascii"),
        pytest.param('<a href="&#x2f;&#47;evil/x">', id="H22-network-path"),
    ],
)  # fmt: skip
def test_references_move(check, text):
    check(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('<img src="http://LOCALHOST:3000/x">', '<img src="^/x">', id="H1-own-origin"),
        pytest.param('<a href="http&colon;//localhost:3000/x?a&lt">', '<a href="^/x?a&lt">', id="H22-own-origin"),
        *(
            pytest.param(
                f"<meta {attribute} content=http://localhost:3000/x>",
                f"<meta {attribute} content=https://t.example^/x>",
                id=f"H4-{attribute.partition('=')[2]}",
            )
            for attribute in ("property=og:url", "name=twitter:image", "property=article:author")
        ),
    ],
)
def test_own_addresses_are_replaced(rewrite, text, expected):
    assert rewrite(text) == expected.replace("^", "/abc123")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<div itemscope itemid="/x" itemtype="http://localhost:3000/t">', id="H1-identifiers"),
        pytest.param('<param name=title value="/m"><param value="/x">', id="H1-param-other"),
        pytest.param("<img src=x><img src=../x><img src='#f'><img src=''><img src>", id="H1-relative"),
        pytest.param("<meta http-equiv=refresh content=5>", id="H3-no-url"),
        pytest.param("<meta name=refresh content='0;/n'>", id="H3-not-http-equiv"),
        pytest.param('<meta property=og:title content="/x"><meta name=description content="/x">', id="H4-other-path"),
        pytest.param('<meta name=csrf content="http://localhost:3000/x">', id="H4-unknown-name"),
        pytest.param("<script>var a = '<a href=\"/x\">'; fetch('/x')</script>", id="H8-no-type"),
        pytest.param("<script type='text/javascript'>if (a</x/.exec(b)) c='</a>'</script>", id="H8-javascript"),
        pytest.param("<script><!-- <script>'</script> <a href=/x>'--></script>", id="H8-double-escaped"),
        pytest.param("<script type=module>import x from '/x.js'</script>", id="H9-inline-module"),
        *(
            pytest.param(f"<script type='{kind}'><a href='/x'></a></script>", id=f"H12-{kind}")
            for kind in ("application/json", "application/ld+json", "text/template", "text/x-handlebars", "text/html")
        ),
        pytest.param(
            '<a crossorigin nonce=/n referrerpolicy=no-referrer sandbox=/ csp="img-src /" target=_top>', id="H14-kept"
        ),
        *(
            pytest.param(f"<{name}><a href='/x'><!--</{name} >", id=f"H17-{name}")
            for name in ("textarea", "title", "xmp", "noembed", "noframes", "iframe")
        ),
        pytest.param("<TEXTAREA></textareas><a href='/x'></TextArea/>", id="H17-names-alike"),
        pytest.param("<plaintext></plaintext><a href=/x>", id="H17-plaintext"),
        pytest.param("<!-- <a href=/x> --><!--><!---><!--a--!>", id="H17-comment"),
        pytest.param("<!-- <a href=/x> -- > --!x <a href=/x>", id="H17-open-comment"),
        pytest.param("<?php <a href=/x?><!x <a href=/x></ <a href=/x>", id="H17-bogus-comment"),
        pytest.param("<![CDATA[ <a href=/x>", id="H17-cdata-is-a-comment"),
        pytest.param('<!--[if IE]><link href="/x"><![endif]-->', id="H20-conditional-comment"),
        pytest.param("<a title=\"href='/x'\" alt='<a href=\"/x\">'>", id="H23-in-another-value"),
        pytest.param(
            "<a data-href=/x data-src=/x :href=/x hx-get=/x ng-href=/x v-bind:src=/x x-on=/x @href=/x>", id="H23-others"
        ),
        pytest.param("<div href=/x src=/x action=/x>", id="H23-other-elements"),
        pytest.param("<a href='{{ url }}'><a href='${x}'>", id="H23-templates"),
        pytest.param("<a onclick=\"location='/x'\" href=\"javascript:go('/x')\">", id="H24-handlers"),
        pytest.param("a < b <3 <> </> <", id="H17-text"),
    ],
)
def test_what_stays(rewrite, text):
    assert rewrite(text) == text


def test_after_a_comment_markup_goes_on(rewrite):
    assert rewrite("<!--a--!><a href=/x>") == "<!--a--!><a href=/abc123/x>"
    assert rewrite("<!--><a href=/x>") == "<!--><a href=/abc123/x>"
    assert rewrite("<![CDATA[<a href=/x>]]><a href=/y>") == "<![CDATA[<a href=/x>]]><a href=/abc123/y>"


@pytest.mark.parametrize(
    ("base", "mapped", "relative"),
    [
        pytest.param("/", "/abc123/", "../x", id="H5-root"),
        pytest.param("/app/", "/abc123/app/", "../../x", id="H5-directory"),
        pytest.param("http://localhost:3000/", "/abc123/", "../x", id="H5-own-origin"),
    ],
)
def test_the_base_moves_and_decides_what_climbs_out(rewrite, base, mapped, relative):
    text = '<base target=_top><base href="{}"><img src="{}"><base href="/y/">'
    clamped = "/abc123/x"
    assert rewrite(text.format(base, relative)) == text.format(mapped, clamped).replace("/y/", "/abc123/y/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('<img src="x">', '<img src="^/a/x">', id="H5-none"),
        pytest.param('<base href="/app/"><img src="x">', '<base href="^/app/"><img src="x">', id="H5-given"),
        pytest.param('<base href=""><img src="x">', '<base href=""><img src="^/a/x">', id="H5-empty"),
        pytest.param('<base href="#f"><img src="x">', '<base href="#f"><img src="^/a/x">', id="H5-fragment"),
    ],
)
def test_the_base_where_the_page_is_shown_without_its_prefix(rewrite, text, expected):
    assert rewrite(text, strip=True) == expected.replace("^", "/abc123")


def test_what_the_document_path_adds_cannot_leave_the_attribute(rewrite):
    out = rewrite("<img src='x'><img src=x><img src=\"x?&amp;\">", strip=True, path="/a' onload=\"alert(1)>&lt;/b")
    assert out == (
        "<img src='/abc123/a&#39;&#32;onload&#61;&quot;alert(1)&gt;&amp;lt;/x'>"
        "<img src=/abc123/a&#39;&#32;onload&#61;&quot;alert(1)&gt;&amp;lt;/x>"
        '<img src="/abc123/a&#39;&#32;onload&#61;&quot;alert(1)&gt;&amp;lt;/x?&amp;">'
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<link rel="stylesheet" href="^/x" |integrity="sha384-x"| crossorigin>', id="H13-own"),
        pytest.param(
            '<link rel="Alternate STYLESHEET" href="x" |integrity="sha384-x"| crossorigin>', id="H13-relative"
        ),
        pytest.param("<link rel=preload as=style href=^/x |integrity=a/|>", id="H13-preload"),
        pytest.param("<link rel=stylesheet |integrity=a| href=^/x |integrity=b|>", id="H13-duplicate"),
        pytest.param("<base href=//cdn/><link rel=stylesheet integrity=a href=x>", id="H13-relative-to-elsewhere"),
        pytest.param('<link rel="stylesheet" href="https://cdn/x" integrity="sha384-x">', id="H13-external"),
        pytest.param('<link rel="modulepreload" href="^/x" integrity="sha384-x">', id="H13-module"),
        pytest.param("<script src=^/x integrity=sha256-x></script>", id="H13-script"),
    ],
)
def test_integrity_goes_where_the_bytes_may_change(rewrite, text):
    """What stands between bars goes, `^` is the app's address."""
    expected = re.sub(r"\|.*?\|", "", text).replace("^", "/abc123")
    assert rewrite(text.replace("|", "").replace("^", "http://localhost:3000")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("<img src=/x>", "<img src=/x>", id="H5-path-below-another-origin"),
        pytest.param("<img src=x>", "<img src=x>", id="H5-relative-to-another-origin"),
        pytest.param("<img src=//cdn/x>", "<img src=//cdn/x>", id="H5-that-origin"),
        pytest.param(
            "<img src=http://localhost:3000/x>", "<img src=https://t.example/abc123/x>", id="H5-own-says-whose-it-is"
        ),
        pytest.param("<a href=#f>", "<a href=#f>", id="H5-fragment"),
        pytest.param(
            "<link rel=stylesheet integrity=a href=http://localhost:3000/x>",
            "<link rel=stylesheet  href=https://t.example/abc123/x>",
            id="H13-own-despite-base",
        ),
    ],
)
@pytest.mark.parametrize("strip", [False, True])
def test_a_base_elsewhere(rewrite, text, expected, strip):
    assert rewrite("<base href=//cdn/>" + text, strip=strip) == "<base href=//cdn/>" + expected


def test_edits_are_counted_by_kind(rewrite):
    report = Report()
    rewrite(
        "<a href=/x style='background:url(/y)'><img srcset=/x><meta http-equiv=refresh content='0;/x'>"
        "<meta property=og:url content=/x><link rel=stylesheet href=/x integrity=y>"
        "<iframe srcdoc='<p style=\"a:url(/x)\">'></iframe><style>a{b:url(/x)}</style><a href=x>",
        report=report,
    )
    assert report.edits == {
        "url": 2, "style": 2, "srcset": 1, "refresh": 1, "meta": 1, "integrity": 1, "srcdoc": 1, "css": 1,
    }  # fmt: skip
    assert report.notes == []
