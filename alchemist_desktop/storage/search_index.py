"""The search over paths and explanations: how it is kept up to date, and which jobs it offers for a text.

Triggers note which jobs changed, and the end of each transaction tells the two indexes. They know trigrams without their
places, so what they offer is a superset that has to be checked.
"""

import json

from alchemist_desktop.storage.connection import Connection

_TRIGRAM = 3
_MOST_COUNTED = 14  # trigrams of a text that are counted to find the rare ones
_RARE = 40_000  # jobs
_ENOUGH = 6
_MOST_REMEMBERED = 10_000  # counts
_BODIES = (("path_search", "path"), ("text_search", "texts"))
_TERMS = {"path_search": "path_terms", "text_search": "text_terms"}


class Rarity:
    """How many jobs have a trigram, remembered as it was when first asked: good enough to tell what is rare."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def count(self, db: Connection, table: str, term: str) -> int:
        """The number; where it is `_RARE` or more, what the first so many let expect of all."""
        known = self._counts.get((table, term))
        if known is not None:
            return known
        sql = f"SELECT count(*), max(rowid) FROM (SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT {_RARE})"
        count, last = db.sql(sql, (term,)).fetchone()
        if count == _RARE:
            count = count * db.sql("SELECT max(id) FROM jobs").fetchone()[0] // last
        if len(self._counts) >= _MOST_REMEMBERED:
            self._counts.clear()
        self._counts[table, term] = count
        return int(count)


def refresh_search(db: Connection) -> None:
    """Make the indexes say what the jobs say. To be called at the end of a transaction; cheap when no job changed."""
    if db.sql("SELECT 1 FROM search_stale LIMIT 1").fetchone() is None:
        return
    for table, body in _BODIES:
        # CROSS JOIN keeps the order: SQLite cannot know that few jobs are stale, and would look at all of them.
        # What is to go has to be told once more.
        db.sql(
            f"INSERT INTO {table}({table}, rowid, body) SELECT 'delete', s.job_id, s.{body} FROM search_stale s"
            f" LEFT JOIN search_bodies b USING (job_id) WHERE s.{body} IS NOT NULL AND s.{body} IS NOT b.{body}"
        )
        db.sql(
            f"INSERT INTO {table}(rowid, body) SELECT b.job_id, b.{body} FROM search_stale s"
            f" CROSS JOIN search_bodies b USING (job_id) WHERE b.{body} IS NOT NULL AND s.{body} IS NOT b.{body}"
        )
    db.sql("DELETE FROM search_stale")


def is_short(needle: str) -> bool:
    """Whether a text has less than a trigram, so that the indexes can only be asked the long way round."""
    return len(needle) < _TRIGRAM


def can_look_up(needle: str) -> bool:
    """Whether the indexes know anything of a text: not of one that is escaped in what is stored, or is not quite text."""
    is_plain = "\0" not in needle and not any("\ud800" <= char <= "\udfff" for char in needle)
    # How other letters fold is known to FTS5 alone, and it is not asked for less than a trigram.
    return is_plain and json.dumps(needle, ensure_ascii=False)[1:-1] == needle and (needle.isascii() or not is_short(needle))


def offered_by_search(db: Connection, needle: str, rarity: Rarity) -> tuple[str, tuple[str, ...]]:
    """A select of the ids of all jobs that may have `needle`, lower case, in a path or an explanation, and perhaps others
    and some twice. For fewer than three letters it takes long, unless few jobs have them."""
    offers = []
    for table, _ in _BODIES:
        expression = _beginnings(db, table, needle) if is_short(needle) else _expression(db, table, needle, rarity)
        if expression:
            offers.append((table, expression))
    selects = [f"SELECT rowid AS id FROM {table} WHERE {table} MATCH ?" for table, _ in offers]
    return " UNION ALL ".join(selects) or "SELECT 0 AS id", tuple(expression for _, expression in offers)


def _beginnings(db: Connection, table: str, needle: str) -> str:
    """Every trigram there is that begins with the text."""
    end = needle[:-1] + chr(ord(needle[-1]) + 1)
    terms = db.sql(f"SELECT term FROM {_TERMS[table]} WHERE term >= ? AND term < ?", (needle, end))
    return " OR ".join(_quoted(term) for (term,) in terms)


def _quoted(term: str) -> str:
    return '"{}"'.format(term.replace('"', '""'))


def _expression(db: Connection, table: str, needle: str, rarity: Rarity) -> str:
    """The rarest trigrams of the text: FTS5 walks the list of the first one and skips through the others, so a common one
    beside rare ones costs much and tells little."""
    terms = [_quoted(needle[i : i + _TRIGRAM]) for i in range(len(needle) - _TRIGRAM + 1)]
    counts: dict[str, int] = {}
    for term in terms[:: 1 + len(terms) // _MOST_COUNTED]:
        counts[term] = rarity.count(db, table, term)
        if counts[term] == 0:
            return term
    rarest = sorted(counts, key=counts.__getitem__)
    rare = [term for term in rarest if counts[term] < _RARE]
    return " AND ".join((rare or rarest)[:_ENOUGH])
