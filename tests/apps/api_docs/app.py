"""A FastAPI app with Swagger UI and ReDoc as FastAPI builds them, their files served by the app itself."""

from __future__ import annotations

import os

from fastapi import FastAPI, HTTPException, Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

app = FastAPI(title="Books", docs_url=None, redoc_url=None)
modules = os.environ["NODE_MODULES"]
app.mount("/assets/swagger-ui", StaticFiles(directory=f"{modules}/swagger-ui-dist"))
app.mount("/assets/redoc", StaticFiles(directory=f"{modules}/redoc/bundles"))


class Book(BaseModel):
    title: str
    pages: int = 1


books = {1: Book(title="The Castle", pages=352)}


@app.get("/docs", include_in_schema=False)
def swagger() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Books",
        oauth2_redirect_url="/docs/oauth2-redirect",
        swagger_js_url="/assets/swagger-ui/swagger-ui-bundle.js",
        swagger_css_url="/assets/swagger-ui/swagger-ui.css",
        swagger_favicon_url="/assets/swagger-ui/favicon-32x32.png",
    )


@app.get("/docs/oauth2-redirect", include_in_schema=False)
def oauth2_redirect() -> HTMLResponse:
    return get_swagger_ui_oauth2_redirect_html()


@app.get("/redoc", include_in_schema=False)
def redoc() -> HTMLResponse:
    return get_redoc_html(
        openapi_url="/openapi.json",
        title="Books",
        redoc_js_url="/assets/redoc/redoc.standalone.js",
        redoc_favicon_url="/assets/swagger-ui/favicon-32x32.png",
        with_google_fonts=False,
    )


@app.get("/books/{number}")
def book(number: int, request: Request) -> dict[str, object]:
    if number not in books:
        raise HTTPException(404, "no such book")
    return {**books[number].model_dump(), "asked_at": request.url.path, "self": str(request.url)}


@app.post("/books", status_code=201)
def add(book: Book) -> Book:
    return book
