"""The corpus: files as hard as the ones real libraries hold, each with the ways in which its job may end."""

import os
import tempfile
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from alchemist_desktop.domain.job import JobState
from tests.support import corpus_containers, corpus_damage, corpus_names, corpus_pictures, corpus_streams
from tests.support.corpus_recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFile:
    """One file that was built.

    `expect` holds the allowed terminal states of its job when everything is to become AV1 in Matroska, whatever it saves;
    empty means that no job may come up.
    """

    path: Path
    name: str
    expect: frozenset[JobState]
    why: str


def all_recipes() -> list[Recipe]:
    rooms = (corpus_containers, corpus_pictures, corpus_streams, corpus_damage, corpus_names)
    return [recipe for room in rooms for recipe in room.recipes()]


def build_corpus(folder: Path, names: Collection[str] | None = None) -> list[CorpusFile]:
    """Build the corpus, or the files of it with these `names`, in `folder`; files that are there already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [recipe for recipe in all_recipes() if names is None or recipe.name in names]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        return list(pool.map(lambda recipe: _build(recipe, folder), wanted))


def _build(recipe: Recipe, folder: Path) -> CorpusFile:
    path = folder / recipe.name
    if not os.path.lexists(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as bench:
            recipe.build(path, Path(bench))
    return CorpusFile(path=path, name=recipe.name, expect=recipe.expect, why=recipe.why)
