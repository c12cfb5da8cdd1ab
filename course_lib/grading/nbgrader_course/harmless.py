"""What students wrote, made harmless: formgrader passes notebooks on to the instructor's browser as they are."""

import base64
import binascii
import re
from html.parser import HTMLParser

from course_lib.grading.handed_in.reading import text_of

LONGEST = 10_000  # characters of one output
RENDERED = 20_000  # characters of Markdown: the renderer takes time that grows with the square of some texts' length
LARGEST = 4_000_000  # bytes of one image
MOST = 60  # images of a notebook, outputs of a cell
IMAGES = ("image/png", "image/jpeg")
ALLOWED = {"href": r"(https?|mailto):|#|\w+\.ipynb(#[\w-]+)?$", "src": r"data:image/(png|jpeg);base64,"}


def safe_outputs(outputs, images):
    """Return the texts and images among a code cell's outputs.

    Parameters
    ----------
    outputs : list of dict
        As nbformat has them; they may hold anything.
    images : list
        The sizes of the notebook's images so far; what is kept is added.
    """
    from nbformat import from_dict

    kept = []
    for output in outputs:
        if len(kept) == MOST:
            break
        kind, data = output.get("output_type"), output.get("data")
        data = data if isinstance(data, dict) else {}
        image = next((kind for kind in IMAGES if is_image(data.get(kind), images)), None)
        if image:
            kept.append(_shown({image: data[image]}))
        elif kind in ("display_data", "execute_result") and "text/plain" in data:
            kept.append(_shown({"text/plain": text_of(data["text/plain"])[:LONGEST]}))
        elif kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            kept.append(_said(name, output.get("text", "")))
        elif kind == "error":
            kept.append(_said("stderr", f"{text_of(output.get('ename'))}: {text_of(output.get('evalue'))}"))
    return from_dict(kept)


def _shown(data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def _said(stream, text):
    return {"output_type": "stream", "name": stream, "text": text_of(text)[:LONGEST]}


def is_image(data, images):
    """Return whether this is base64, which can't end the attribute that it is put into; `images` counts them."""
    if not isinstance(data, str) or len(data) > LARGEST or len(images) >= MOST:
        return False
    try:
        base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    images.append(len(data))
    return True


def safe_markdown(source, attachments=None):
    """Return Markdown in which nothing but Markdown works: no HTML, and links and images that lead nowhere else.

    A "<" before a letter gets a space after it, so that it begins no HTML. What has links to anything but the web and
    notebooks, or images that would be fetched, is returned as a block that shows it as it was typed; so is what has
    more than 20,000 characters.
    """
    if len(source) > RENDERED:
        return as_typed(source)
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    mended, reader = re.sub(r"<(?=[A-Za-z/!?])", "< ", source), _Links()
    try:
        reader.feed(MarkdownWithMath(IPythonRenderer(escape=False, attachments=attachments or {})).render(mended))
    except Exception:  # whatever makes the renderer stumble here would make formgrader stumble too
        return as_typed(source)
    return mended if reader.harmless else as_typed(source)


def as_typed(source):
    """Return Markdown that shows a text as it was typed."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))
    return f"{fence}\n{source}\n{fence}"


class _Links(HTMLParser):
    """Reads rendered Markdown; `harmless` if its links lead to the web or to notebooks, and its images are in it."""

    harmless = True

    def handle_starttag(self, tag, attrs):
        fine = [re.match(ALLOWED.get(name, "(?!on)"), value if name in ALLOWED else name, re.IGNORECASE)
                for name, value in attrs]
        self.harmless &= all(fine) and tag not in ("script", "style", "iframe")
