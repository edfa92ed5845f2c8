from __future__ import annotations

import pytest

from backend_lambda.rewrite.spa import SpaDetector

SHELL = (
    '<!doctype html><html><head><title>App</title><script type="module" src="/src/main.js"></script></head>'
    '<body><div id="{id}"></div></body></html>'
)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param('<head><script type="module" src="/@vite/client"></script></head><body><p>long text', id="vite"),
        pytest.param('<script id="__NEXT_DATA__" type="application/json">{}</script>', id="next-pages"),
        pytest.param("<script>self.__next_f=self.__next_f||[]</script>", id="next-app"),
        pytest.param("<script>__sveltekit_1x = {base: ''}</script>", id="sveltekit"),
        pytest.param("<script>window.__NUXT__={}</script>", id="nuxt"),
        pytest.param("<body><app-root></app-root></body>", id="angular"),
        pytest.param(
            "<!doctype html><title>An app with a long title, but without tags that may be left out</title>"
            '<script type="module" src="/main.js"></script><div id=app></div>',
            id="no-body-tag",
        ),
        pytest.param('<my-app ng-version="19.0.0"></my-app>', id="angular-version"),
        *(
            pytest.param(SHELL.format(id=name), id=f"mount-{name}")
            for name in (
                "root",
                "app",
                "main-app",
                "app-root",
                "react-root",
                "reactRoot",
                "svelte",
                "__next",
                "vue_app",
            )
        ),
        *(
            pytest.param(f"<body><p>Rendered by the server, with a lot of words in it.</p>{marker}</body>", id=name)
            for name, marker in (
                ("gatsby", '<div id="___gatsby">'),
                ("docusaurus", '<div id="__docusaurus">'),
                ("vitepress", "<script>window.__VP_HASH_MAP__={}</script>"),
                ("remix", "<script>window.__remixContext = {};</script>"),
                ("react-router", "<script>window.__reactRouterContext = {};</script>"),
                ("dash", '<script id="_dash-config" type="application/json">{}</script>'),
                ("blazor", '<script src="_framework/blazor.webassembly.js"></script>'),
                ("flutter", '<script src="flutter_bootstrap.js" async></script>'),
                ("ember", '<meta name="shop/config/environment" content="%7B%22a%22%7D">'),
            )
        ),
        pytest.param(
            '<html><head><script defer src="/static/main.js"></script></head><body><noscript>You need to enable '
            "JavaScript to run this app, really.</noscript><div id=root></div><!-- a long comment about the build of "
            "this page --></body></html>",
            id="create-react-app",
        ),
        *(
            pytest.param(f'<body>\n{markup}<script type="module" src="/a.js"></script></body>', id=name)
            for name, markup in (
                ("custom-element", "<my-app></my-app>"),
                ("custom-element-first", '<app-shell class="x"><div class="spinner"></div></app-shell>'),
                ("custom-element-webapp", "<tb-webapp></tb-webapp>"),
                ("empty-main", "<main></main>"),
                ("empty-article", '<!-- header and aside come here --><article class="page">\n  </article>'),
                ("empty-main-with-a-comment", '<main id="outlet"><!-- routes --></main>'),
                ("other-id", '<div id="dashboard"></div>'),
                ("no-id", '<div class="page"><div></div></div><div></div>'),
                (
                    "loading",
                    '<div id="dashboard"><span class="x"><svg><path d="M1"/></svg><p>NOW LOADING</p></span></div>',
                ),
                ("spinner-and-logo", '<div><img src="/logo.png" class="splash"></div>'),
                ("one-moment", "<section>Please wait, it is coming up</section>"),
                ("many-scripts", '<div id="root"></div><!-- c -->' + '<script src="/b.js"></script><!-- c -->' * 20),
            )
        ),
        pytest.param(
            '<script type="module" src="/app.js"></script><body><div id="root"></div><script>window.DATA = "'
            + "x" * 64 * 1024,
            id="more-data-than-is-looked-at",
        ),
        pytest.param(
            '<BODY class="x"><DIV class="full" id="app">Loading…</DIV><script src="/app.js"></script></BODY>', id="caps"
        ),
    ],
)
def test_shells_of_single_page_apps(page: str) -> None:
    assert SpaDetector().feed(page, is_all=True)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("", id="empty"),
        pytest.param("<p>vite, next and nuxt are tools</p>", id="words"),
        pytest.param('<body><div id="swagger-ui"></div><script src="/x.js"></script></body>', id="swagger"),
        pytest.param('<body><div id="root"></div></body>', id="no-script"),
        pytest.param(
            f'<script src="/x.js"></script><body><div id="root">{"Rendered by the server. " * 9}</div></body>',
            id="text",
        ),
        pytest.param('<script src="/x.js"></script><div id="root"></div>', id="fragment"),
        pytest.param('<script src="/x.js"></script><body><div id="approot">Some words</div></body>', id="other-id"),
        pytest.param(SHELL.format(id="map"), id="map"),
        *(
            pytest.param(f'<body>{markup}<script src="/x.js"></script></body>', id=name)
            for name, markup in (
                ("widget-element", '<swagger-ui spec="/openapi.json"></swagger-ui>'),
                ("widget-element-map", "<map-view></map-view>"),
                ("widget-by-id", '<div class="x" id="redoc-container"></div>'),
                ("loading-map", '<div id="world-map">Loading …</div>'),
                ("words", "<div>Hello</div>"),
                ("canvas", "<div><canvas></canvas></div>"),
                ("form", '<div class="loader"></div><form action="/a"><input></form>'),
                ("only-scripts", ""),
                ("main-with-something", '<main><img src="/picture.png"></main>'),
                ("custom-element-with-text", f"<my-app>{'Rendered by the server. ' * 9}</my-app>"),
                ("article-of-a-page", f"<article></article><p>{'Rendered by the server. ' * 9}</p>"),
            )
        ),
        pytest.param(SHELL.format(id="editor"), id="editor"),
    ],
)
def test_other_pages(page: str) -> None:
    assert SpaDetector().feed(page, is_all=True) is False


@pytest.mark.parametrize(
    ("pieces", "verdict"),
    [
        pytest.param(
            ["<!doctype html><head><title>A long title that nobody sees in the page itself</title>"], None, id="head"
        ),
        pytest.param(["<body><div id=root>Loading", " …</div>"], None, id="nothing-to-see-yet"),
        pytest.param(['<script src="/x.js"></script><body><div id="root">'], None, id="cut"),
        pytest.param(["<body>", "<p>" + "Something to read. " * 3], False, id="something-to-see"),
        pytest.param(["<body><pre>", "."], False, id="slow-progress"),
        pytest.param(['<body><div id=page><p class="loading">One', " moment"], None, id="loading"),
        pytest.param(['<link href="/_next/static/a.css">'], True, id="assets"),
    ],
)
def test_a_page_that_still_comes_waits_only_while_there_is_nothing_to_see(
    pieces: list[str], verdict: bool | None
) -> None:
    detector = SpaDetector()
    assert [detector.feed(piece) for piece in pieces][-1] is verdict


def test_a_page_that_was_shown_can_still_turn_out_to_be_a_shell() -> None:
    detector = SpaDetector()
    assert detector.feed("<body><p>" + "Rendered by the server. " * 3) is False
    assert detector.feed("x" * 200 + "<script>self.__next_f=[]</script>") is True
    assert detector.found


def test_pieces_are_put_together_and_the_end_of_a_long_page_is_not_looked_at() -> None:
    detector = SpaDetector()
    page = SHELL.format(id="root")
    assert [detector.feed(character) for character in page].index(True) >= page.index("</body")
    assert detector.feed("<p>more")
    slow = SpaDetector()
    long = '<script src="/a.js"></script><body><div id="root"></div><script>' + "x" * 70_000
    assert any(slow.feed(long[at : at + 500]) for at in range(0, len(long), 500))
    assert (
        SpaDetector().feed('<script src="/a.js"></script><body><div id="root"></div><img alt="' + "x" * 70_000) is False
    )
    late = SpaDetector()
    assert not late.feed("x" * 64 * 1024)
    assert not late.feed("/@vite/client")


def test_hostile_pages_take_no_longer_than_long_ones() -> None:
    for page in (
        "<body>" + "<script" * 9000,
        "<body>" + "<!--" * 16000,
        "<div id=" * 8000,
        "<a-" * 20000,
        "<body><main>" + " " * 60000,
        "<body>" * 9000 + "</body",
    ):
        assert not SpaDetector().feed(page, is_all=True)
