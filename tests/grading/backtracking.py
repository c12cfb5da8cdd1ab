"""Counting what a regular expression tries: a backtracking matcher like that of `re`, only slow."""

import itertools
import re
from re import _constants as code
from re import _parser as parser

CATEGORIES = {code.CATEGORY_WORD: r"\w", code.CATEGORY_SPACE: r"\s", code.CATEGORY_DIGIT: r"\d",
              code.CATEGORY_NOT_WORD: r"\W", code.CATEGORY_NOT_SPACE: r"\S", code.CATEGORY_NOT_DIGIT: r"\D"}
REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)


def tries(pattern, text):
    """Return how many characters a backtracking matcher looks at to find a pattern wherever it is in a text.

    It does what `re` does, without what makes that faster; so `re` needs no more.
    """
    matcher, at = _Matcher(pattern, text), 0
    while at <= len(text):
        end = matcher.match(at)
        at = at + 1 if end is None else max(end, at + 1)
    return matcher.count


def found(pattern, text, at):
    """Return where the match ends that begins here, or None."""
    return _Matcher(pattern, text).match(at)


class _Matcher:
    def __init__(self, pattern, text):
        self.parsed, self.text, self.count, self.groups = parser.parse(pattern.pattern, pattern.flags), text, 0, {}
        self.flags = pattern.flags

    def match(self, at):
        self.groups = {}
        return next(self.ends(list(self.parsed), at), None)

    def ends(self, nodes, at):
        """Yield where a sequence of nodes can end that begins here, in the order in which it is tried."""
        if not nodes:
            yield at
            return
        for middle in self.ends_of(nodes[0], at):
            yield from self.ends(nodes[1:], middle)

    def ends_of(self, node, at):
        kind, value = node
        if kind is code.BRANCH:
            for branch in value[1]:
                yield from self.ends(list(branch), at)
        elif kind is code.SUBPATTERN:
            group, *_, inside = value
            for end in self.ends(list(inside), at):
                before = self.groups.get(group)
                self.groups[group] = self.text[at:end]
                yield end
                self.groups[group] = before
        elif kind in REPEATS:
            yield from self.repeated(kind, *value, at)
        elif kind in (code.ASSERT, code.ASSERT_NOT):
            direction, inside = value
            assert direction == 1, "looking back isn't counted"
            found = next(self.ends(list(inside), at), None) is not None
            if found == (kind is code.ASSERT):
                yield at
        elif kind is code.ATOMIC_GROUP:
            yield from itertools.islice(self.ends(list(value), at), 1)
        elif kind is code.GROUPREF:
            self.count += 1
            if (text := self.groups.get(value)) is not None and self.text.startswith(text, at):
                yield at + len(text)
        elif kind is code.AT:
            self.count += 1
            if self.is_at(value, at):
                yield at
        else:
            self.count += 1
            if at < len(self.text) and self.is_one(kind, value, self.text[at]):
                yield at + 1

    def repeated(self, kind, least, most, inside, at):
        inside = list(inside)
        if kind is code.POSSESSIVE_REPEAT:
            n = 0
            while n < most and (end := next(self.ends(inside, at), None)) is not None and (end > at or n < least):
                at, n = end, n + 1
            if n >= least:
                yield at
        elif len(inside) == 1 and inside[0][0] in (code.IN, code.LITERAL, code.NOT_LITERAL, code.ANY):
            end = at
            while end - at < most and next(self.ends_of(inside[0], end), None) is not None:
                end += 1
            ends = range(end, at + least - 1, -1)
            yield from ends if kind is code.MAX_REPEAT else reversed(ends)
        else:
            assert kind is code.MAX_REPEAT
            if most:
                for end in self.ends(inside, at):
                    if end > at:
                        yield from self.repeated(kind, max(least - 1, 0), most if most is code.MAXREPEAT else most - 1,
                                                 inside, end)
            if not least:
                yield at

    def is_at(self, place, at):
        if place is code.AT_BEGINNING:
            return at == 0 or (self.flags & re.MULTILINE and self.text[at - 1] == "\n")
        if place in (code.AT_BEGINNING_STRING, code.AT_END_STRING):
            return at == (0 if place is code.AT_BEGINNING_STRING else len(self.text))
        if place is code.AT_END:
            return self.text[at:] in ("", "\n") or (self.flags & re.MULTILINE and self.text[at] == "\n")
        word = [bool(re.match(r"\w", self.text[i])) if 0 <= i < len(self.text) else False for i in (at - 1, at)]
        return (word[0] != word[1]) == (place is code.AT_BOUNDARY)

    def is_one(self, kind, value, char):
        if kind is code.ANY:
            return char != "\n" or bool(self.flags & re.DOTALL)
        if kind is code.IN:
            negated = value[0][0] is code.NEGATE
            return negated != any(self.is_one(*item, char) for item in value[negated:])
        if kind is code.RANGE:
            return value[0] <= ord(char) <= value[1]
        if kind is code.CATEGORY:
            return bool(re.match(CATEGORIES[value], char))
        return (ord(char) == value) == (kind is code.LITERAL)
