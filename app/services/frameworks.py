"""Recognise what serves a port from its headers, its page and its command line: one table, most specific first."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.services.probe import Answer


@dataclass(frozen=True, slots=True)
class Recognised:
    """name: as people call it; development: somebody is probably building this right now."""

    name: str
    development: bool = True


@dataclass(frozen=True, slots=True)
class Sign:
    """One way to recognise a framework: all patterns given must be found.

    header: in the lines `name: value` of the answer; body: in the start of the page (only here case matters, which
    makes it several times faster); command: in the process's command line; development: False for what usually
    runs for good (servers, tools).
    """

    name: str
    header: str = ""
    body: str = ""
    command: str = ""
    development: bool = True


def _run(words: str) -> str:
    """The words as a program or script of their own: `vite` in `node …/.bin/vite --port 3`, not in `vitesse`."""
    return rf"(?:^|[\s/\\])(?:{words})(?:\.m?js|\.cmd|\.exe)?(?=\s|$)"


# Meta-frameworks stand before the tools they are built on, application frameworks before the servers they run on.
SIGNS: tuple[Sign, ...] = (
    # JavaScript: what is on the page
    Sign("Next.js", header=r"^x-powered-by: next\.js"),
    Sign("Next.js", body=r"/_next/static/|id=\"__next\"|__NEXT_DATA__"),
    Sign("Nuxt", header=r"^x-powered-by: nuxt"),
    Sign("Nuxt", body=r"id=\"__nuxt\"|window\.__NUXT__|/_nuxt/"),
    Sign("SvelteKit", header=r"^x-sveltekit-page:"),
    Sign("SvelteKit", body=r"__sveltekit_|data-sveltekit-|%sveltekit\."),
    Sign("Astro", body=r"<meta name=\"generator\" content=\"Astro|<astro-island|/@id/astro[:/]|data-astro-cid"),
    Sign("React Router", body=r"window\.__reactRouterContext|/@id/__x00__virtual:react-router"),
    Sign("Remix", body=r"window\.__remix(?:Context|Manifest)"),
    Sign("Qwik", body=r"q:container="),
    Sign("SolidStart", body=r"window\._\$HY|data-hk="),
    Sign("Gatsby", body=r"id=\"___gatsby\""),
    Sign("Docusaurus", body=r"name=\"generator\" content=\"Docusaurus|id=\"__docusaurus\""),
    Sign("VitePress", body=r"name=\"generator\" content=\"VitePress|__VP_HASH_MAP__"),
    Sign("Storybook", body=r"sb-(?:manager|addons|preview)/|storybook-(?:root|preview)|__STORYBOOK"),
    Sign("Angular", body=r"ng-version=\"|<app-root[\s>]"),
    Sign("Create React App", command=r"react-scripts[\s/\\]|" + _run(r"craco(?:\.js)?\s+start")),
    Sign("Create React App", body=r"created using create-react-app"),
    Sign("Expo", body=r"id=\"expo-reset\"|expo-router"),
    Sign("Vite", body=r"/@vite/client|/@react-refresh"),
    Sign("Parcel", command=_run(r"parcel")),
    Sign("Live Server", body=r"Code injected by live-server"),
    # JavaScript: what was started
    Sign("Next.js", command=r"\bnext-server\b|" + _run(r"next(?:\.js)?\s+(?:dev|start)")),
    Sign("Nuxt", command=_run(r"nuxi?(?:\.mjs)?\s+(?:dev|preview|_dev)")),
    Sign("Astro", command=_run(r"astro(?:\.js)?\s+(?:dev|preview)")),
    Sign("React Router", command=_run(r"react-router(?:\.js)?\s+dev|react-router-serve")),
    Sign("Remix", command=_run(r"remix(?:\.js)?\s+(?:dev|vite:dev)|remix-serve")),
    Sign("Gatsby", command=_run(r"gatsby(?:\.js)?\s+develop")),
    Sign("Storybook", command=_run(r"storybook(?:\.js)?\s+dev|start-storybook")),
    Sign("Angular", command=_run(r"ng(?:\.js)?\s+(?:serve|s|dev)")),
    Sign("webpack-dev-server", command=_run(r"webpack-dev-server|webpack(?:-cli)?(?:\.js)?\s+(?:serve|s|server)")),
    Sign("webpack-dev-server", body=r"webpack-dev-server|webpackHotUpdate"),
    Sign("Vite", command=_run(r"vite(?:\.js)?|vite-node")),
    # Python applications
    Sign("Streamlit", body=r"<title>Streamlit</title>"),
    Sign("Streamlit", command=_run(r"streamlit\s+run")),
    Sign("Gradio", body=r"window\.gradio_config|<gradio-app"),
    Sign("Jupyter", body=r"jupyter-config-data|data-jupyter|<title>Jupyter"),
    Sign("Jupyter", command=_run(r"jupyter(?:-(?:lab|notebook|server))?|jupyterhub")),
    Sign("Marimo", body=r"<marimo-"),
    Sign("Dash", body=r"id=\"_dash-config\"|_dash-renderer"),
    Sign("Bokeh", body=r"Bokeh\.safely|bokeh(?:-[\d.]+)?\.min\.js"),
    Sign("NiceGUI", body=r"nicegui(?:\.js|/static)|/_nicegui/"),
    Sign("MkDocs", header=r"^server: .*WSGIServer", body=r"name=\"generator\" content=\"mkdocs"),
    Sign("MkDocs", command=_run(r"mkdocs\s+serve")),
    Sign("Odoo", body=r"odoo\.(?:define|__session_info__)|name=\"generator\" content=\"Odoo"),
    Sign("Django", header=r"^set-cookie: csrftoken="),
    Sign("Django", body=r"The install worked successfully! Congratulations|csrfmiddlewaretoken|<code>DEBUG = True"),
    Sign("Django", command=r"manage\.py[\"']?\s+(?:runserver|runserver_plus|testserver)|django-admin\s+runserver"),
    Sign("Django", header=r"^server: WSGIServer/[\d.]+ CPython"),
    Sign("Flask", header=r"^server: Werkzeug/"),
    Sign("Flask", command=_run(r"flask(?:\s+\S+)*?\s+run")),
    Sign("FastAPI", command=_run(r"fastapi\s+(?:dev|run)")),
    Sign("FastAPI", header=r"^server: (?:uvicorn|hypercorn)", body=r"\A\{\"detail\":\s?\"(?:Not F|Not a|Unauth|Forb)"),
    Sign("Starlette", header=r"^server: uvicorn", body=r"\ANot Found\Z"),
    Sign("Sanic", command=_run(r"sanic")),
    Sign("aiohttp", header=r"^server: Python/[\d.]+ aiohttp/"),
    Sign("Python http.server", header=r"^server: (?:SimpleHTTP|BaseHTTP)/"),
    # Ruby, PHP, JVM, .NET, Elixir, Go, static sites
    Sign("Rails", body=r"<title>Ruby on Rails|Action Controller: Exception"),
    Sign("Rails", body=r"name=\"csrf-param\" content=\"authenticity_token\""),
    Sign("Rails", header=r"^x-runtime: \d+\.\d{4,}$"),
    Sign("Rails", command=_run(r"rails\s+(?:s|server)")),
    Sign("Jekyll", command=_run(r"jekyll\s+(?:s|serve|server)")),
    Sign("Sinatra", body=r"Sinatra doesn.{1,8}t know this ditty"),
    Sign("Puma", command=r"^puma[: ]|" + _run(r"puma")),
    Sign("WEBrick", header=r"^server: WEBrick/"),
    Sign("Laravel", header=r"^set-cookie: (?:laravel[_-]session=|XSRF-TOKEN=eyJpdiI6)"),
    Sign("Laravel", command=r"\bartisan\s+serve\b"),
    Sign("Symfony", header=r"^x-debug-token(?:-link)?:"),
    Sign("WordPress", body=r"name=\"generator\" content=\"WordPress|/wp-(?:content|includes)/"),
    Sign("Drupal", header=r"^x-generator: Drupal"),
    Sign("Quarkus", command=r"quarkus"),
    Sign("Quarkus", body=r"<title>[^<]*Quarkus"),
    Sign("Spring Boot", header=r"^x-application-context:"),
    Sign("Spring Boot", body=r"Whitelabel Error Page|\A\{\"timestamp\":.{1,60}\"status\":\d+,\"error\":\"[^\"]+\","),
    Sign("Spring Boot", command=r"spring-boot|org\.springframework\.boot"),
    Sign("Tomcat", body=r"Apache Tomcat/[\d.]+|<title>Apache Tomcat"),
    Sign("Tomcat", header=r"^server: Apache-Coyote"),
    Sign("Tomcat", command=r"org\.apache\.catalina"),
    Sign("Jetty", header=r"^server: Jetty"),
    Sign("Blazor", body=r"_framework/blazor\.(?:web|server|webassembly)"),
    Sign("ASP.NET", header=r"^x-aspnet(?:mvc)?-version:|^x-powered-by: ASP\.NET"),
    Sign("ASP.NET", header=r"^server: Kestrel"),
    Sign("Phoenix", body=r"phx-(?:main|session|track-static)|/phoenix/live_reload"),
    Sign("Phoenix", command=r"\bphx\.server\b"),
    Sign("Hugo", body=r"livereload\.js\?mindelay=|name=\"?generator\"? content=\"?Hugo"),
    Sign("Hugo", command=_run(r"hugo\s+(?:serve|server)")),
    Sign("Eleventy", command=_run(r"(?:@11ty[/\\])?eleventy|cmd\.cjs\s+--serve")),
    # Tools that run beside what is being built
    Sign("Node-RED", body=r"<title>Node-RED"),
    Sign("Node-RED", command=_run(r"node-red(?:[/\\]red)?")),
    Sign("Grafana", body=r"<title>Grafana</title>|window\.grafanaBootData", development=False),
    Sign("Prometheus", body=r"<title>Prometheus", development=False),
    Sign("Home Assistant", body=r"<title>Home Assistant", development=False),
    Sign("Open WebUI", body=r"<title>Open WebUI", development=False),
    Sign("Ollama", body=r"\AOllama is running", development=False),
    Sign("MinIO", header=r"^server: MinIO", development=False),
    Sign("RabbitMQ", body=r"<title>RabbitMQ Management", development=False),
    Sign("Mailpit", body=r"<title>Mailpit", development=False),
    Sign("MailHog", body=r"<title>MailHog", development=False),
    Sign("pgAdmin", body=r"<title>pgAdmin", development=False),
    Sign("phpMyAdmin", body=r"<title>phpMyAdmin", development=False),
    Sign("Elasticsearch", body=r"\"tagline\"\s*:\s*\"You Know, for Search\"", development=False),
    Sign("Syncthing", body=r"<title[^>]*>Syncthing", development=False),
    # Runtimes and servers that say little about what runs on them
    Sign("Express", header=r"^x-powered-by: Express"),
    Sign("Express", body=r"<pre>Cannot GET /"),
    Sign("Fastify", body=r"\A\{\"message\":\"Route GET:/ not found\",\"error\":\"Not Found\""),
    Sign("NestJS", body=r"\A\{\"message\":\"Cannot GET /\",\"error\":\"Not Found\""),
    Sign("PHP", header=r"^x-powered-by: PHP/"),
    Sign("PHP", command=_run(r"php[\d.]*\s(?:.*\s)?-S")),
    Sign("Tornado", header=r"^server: TornadoServer/"),
    Sign("Gunicorn", header=r"^server: gunicorn"),
    Sign("Uvicorn", header=r"^server: uvicorn"),
    Sign("Hypercorn", header=r"^server: hypercorn"),
    Sign("Daphne", header=r"^server: daphne"),
    Sign("Waitress", header=r"^server: waitress"),
    Sign("Cheroot", header=r"^server: (?:Cheroot|CherryPy)/"),
    Sign("Cowboy", header=r"^server: Cowboy"),
    Sign("Caddy", header=r"^server: Caddy", development=False),
    Sign("nginx", header=r"^server: (?:nginx|openresty)", development=False),
    Sign("Apache", header=r"^server: Apache(?:/|$)", development=False),
    Sign("IIS", header=r"^server: Microsoft-IIS/", development=False),
    Sign("lighttpd", header=r"^server: lighttpd", development=False),
    Sign("Traefik", header=r"^server: Traefik", development=False),
    Sign("Envoy", header=r"^server: envoy", development=False),
    Sign("Deno", command=_run(r"deno")),
    Sign("Bun", command=_run(r"bun")),
    Sign("Go", body=r"\A404 page not found\n?\Z"),
    Sign("Go", command=r"[/\\]go-build\d*[/\\]"),
    Sign("Node.js", command=r"^\S*\bnode(?:js|\.exe)?(?:\s|$)"),
    Sign("Java", command=r"^\S*\bjava(?:\.exe)?(?:\s|$)"),
)

_MAX_COMMAND = 2048  # characters; Java's class paths can be endless
_FLAGS = re.IGNORECASE | re.MULTILINE


@dataclass(frozen=True, slots=True)
class _Compiled:
    recognised: Recognised
    header: re.Pattern[str]
    body: re.Pattern[str]
    command: re.Pattern[str]


# An empty pattern is found everywhere: what a row leaves out does not matter.
_COMPILED = tuple(
    _Compiled(
        Recognised(sign.name, sign.development),
        re.compile(sign.header, _FLAGS),
        re.compile(sign.body, re.MULTILINE),
        re.compile(sign.command, _FLAGS),
    )
    for sign in SIGNS
)


def recognise(answer: Answer, command: str) -> Recognised | None:
    """The framework or server behind the answer; the product in its Server header if it is none of the table's.

    command: the command line of the process that listens, "" if unknown.
    """
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    body = answer.body.decode("utf-8", "replace")
    for row in _COMPILED:
        if row.header.search(headers) and row.body.search(body) and row.command.search(command[:_MAX_COMMAND]):
            return row.recognised
    product = re.match(r"[A-Za-z][\w .+-]{0,30}", answer.header("server"))
    return Recognised(product[0].strip(), development=False) if product else None
