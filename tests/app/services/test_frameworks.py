"""Every way to recognise a framework, by what real ones send; and that order decides between several."""

from __future__ import annotations

import re

import pytest

from app.services.frameworks import SIGNS, Recognised, recognise
from app.services.probe import Answer


def answer(body: str = "", **headers: str) -> Answer:
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer("http", "127.0.0.1", 200, pairs, body.encode())


VITE = '<script type="module" src="/@vite/client"></script>'

PAGES = [
    ("Vite", answer(f"<html><head>{VITE}</head></html>")),
    ("SvelteKit", answer(f"{VITE}<body data-sveltekit-preload-data='hover'>")),
    ("Nuxt", answer(f'{VITE}<div id="__nuxt"></div>', x_powered_by="Nuxt")),
    ("Astro", answer(f'<meta name="generator" content="Astro v5.1.1">{VITE}')),
    ("React Router", answer(f"{VITE}<script>window.__reactRouterContext = {{}}</script>")),
    ("Remix", answer(f"{VITE}<script>window.__remixContext = {{}}</script>")),
    ("Next.js", answer("<html>", x_powered_by="Next.js")),
    ("Next.js", answer('<script src="/_next/static/chunks/main.js">')),
    ("Angular", answer(f'<app-root></app-root>{VITE}<script src="main.js"></script>')),
    ("Create React App", answer('<meta name="description" content="Web site created using create-react-app">')),
    ("webpack-dev-server", answer("<script>/* webpackHotUpdate */</script>", x_powered_by="Express")),
    ("Django", answer("<html>", set_cookie="csrftoken=abc; Path=/", server="gunicorn")),
    ("Django", answer("", server="WSGIServer/0.2 CPython/3.12.1")),
    ("Flask", answer("hello", server="Werkzeug/3.1.3 Python/3.12.1")),
    ("FastAPI", answer('{"detail":"Not Found"}', server="uvicorn")),
    ("Starlette", answer("Not Found", server="uvicorn")),
    ("Uvicorn", answer("hello", server="uvicorn")),
    ("aiohttp", answer("", server="Python/3.12 aiohttp/3.14.5")),
    ("Rails", answer("", x_request_id="a-b", x_runtime="0.004217")),
    ("Rails", answer('<meta name="csrf-param" content="authenticity_token" />')),
    ("Laravel", answer("", x_powered_by="PHP/8.3.1", set_cookie="laravel_session=eyJ; path=/")),
    ("PHP", answer("", x_powered_by="PHP/8.3.1")),
    ("Spring Boot", answer("<h1>Whitelabel Error Page</h1>")),
    (
        "Spring Boot",
        answer('{"timestamp":"2026-01-01T00:00:00.000+00:00","status":404,"error":"Not Found","path":"/"}'),
    ),
    ("Tomcat", answer("<title>Apache Tomcat/10.1.1</title>")),
    ("Jetty", answer("", server="Jetty(12.0.1)")),
    ("Express", answer("", x_powered_by="Express")),
    ("ASP.NET", answer("", server="Kestrel")),
    ("Blazor", answer('<script src="_framework/blazor.web.js">', server="Kestrel")),
    ("Go", answer("404 page not found\n")),
    ("Jupyter", answer('<script id="jupyter-config-data">', server="TornadoServer/6.5")),
    ("Tornado", answer("", server="TornadoServer/6.5")),
    ("Streamlit", answer("<title>Streamlit</title>", server="TornadoServer/6.5")),
    ("Gradio", answer("<script>window.gradio_config = {}</script>", server="uvicorn")),
    ("Node-RED", answer("<title>Node-RED</title>", x_powered_by="Express")),
    ("Grafana", answer("<title>Grafana</title>")),
    ("nginx", answer("", server="nginx/1.27.0")),
    ("Caddy", answer("", server="Caddy")),
    ("Apache", answer("", server="Apache/2.4.62 (Debian)")),
    ("Python http.server", answer("", server="SimpleHTTP/0.6 Python/3.11.7")),
]


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[f"{name}-{index}" for index, (name, _) in enumerate(PAGES)])
def test_recognises_the_framework_by_what_it_sends(name: str, page: Answer) -> None:
    recognised = recognise(page, "")
    assert recognised is not None
    assert recognised.name == name


COMMANDS = [
    ("Vite", "node /home/me/shop/node_modules/.bin/vite --port 5173"),
    ("Vite", r"C:\nodejs\node.exe C:\shop\node_modules\vite\bin\vite.js"),
    ("Next.js", "next-server (v15.1.0)"),
    ("Next.js", "node /home/me/shop/node_modules/.bin/next dev"),
    ("Angular", "node /usr/bin/ng serve --port 4200"),
    ("Create React App", "node /home/me/shop/node_modules/react-scripts/scripts/start.js"),
    ("webpack-dev-server", "node /home/me/shop/node_modules/.bin/webpack serve --mode development"),
    ("Django", "/usr/bin/python manage.py runserver 8000"),
    ("Flask", "/usr/bin/python /home/me/.venv/bin/flask --app shop run --debug"),
    ("FastAPI", "/usr/bin/python /home/me/.venv/bin/fastapi dev main.py"),
    ("Rails", "ruby bin/rails server -p 3000"),
    ("Puma", "puma 6.4.0 (tcp://localhost:3000) [shop]"),
    ("Laravel", "php artisan serve"),
    ("PHP", "php -S localhost:8000"),
    ("Spring Boot", "java -cp x org.springframework.boot.loader.launch.JarLauncher"),
    ("Java", "/usr/lib/jvm/bin/java -jar shop.jar"),
    ("Go", "/tmp/go-build123/b001/exe/main"),
    ("Deno", "deno run --allow-net main.ts"),
    ("Node.js", "node server.js"),
    ("Jupyter", "/usr/bin/python /usr/bin/jupyter-lab --no-browser"),
    ("Streamlit", "/usr/bin/python /usr/bin/streamlit run app.py"),
]


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_recognises_the_framework_by_the_command_that_was_run(name: str, command: str) -> None:
    recognised = recognise(answer("<p>hello"), command)
    assert recognised is not None
    assert recognised.name == name


@pytest.mark.parametrize("command", ["/home/me/vitesse/server", "/usr/bin/python /home/next/dev.py", "./nodes", ""])
def test_a_similar_word_in_the_command_is_no_sign(command: str) -> None:
    assert recognise(answer("<p>hello"), command) is None


def test_the_page_outweighs_the_command() -> None:
    page = answer(f"{VITE}<body data-sveltekit-preload-data='hover'>")
    assert recognise(page, "node node_modules/.bin/vite dev") == Recognised("SvelteKit")


def test_an_unknown_server_is_called_by_its_product_name() -> None:
    assert recognise(answer("", server="Zoneminder-Web/1.2 (x)"), "") == Recognised("Zoneminder-Web", development=False)


def test_nothing_telling_is_not_recognised() -> None:
    assert recognise(answer("<p>hello"), "/opt/thing") is None


def test_no_row_of_the_table_matches_everything() -> None:
    for sign in SIGNS:
        given = [pattern for pattern in (sign.header, sign.body, sign.command) if pattern]
        assert given, sign
        for pattern in given:
            assert re.search(pattern, "", re.IGNORECASE | re.MULTILINE) is None, sign
