"""Recipes for the corpus: names that a shell, a filter, a pattern, a terminal or a decoder could stumble over."""

import os
import unicodedata

from alchemist_desktop.domain.job import JobState
from tests.support.corpus_recipe import DONE, FAILED, NO_JOB, Recipe, clip

_NAMES = (
    ("it's a [test], a:b.mkv", "the apostrophe, brackets, comma and colon of filter syntax"),
    ("-dash.mkv", "looks like an option"),
    ("new\nline.mkv", "a line break"),
    ("tab\tand\x1b[31mcolour.mkv", "control characters"),
    ('say "hi" $(exit 1) `id` & ; #.mkv', "everything a shell would act on"),
    ("%d %03d %2F {0}.mkv", "patterns of image sequences, URLs and formatting"),
    ("back\\slash.mkv", "the separator of another system"),
    ("star*?.mkv", "glob characters"),
    ("pipe:1|concat:x.mkv", "protocol prefixes"),
    (unicodedata.normalize("NFD", "Amélie à Zürich.mkv"), "decomposed accents"),
    ("映画 🎬 \u202efilm.mkv", "wide characters, an emoji and a change of direction"),
    (" leading space.mkv", "starts with a space"),
    ("trailing dot..mkv", "the stem ends with a dot"),
    ("trailing space .mkv", "the stem ends with a space"),
    ("SHOUTING.MKV", "the extension in capitals"),
    ("a.b.c.2024.1080p.mkv", "many dots"),
    ("twin.mkv", "the same stem as the next one"),
    ("twin.mp4", "the same stem as the one before"),
    ("sub 'folder'/[deep]/film.mkv", "hostile folder names"),
)  # fmt: skip


def recipes() -> list[Recipe]:
    either = DONE | FAILED
    return [
        *(_named(name, why, DONE) for name, why in _NAMES),
        _named(os.fsdecode(b"caf\xe9.mkv"), "bytes that are no UTF-8", DONE),
        _named(".hidden.mkv", "hidden files belong to other programs", NO_JOB),
        _named("n" * 246 + ".mkv", "250 bytes: no room for a suffix", either),
        _named("ü" * 120 + ".mkv", "fewer characters than bytes", either),
    ]


def _named(name: str, why: str, expect: frozenset[JobState]) -> Recipe:
    return Recipe(name=name, build=clip(duration_s=0.8), expect=expect, why=why)
