"""Gradio: a form whose answer comes over server-sent events, a file upload, and streamed text."""

from __future__ import annotations

from typing import Any

from tests.apps.visit import Visitor
from tests.gallery.entry import Entry

APP = """
import os, sys, time
import gradio as gr

def greet(name, times):
    return " ".join([f"Hello {name}!"] * int(times))

def count():
    for number in range(4):
        time.sleep(0.05)
        yield f"counted {number}"

def size(path):
    return f"{os.path.getsize(path)} bytes"

with gr.Blocks(title="Greetings", analytics_enabled=False) as demo:
    name, times = gr.Textbox(label="Name"), gr.Slider(1, 5, value=2, step=1, label="Times")
    greeting = gr.Textbox(label="Greeting")
    gr.Button("Greet").click(greet, [name, times], greeting)
    counted = gr.Textbox(label="Counted")
    gr.Button("Count").click(count, None, counted)
    upload, bytes_ = gr.File(label="File"), gr.Textbox(label="Size")
    upload.upload(size, upload, bytes_)
    gr.Image("picture.png", label="Picture", elem_id="picture")

demo.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True, ssr_mode=False)
"""
PICTURE = """
from PIL import Image
Image.new("RGB", (40, 30), "teal").save("picture.png")
"""


async def _greet(visitor: Visitor) -> dict[str, Any]:
    page = visitor.page
    await visitor.open("/")
    await page.get_by_label("Name").fill("Ada")
    await page.get_by_role("button", name="Greet").click()
    await page.wait_for_function("[...document.querySelectorAll('textarea')].some(t => t.value.includes('Hello Ada!'))")
    greeting = await page.get_by_label("Greeting").input_value()
    await page.get_by_role("button", name="Count").click()
    await page.wait_for_function("[...document.querySelectorAll('textarea')].some(t => t.value === 'counted 3')")
    await page.locator("input[type=file]").first.set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"12345"}
    )
    await page.wait_for_function("[...document.querySelectorAll('textarea')].some(t => t.value === '5 bytes')")
    await page.wait_for_function("document.querySelector('#picture img')?.naturalWidth")
    width = await page.evaluate("document.querySelector('#picture img').naturalWidth")
    return {"greeting": greeting, "picture": width, "title": await page.title(), "path": visitor.path}


ENTRY = Entry(
    name="gradio",
    python=("gradio==6.31.0",),
    script=_greet,
    files={"app.py": APP, "picture.py": PICTURE},
    before=lambda place: [[place.python, "picture.py"]],
    command=lambda place: [place.python, "app.py", "{port}"],
    variables={"GRADIO_ANALYTICS_ENABLED": "False"},
)
