"""The page that ours is measured against: bare Flask, twenty rows of the same table, a plain template."""

import os

from flask import Flask, render_template_string
from sqlalchemy import text

from participation.database import make_engine

PAGE = """<!doctype html><html lang="de"><title>Ideas</title><ul>
{% for row in rows %}<li><a href="/ideas/{{ row.ref }}">{{ row.title }}</a> {{ row.supports_total }}</li>
{% endfor %}</ul></html>"""

app = Flask(__name__)
engine = make_engine(os.environ["DATABASE_URL"])


@app.get("/")
def rows() -> str:
    """Twenty rows by the same index."""
    with engine.connect() as connection:
        found = connection.execute(text("SELECT ref, title, supports_total FROM idea WHERE public = :yes "
                                        "ORDER BY published_at DESC, id DESC LIMIT 20"), {"yes": True}).all()
    return render_template_string(PAGE, rows=found)
