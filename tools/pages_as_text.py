#!/usr/bin/env python3
"""Pages whose article is known → their text as scraped, as `fit_text_lines.py` takes it.

    pages_as_text.py fundus REPOSITORY SLUICE > DATA/text_full_fundus.jsonl
    pages_as_text.py readability REPOSITORY > DATA/text_full_readability.jsonl
    pages_as_text.py segments SEGMENTS PAGES_DIR > DATA/text_full_segments.jsonl

SEGMENTS and PAGES_DIR are as `fit_html.py` takes them. The others are public collections of saved pages, each a checkout:
- github.com/flairNLP/fundus, a crawler of news sites: pages of its parsers' tests (256 of 181 outlets in 41 countries), the article as a site's
  own parser takes it. That leaves out what is no paragraph (lists, boxes, embedded posts), so lines that the gold lacks and the cleaning of pages
  keeps, by SLUICE (the binary), are `unsure`: nothing is learned from them.
- github.com/mozilla/readability, a browser's reader: pages of its tests (130), the article as the reader shows it.

A page's text is what stands in its body, a block a line, behind its title. Needs lxml.
"""
import gzip, json, pathlib, re, subprocess, sys

from lxml import html

BLOCKS = set("""address article aside blockquote body br button canvas dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
header hr html li main nav ol option p pre section select summary table tbody td tfoot th thead tr ul title video""".split())
PASSED_OVER = set("script style noscript template svg iframe head object".split())
# Of a gold's characters this share must stand in the page that it is said of: some outlets' pages changed and their golds did not.
FOUND_MIN = 0.6


def fold(text):
    return " ".join(text.split())


def words(text):
    return re.sub(r"\W+", " ", text)


def parsed(page):
    return html.document_fromstring(page, parser=html.HTMLParser(encoding="utf-8"))


def lines(document):
    out, current = [], []

    def flush():
        line = fold("".join(current))
        current.clear()
        if line:
            out.append(line)

    def walk(element):
        if not isinstance(element.tag, str) or element.tag in PASSED_OVER:
            return
        is_block = element.tag in BLOCKS
        if is_block:
            flush()
        current.append(element.text or "")
        for child in element:
            walk(child)
            current.append(child.tail or "")
        if is_block:
            flush()

    title, body = document.find(".//title"), document.find(".//body")
    if title is not None and title.text:
        out.append(fold(title.text))
    walk(document if body is None else body)
    flush()
    return out


def fundus_pages(repository):
    """Pages of fundus's tests in which their gold still stands: id, site, the page, its text, its gold."""
    for gold in sorted(pathlib.Path(repository).glob("tests/resources/parser/test_data/*/*.json")):
        versions = json.loads(gold.read_text(encoding="utf-8")).values()
        for file in sorted(gold.parent.glob(f"{gold.stem}_*.html.gz")):
            page = gzip.open(file).read()
            text = "\n".join(lines(parsed(page)))
            flat, best, share = words(text), [], 0.0
            for version in versions:
                body = version.get("body") or {}
                parts = list(body.get("summary", ())) + [p for s in body.get("sections", ()) for p in s["headline"] + s["paragraphs"]]
                found = sum(len(p) for p in parts if words(p) in flat) / max(1, sum(map(len, parts)))
                if found > share:
                    best, share = parts, found
            if share >= FOUND_MIN:
                yield {"id": f"{gold.parent.name}/{file.name}", "site": gold.stem, "html": page.decode("utf-8", "replace"), "input": text, "gold": "\n".join(best)}


def fundus(repository, binary):
    pages = [page | {"url": f"https://{page.pop('site')}/"} for page in fundus_pages(repository)]
    # Each page with an address of its own: with one they would be versions of each other.
    feed = "".join(json.dumps({"id": p["id"], "html": p.pop("html"), "url": f"https://{i}.example/"}) + "\n" for i, p in enumerate(pages))
    done = subprocess.run([binary, "enrich", "--set", "dedupe.enabled=false", "-"], input=feed.encode(), stdout=subprocess.PIPE, check=True)
    cleaned = {record["id"]: record["text"] for record in map(json.loads, done.stdout.splitlines())}
    for page in pages:
        kept, gold = set(map(fold, cleaned.get(page["id"], "").split("\n"))), fold(page["gold"])
        page["unsure"] = sorted({line for line in page["input"].split("\n") if line in kept and line not in gold})
    return pages


def readability(repository):
    for folder in sorted(pathlib.Path(repository).glob("test/test-pages/*")):
        gold = lines(parsed(b"<html><body>" + (folder / "expected.html").read_bytes() + b"</body></html>"))
        if gold:
            text = lines(parsed((folder / "source.html").read_bytes()))
            yield {"id": folder.name, "url": f"https://{folder.name}/", "input": "\n".join(text), "gold": "\n".join(gold)}


def segments(file, folder):
    for row in map(json.loads, pathlib.Path(file).read_text(encoding="utf-8").splitlines()):
        page = gzip.open(pathlib.Path(folder) / f"{row['id']}.html.gz").read()
        yield row | {"input": "\n".join(lines(parsed(page.decode("utf-8", "replace").encode())))}


def main():
    sys.setrecursionlimit(100_000)  # a page's depth
    made = {"fundus": fundus, "readability": readability, "segments": segments}[sys.argv[1]](*sys.argv[2:])
    for page in made:
        print(json.dumps(page, ensure_ascii=False))


if __name__ == "__main__":
    main()
