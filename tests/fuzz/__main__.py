"""Fuzzes the running program: `python -m tests.fuzz [--requests N] [--scope NAME] [--seed S] [--only OPERATION]`.

The exit code is 1 when anything was found.
"""

import argparse
import sys
import time

from tests.fuzz.credentials import SCOPES
from tests.fuzz.run import run_scope


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzzes the running program over HTTP.")
    parser.add_argument("--requests", type=int, default=10_000, help="how many come from the document, for each scope")
    parser.add_argument("--scope", choices=SCOPES, action="append", help="whose credential is used; all one after the other")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", default="", metavar="OPERATION", help="a part of a method and path, such as 'POST /api/v1/jobs'"
    )
    chosen = parser.parse_args(words)
    is_clean = True
    for scope in chosen.scope or SCOPES:
        began_s = time.monotonic()
        for part in run_scope(scope, requests=chosen.requests, seed=chosen.seed, only=chosen.only):
            print(f"{part.name}\n{part.report}", flush=True)
            is_clean = is_clean and not part.record.findings
        print(f"  {time.monotonic() - began_s:.0f} s", flush=True)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
