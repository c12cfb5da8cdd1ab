"""Telling that two answers are the same but for names, comments and layout."""

import builtins
import hashlib
import keyword
import re

SHORTEST = 25  # tokens: shorter answers are alike because there is little to write
KEPT = {*keyword.kwlist, *dir(builtins), "np", "numpy", "tf", "self"}
# Python's own tokenizer takes time that grows with the square of a line's length. Here every character is read once:
# a text without an end is matched up to where it breaks off, so that it isn't looked for again at its next quote.
TOKEN = re.compile(r"""
    (?P<layout>[ \t\f\r]+ | \#[^\n]*+ | \\\r?\n)
  | (?P<line>\n)
  | (?P<string>[rRbBuUfF]{0,2} (?: (?P<long>\"\"\"|''') (?:\\.|(?!(?P=long)).)*+ (?P<end>(?P=long))?
                               | (?P<short>["']) (?:\\.|(?!(?P=short))[^\n])*+ (?P<stop>(?P=short))? ))
  | (?P<number>\.?\d (?:[eE][+-]|[\w.])*+)
  | (?P<name>\w+)
  | (?P<sign>(?:\*\*|//|<<|>>|[-+*/%@&|^<>=!:])?= | \*\* | // | << | >> | -> | \.\.\. | .)
""", re.VERBOSE | re.DOTALL)


def fingerprint(source):
    """Return the same text for answers that differ in their own names, comments, docstrings and layout only.

    Empty for answers of fewer than 25 tokens, and for what leaves a text or a bracket open.
    """
    names, seen, depth, begins = {}, [], 0, True
    for token in TOKEN.finditer(source):
        kind, text = token.lastgroup, token[0]
        if token["string"] is not None:
            if not (token["end"] or token["stop"]):
                return ""
            if begins and not depth and seen[-1:] in ([], [":"]):  # a docstring
                continue
        elif kind in ("layout", "line"):
            begins |= kind == "line"
            continue
        elif kind == "name" and text not in KEPT and seen[-1:] != ["."]:
            text = names.setdefault(text, f"name{len(names)}")
        depth += (text in "([{") - (text in ")]}")
        begins = False
        seen.append(text)
    return hashlib.sha256("\0".join(seen).encode()).hexdigest()[:16] if len(seen) >= SHORTEST and not depth else ""
