"""Text: cut to a column's length, HTML to text and back."""

from __future__ import annotations

import pytest

from shared.mapping.text import html_to_text, legible, text_to_html, truncate, units

FAMILY = "👩\u200d👩\u200d👧"  # one character on screen, five code points, eight UTF-16 units
ACCENT = "e\u0301"
FLAG = "🇩🇪"


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("ab cd", 3, "ab"),
        ("", 5, ""),
        ("abc", 0, ""),
        ("a👍", 2, "a"),
        ("a👍", 3, "a👍"),
        ("a" + ACCENT + "b", 2, "a"),
        ("a" + ACCENT + "b", 3, "a" + ACCENT),
        ("a" + FAMILY + "b", 8, "a"),
        ("a" + FAMILY + "b", 9, "a" + FAMILY),
        ("a" + FLAG + FLAG, 6, "a" + FLAG),
        ("a👍🏽", 4, "a"),
        ("a\r\nb", 2, "a"),
        ("a\u2764\ufe0fb", 2, "a"),
    ],
)
def test_truncate(text: str, length: int, cut: str) -> None:
    """A cut text fits, ends with a whole character and gains nothing."""
    assert truncate(text, length) == cut
    assert units(truncate(text, length)) <= length


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\tb\r\nc\n", "a\tb\r\nc\n"),
        ("a\x00b\x07c\x1bd\x7fe\x9bf\ufffeg\uffffh", "abcdefgh"),
        ("\ud83d half, \udc4d half", " half,  half"),
        (FAMILY + ACCENT + FLAG + "👍🏽\u200e\xad", FAMILY + ACCENT + FLAG + "👍🏽\u200e\xad"),
        ("\x07", ""),
    ],
)
def test_what_no_column_takes_is_left_out(text: str, left: str) -> None:
    """Control characters and half characters go; tabs, line ends, emoji, joiners and accents stay."""
    assert legible(text) == left


def test_truncate_counts_as_the_column_does() -> None:
    """An emoji takes two of a column's characters."""
    assert units("👍" * 60) == 120
    assert truncate("👍" * 60, 100) == "👍" * 50


def test_truncate_of_one_endless_character() -> None:
    """A text that is one single character longer than the column is cut hard rather than lost."""
    assert truncate("e" + "\u0301" * 10, 4) == "e\u0301\u0301\u0301"


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("", ""),
        ("plain", "plain"),
        ("Soft &amp; warm&nbsp;wool", "Soft & warm wool"),
        ("https://example.com/a.html", "https://example.com/a.html"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("<p>One\n  line</p>", "One line"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ul><li>one</li><li><b>t</b>wo</li></ul>", "- one\n- two"),
        ("<ul><li><p>one</p></li><li>\n<div>two</div></li></ul>", "- one\n- two"),
        ("<b>bo</b>ld <i>it</i>", "bold it"),
        ("<script>alert(1)</script><style>p{}</style>x", "x"),
        ("a<!-- hidden -->b", "ab"),
        ("<?xml version='1.0'?><!DOCTYPE html><p>x</p>", "x"),
        ("<![CDATA[ x ]]>y", "y"),
        ("<![if !IE]>y", "y"),
        ("<p>open <b>tags", "open tags"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("&lt;b&gt;", "<b>"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    ],
)
def test_html_to_text(markup: str, seen: str) -> None:
    """What a reader sees stays, as lines; what a reader does not see goes."""
    assert html_to_text(markup) == seen


def test_no_markup_is_too_deep() -> None:
    """Ten thousand nested blocks are read like one."""
    assert html_to_text("<div>" * 10_000 + "x" + "</div>" * 10_000) == "x"


@pytest.mark.parametrize(
    ("plain", "markup"),
    [
        ("", ""),
        (" \n ", ""),
        ("a", "<p>a</p>"),
        ("a\nb", "<p>a<br>b</p>"),
        ("a\r\n\r\nb", "<p>a</p><p>b</p>"),
        ("a\n \n\n  b", "<p>a</p><p>b</p>"),
        ('5 < 6 & "x"', '<p>5 &lt; 6 &amp; "x"</p>'),
        ("<script>", "<p>&lt;script&gt;</p>"),
    ],
)
def test_text_to_html(plain: str, markup: str) -> None:
    """Text is escaped, blank lines part paragraphs and line ends stay."""
    assert text_to_html(plain) == markup


def test_there_and_back() -> None:
    """Text that went to HTML reads the same afterwards, apart from blank lines."""
    assert html_to_text(text_to_html("a < b\nc\n\nd & e")) == "a < b\nc\nd & e"
