#!/usr/bin/env python3
"""Pages whose article is known → their text as scraped, as `fit_text_lines.py` takes it.

    pages_as_text.py fundus REPOSITORY SLUICE > DATA/text_full_fundus.jsonl
    pages_as_text.py readability REPOSITORY > DATA/text_full_readability.jsonl
    pages_as_text.py postlight REPOSITORY SLUICE > DATA/text_full_postlight.jsonl
    pages_as_text.py segments SEGMENTS PAGES_DIR > DATA/text_full_segments.jsonl

SEGMENTS and PAGES_DIR are as `fit_html.py` takes them. The others are public collections of saved pages, each a checkout:
- github.com/flairNLP/fundus, a crawler of news sites: pages of its parsers' tests (256 of 181 outlets in 41 countries), the article as a site's
  own parser takes it. That leaves out what is no paragraph (lists, boxes, embedded posts), so lines that the gold lacks and the cleaning of pages
  keeps, by SLUICE (the binary), are `unsure`: nothing is learned from them.
- github.com/mozilla/readability, a browser's reader: pages of its tests (130), the article as the reader shows it.
- github.com/postlight/parser, a reader's library: pages of its tests (146 of 130 sites, 2016 to 2022), the article as selectors for the site find it.
  These find the box that the article stands in, with whatever else is in it, so lines in the box that the cleaning of pages drops, and lines
  outside that it keeps, are `unsure`.

A page's text is what stands in its body, a block a line, behind its title. Needs lxml, and for the last cssselect and node.
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


# What each file of selectors says of the article, as JSON: they are objects of a script.
SELECTORS = """
const fs = require("fs"), path = require("path"), found = [];
for (const site of fs.readdirSync(process.argv[1])) {
    const file = path.join(process.argv[1], site, "index.js"), test = path.join(process.argv[1], site, "index.test.js");
    if (!fs.existsSync(file) || !fs.existsSync(test)) continue;
    eval(fs.readFileSync(file, "utf8").replace(/^import .*$/gm, "").replace(/export const \\w+ *=/, "globalThis.it ="));
    const content = it.content;
    if (!content || !content.selectors) continue;
    const removing = Object.entries(content.transforms || {}).filter(([, does]) => String(does).includes("remove()"));
    const drop = (content.clean || []).concat(removing.map(([selector]) => selector));
    found.push({ site: it.domain, selectors: content.selectors, drop, test: fs.readFileSync(test, "utf8") });
}
console.log(JSON.stringify(found));
"""
# Pages that hold no article: posts, repositories, videos, lists of products.
NO_ARTICLE = ("reddit", "youtube", "twitter", "github", "pastebin", "yomiuri", "--empty", "bookwalker", "genius", "phpspot", "netsecurity", "clinicaltrials")


def boxes(document, selectors):
    """The elements that the first selectors find that find any."""
    for some in selectors:
        found = [document.cssselect(one) for one in (some if isinstance(some, list) else [some])]
        if all(found):
            return [element for part in found for element in part]
    return []


def postlight(repository, sluice):
    root = pathlib.Path(repository)
    told = subprocess.run(["node", "-e", SELECTORS, str(root / "src/extractors/custom")], stdout=subprocess.PIPE, check=True)
    pages = []
    for site in json.loads(told.stdout):
        for name in dict.fromkeys(re.findall(r"fixtures/([^'\"]+\.html)", site["test"])):
            file = root / "fixtures" / name
            if not file.exists() or any(word in name for word in NO_ARTICLE):
                continue
            raw = file.read_bytes()
            document, text = parsed(raw), lines(parsed(raw))
            found = boxes(document, site["selectors"])
            for selector in (one for one in site["drop"] if isinstance(one, str)):
                for element in document.cssselect(selector):
                    if element not in found and any(a in found for a in element.iterancestors()):
                        element.drop_tree()
            outer = [e for e in found if not any(a in found for a in e.iterancestors())]
            page = {"id": name, "url": f"https://{site['site']}/", "html": raw.decode("utf-8", "replace"), "input": "\n".join(text)}
            pages.append(page | {"box": {line for e in outer for line in lines(e)}} if outer else None)
    return kept_in(list(filter(None, pages)), sluice)


def kept_in(pages, sluice):
    """The pages with what stands in the box and is kept as gold, and what is one of these alone as unsure."""
    records = "".join(json.dumps({"id": page["id"], "url": page["url"], "html": page.pop("html")}) + "\n" for page in pages)
    cleaned = subprocess.run([sluice, "enrich", "-", "--set", "dedupe.enabled=false"], input=records.encode(), stdout=subprocess.PIPE, check=True).stdout
    for page, answer in zip(pages, map(json.loads, cleaned.splitlines())):
        kept, box, text = set(map(fold, answer.get("text", "").split("\n"))), page.pop("box"), page["input"].split("\n")
        page["gold"] = "\n".join(line for line in text if line in box and line in kept)
        page["unsure"] = sorted({line for line in text if (line in box) != (line in kept)})
        yield page


def segments(file, folder):
    for row in map(json.loads, pathlib.Path(file).read_text(encoding="utf-8").splitlines()):
        page = gzip.open(pathlib.Path(folder) / f"{row['id']}.html.gz").read()
        yield row | {"input": "\n".join(lines(parsed(page.decode("utf-8", "replace").encode())))}


def main():
    sys.setrecursionlimit(100_000)  # a page's depth
    made = {"fundus": fundus, "readability": readability, "postlight": postlight, "segments": segments}[sys.argv[1]](*sys.argv[2:])
    for page in made:
        print(json.dumps(page, ensure_ascii=False))


if __name__ == "__main__":
    main()
