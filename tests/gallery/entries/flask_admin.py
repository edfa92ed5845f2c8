"""Flask-Admin: server-rendered lists and forms, inline editing by XHR, flash messages, redirects."""

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
import sys
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_admin.theme import Bootstrap4Theme

app = Flask(__name__)
app.config.update(SECRET_KEY="only for tests", SQLALCHEMY_DATABASE_URI="sqlite:///books.db")
db = SQLAlchemy(app)

class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80))
    published = db.Column(db.Date)

class BookView(ModelView):
    column_editable_list = ["title"]
    column_searchable_list = ["title"]
    create_modal = True

Admin(app, name="Library", theme=Bootstrap4Theme()).add_view(BookView(Book, db.session))
with app.app_context():
    db.create_all()
app.run("127.0.0.1", int(sys.argv[1]))
"""


async def _keep_books(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/admin/")
    await page.get_by_role("link", name="Book").click()
    await page.wait_for_load_state()  # its scripts open the dialog
    await page.get_by_role("link", name="Create").or_(page.locator("a", has_text="Create")).first.click()
    await page.locator("#title").fill("The Castle")
    await page.locator("input[type=submit][value=Save]").click()
    await page.get_by_text("Record was successfully created").wait_for()
    await page.wait_for_load_state()
    seen: dict[str, Any] = {"list": visitor.path}
    await page.locator("a.editable, a[data-role*=x-editable]").first.click()
    await page.locator(".editable-input input").fill("Amerika")
    await page.locator(".editable-submit").click()
    await page.get_by_role("link", name="Amerika").or_(page.locator("a", has_text="Amerika")).first.wait_for()
    await page.locator("input[name=search]").fill("ameri")
    await page.locator("input[name=search]").press("Enter")
    await page.wait_for_url("**/?search=ameri**")
    return {**seen, "search": visitor.path, "rows": await page.locator("tbody tr").count()}


ENTRY = Entry(
    name="flask-admin",
    python=("flask-admin==2.2.1", "flask-sqlalchemy", "tablib"),
    script=_keep_books,
    files={"app.py": APP},
    command=lambda place: [place.python, "app.py", "{port}"],
)
