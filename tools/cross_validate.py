#!/usr/bin/env python3
"""How the whole cleaning, rules and all, does on sites that its weights were fitted without.

    cargo build --release --example clean_with
    tools/fit_html.py ROWS_BINARY GOLD=PAGES_DIR... SEGMENTS=PAGES_DIR FUNDUS --keep=HTML_FOLDS
    tools/fit_text_trees.py DATA OUT --folds 3 --keep TEXT_FOLDS
    tools/cross_validate.py HTML_FOLDS TEXT_FOLDS [GOLD=PAGES_DIR...] [TEXTS.jsonl[.gz]...]

GOLD and PAGES_DIR are as `fit_html.py` takes them, TEXTS as `fit_text_lines.py` does. Each page or text is cleaned by the files of the folds that
its site is in. Printed, of each set: precision and recall over shingles of four words, each the mean of the pages, and their F1.
"""
import collections, json, os, pathlib, subprocess, sys, tempfile

from fit_html import lines, measure, saved_page, site
from text_lines import site_of

CLEAN_WITH = "target/release/examples/clean_with"


def main():
    html, text = (pathlib.Path(a) for a in sys.argv[1:3])
    of_page, of_text = (json.loads((folder / "folds.json").read_text()) for folder in (html, text))
    for spec in sys.argv[3:]:
        file, _, pages = spec.partition("=")
        rows = lines(file)
        cases = collections.defaultdict(list)
        for row in rows:
            body = {"html": saved_page(pages, row["id"])} if pages else {"text": row["input"]}
            fold = of_page[site(row["url"])] if pages else None
            cases[fold, of_text[site_of(row)]].append({"id": row["id"], "url": row["url"]} | body)
        left = {}
        for (page_fold, text_fold), records in cases.items():
            with tempfile.TemporaryDirectory() as folder:
                parts = [text / str(text_fold)] + ([html / str(page_fold)] if pages else [])
                for part in parts:
                    for weights in part.glob("*.bin"):
                        os.symlink(weights.resolve(), pathlib.Path(folder) / weights.name)
                feed = "".join(json.dumps(record) + "\n" for record in records)
                done = subprocess.run([CLEAN_WITH, folder], input=feed.encode(), stdout=subprocess.PIPE, check=True)
            left |= {record["id"]: record["text"] for record in map(json.loads, done.stdout.splitlines())}
        print(f"{pathlib.Path(file).name}: {len(rows)}", measure([left[row["id"]] for row in rows], [row["gold"] for row in rows]), flush=True)


if __name__ == "__main__":
    main()
