"""Telling that two answers are the same but for names, comments and layout."""

import builtins
import hashlib
import io
import keyword
import tokenize

SHORTEST = 25  # tokens: shorter answers are alike because there is little to write
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
KEPT = {*keyword.kwlist, *dir(builtins), "np", "numpy", "tf", "self"}


def fingerprint(source):
    """Return the same text for answers that differ in their own names, comments, docstrings and layout only.

    Empty for answers of fewer than 25 tokens, and for what is no Python.
    """
    names, seen, previous = {}, [], None
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in LAYOUT or (token.type == tokenize.STRING and previous in (None, tokenize.INDENT)):
                previous = token.type if token.type not in (tokenize.NL, tokenize.COMMENT) else previous
                continue
            text = token.string
            if token.type == tokenize.NAME and text not in KEPT and seen[-1:] != ["."]:
                text = names.setdefault(text, f"name{len(names)}")
            seen.append(text)
            previous = token.type
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return ""
    return hashlib.sha256("\0".join(seen).encode()).hexdigest()[:16] if len(seen) >= SHORTEST else ""
