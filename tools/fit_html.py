#!/usr/bin/env python3
"""Fit the two models of src/clean/html on pages whose main text is known.

    fit_html.py ROWS_BINARY GOLD=PAGES_DIR... [SEGMENTS=PAGES_DIR] [FUNDUS] [--write] [--worst] [--keep=FOLDER]

ROWS_BINARY is `cargo build --release --example html_rows`. GOLD is JSON Lines (or .gz) of {"id", "url", "gold"}, PAGES_DIR holds
`ID.html.gz`. SEGMENTS is JSON Lines of {"id", "url", "with", "without"}: short strings that must, or must not, be there; only blocks
that hold one of them count. FUNDUS is a checkout of github.com/flairNLP/fundus, whose test pages (256 of 181 news sites in some twenty languages) give
furniture that is put into the others (tools/made_pages.py). The weights that ship were fitted on the development halves of two public benchmarks of article extraction: 80 news
and blog pages with human gold (2019) and 434 pages of the type "article" (2025), and on
segments of 76 pages in other languages. A block's label is the share of its words that
align with the gold. The first model's view of a page that the second is fitted on comes from folds without that page's site, and
the figures printed come from folds by site too (F1 of the blocks chosen, without made pages: news .963 with this
seed, .957 to .963 with others; the guides and blogs .959; segments .938; before blocks were chosen for the page as a whole, at one cut:
.955, .955, .936). `--write` writes src/clean/html/{first,second}.bin, `--keep` those of each fold, for cross_validate.py.
With wrappers' names forgotten (src/clean/html/wrappers.rs) and each page seen under other names, too: .952, .958, .949; on 87
pages of another public collection (what a browser's reader takes for the article), which nothing is fitted to, .936 became .950, the
half of it by either (another seed: .929 and .941).
With pages made of others as well (three of each at half the weight: tools/made_pages.py): segments .949 to .954, guides .959 to .958, news .959 to between .947
and .964 by the seed of what is made (one page of it is .012); on 915 pages that nothing is fitted to (772 of news sites of 2011 and 2012 in five
languages, 143 of sites of today) and 125 of a browser's reader, trees alone, .900 to .917, Polish .845 to .896, Russian .848 to .861, Chinese .900 to .914,
English .944 to .942, the reader's .937 to .932; without the furniture of other sites .914, with twice the weight less.
Of no use, before that, on the same folds (here news .962, guides .958, segments .933): second models averaged over two or four fits (.962, .959, .935),
of half the size (.963, .958, .933), learned half as fast (.963, .959, .938), with random cuts (.963, .959, .931) or tied harder (.949, .959,
.926). One page of news is .012, so only the last differs. Nor were more pages: 247 of 172 news sites with what a site's own parser takes for
the article gave news .943, guides .957, segments .923; at a third of the weight, unsure blocks at less, .957, .956, .933.
The figures are those of the trees alone: the product reads the blocks of doubtful pages as text, too (src/clean/html/reading.rs), and keeps what
is in doubt beside what is kept (doubt.rs). With the
net of fit_text_lines.py, fitted without each site in turn, they were .961, .959 and .945 where these were .958, .958 and .945. The net's
log-odds as numbers for the second model gave .952, .960 and .943.
Deterministic: one thread, one seed. Needs numpy and lightgbm.
"""
import bisect, gzip, json, pathlib, re, subprocess, sys, urllib.parse, zlib
from collections import Counter, defaultdict

import lightgbm
import numpy as np

from made_pages import made, pieces
from pages_as_text import fundus_pages
from tree_file import export

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
FOLDS = 8
# Of the blocks that are not wanted and stand far from what is, this share is enough, at more weight.
FAR_SHARE = 0.15
# Keeping what is not wanted costs more than losing what is.
UNWANTED = 1.5
# Where in a row it stands how far above an element of each kind is (src/clean/html/features.rs): topics, then semantic elements.
FIRST_SURROUNDING, TOPICS, SURROUNDINGS = 23, 32, 48
# src/clean/html/layout.rs: no such element; somewhere above.
NOWHERE, FAR = 30, 20
# Each page is also seen, at this weight, as one whose author names parts otherwise: some names are missing, others stand around it all.
OTHERWISE = 0.5
# ... and is made into so many others, each at this weight.
MADE, MADE_WEIGHT = 3, 0.5
MISSING = 0.25
HERE = pathlib.Path(__file__).resolve().parent.parent / "src/clean/html"


def lines(path):
    with (gzip.open if str(path).endswith(".gz") else open)(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def saved_page(folder, name):
    return gzip.open(pathlib.Path(folder) / f"{name}.html.gz").read().decode("utf-8", "replace")


def site(url):
    host = urllib.parse.urlparse(url or "").hostname or "?"
    parts = host.split(".")
    return ".".join(parts[-3:] if len(parts) > 2 and len(parts[-2]) <= 3 else parts[-2:])


def labels(blocks, gold):
    """Share of each block's words in the gold, by the heaviest chain of blocks in the gold's order."""
    g = WORD.findall(gold)
    bs = [WORD.findall(b) for b in blocks]
    where = defaultdict(list)
    for i in range(len(g)):
        for n in (1, 2, 3, 4):
            if i + n <= len(g):
                where[tuple(g[i:i + n])].append(i)
    items = []  # (block, gold start, gold end, matched words)
    for b, words in enumerate(bs):
        if not words:
            continue
        n = min(4, len(words))
        seen = {}
        starts = range(len(words) - n + 1) if len(words) < 60 else [*range(0, 24), *range(len(words) - 28, len(words) - n + 1)]
        for k in starts:
            for at in where.get(tuple(words[k:k + n]), ())[:12]:
                seen[at - k] = seen.get(at - k, 0) + 1
        for shift, hits in sorted(seen.items(), key=lambda x: -x[1])[:8]:
            same = sum(1 for k, w in enumerate(words) if 0 <= shift + k < len(g) and g[shift + k] == w)
            if len(words) < 4 and same < len(words):
                continue
            lo, hi = max(0, shift), min(len(g), shift + len(words))
            # words shifted by an insertion inside the block count too, roughly
            bag = sum((Counter(words) & Counter(g[max(0, lo - 6):hi + 6])).values())
            share = max(same, bag if len(words) > 12 and hits > 3 else 0) / len(words)
            if share > 0.3:
                items.append((b, lo, hi, share * len(words)))
    # heaviest increasing chain (block and gold position both increase)
    items.sort(key=lambda x: (x[0], -x[1]))
    ends = sorted({x[2] for x in items})
    tree = [(0.0, -1)] * (len(ends) + 1)

    def best(limit):
        i, out = bisect.bisect_right(ends, limit), (0.0, -1)
        while i > 0:
            out = max(out, tree[i]); i -= i & -i
        return out

    back, pending, current, score = [-1] * len(items), [], None, [0.0] * len(items)
    def flush():
        for j in pending:
            i = bisect.bisect_left(ends, items[j][2]) + 1
            while i <= len(ends):
                tree[i] = max(tree[i], (score[j], j)); i += i & -i
        pending.clear()
    for j, (b, lo, hi, weight) in enumerate(items):
        if b != current:
            flush(); current = b
        s, prev = best(lo + 2)
        score[j], back[j] = s + weight - 0.01, prev
        pending.append(j)
    flush()
    out = np.zeros(len(blocks))
    j = max(range(len(items)), key=lambda k: score[k]) if items else -1
    while j >= 0:
        b = items[j][0]
        out[b] = min(1.0, items[j][3] / max(1, len(bs[b])))
        j = back[j]
    kept = {tuple(bs[b]) for b in range(len(blocks)) if out[b] > 0.5}
    top = defaultdict(float)
    for b, lo, hi, weight in items:
        top[b] = max(top[b], weight / len(bs[b]))
    for b, share in top.items():  # long blocks out of order
        if len(bs[b]) >= 10 and share > 0.85 and tuple(bs[b]) not in kept:
            out[b] = share
    return out


def segment_labels(blocks, segments):
    fold = lambda text: " ".join(text.split())
    y, w = np.zeros(len(blocks)), np.zeros(len(blocks))
    for b, text in enumerate(map(fold, blocks)):
        if any(fold(s) in text for s in segments["with"]):
            y[b], w[b] = 1.0, 12.0
        elif any(fold(s) in text for s in segments["without"]):
            w[b] = 8.0
    return y, w


def log_odds(q):
    q = np.asarray(q, dtype=np.float64)
    return np.log((q + 1e-6) / (1 - q + 1e-6))


def best_path(odds, start=2.0, again=2.0, gap=8):
    costs = np.concatenate([[start, 0.0], again * np.arange(1, gap + 1) / gap])
    best, came_from = np.full(2 + gap, -np.inf), []
    best[0] = 0.0
    for one in odds:
        origin = int(np.argmax(best - costs))
        new = np.concatenate([best[:1], [best[origin] - costs[origin] + one], best[1:-1]])
        stays = best[-1] >= new[-1]
        new[-1] = max(new[-1], best[-1])
        came_from.append((origin, gap + 1 if stays else gap))
        best = new
    state, kept = int(np.argmax(best)), []
    for if_kept, if_long in reversed(came_from):
        kept.append(state == 1)
        state = 0 if state == 0 else if_kept if state == 1 else if_long if state == gap + 1 else state - 1
    return np.array(kept[::-1], dtype=bool)


def choose(texts, first, second):
    """src/clean/html/choose.rs once more."""
    if not len(texts):
        return np.zeros(0, dtype=bool)
    odds = 0.4 * log_odds(first) + 0.6 * log_odds(second)
    size = np.array([len(t.encode()) for t in texts])
    kept = best_path(np.clip(odds + 0.3, -3, 3) * np.clip((size / 60) ** 0.5, 0.5, 2))
    likely = odds > log_odds(0.5)
    have, could = size[kept].sum(), size[likely].sum()
    if have >= 120 and have >= 0.25 * could:
        return kept
    other = likely if could >= 120 else odds > log_odds(0.25)
    return other if size[other].sum() > have else kept


def kept_text(page, key):
    kept = choose(page["texts"], page["first"], page["second"]) if key == "chosen" else page[key] > 0.5
    return "\n".join(t for t, k in zip(page["texts"], kept) if k)


def segment_score(some, key):
    tp = fp = fn = 0
    for p in some:
        text = " ".join(kept_text(p, key).split())
        hits = sum(" ".join(s.split()) in text for s in p["segments"]["with"])
        tp, fn = tp + hits, fn + len(p["segments"]["with"]) - hits
        fp += sum(" ".join(s.split()) in text for s in p["segments"]["without"])
    return f"segments F1 {2 * tp / (2 * tp + fp + fn):.4f} P {tp / max(1, tp + fp):.4f} R {tp / (tp + fn):.4f}"


def rows(binary, pages, first=None):
    feed = "".join(json.dumps({"html": p["html"], "first": None if first is None else [float(x) for x in f]}) + "\n"
                   for p, f in zip(pages, first or [None] * len(pages)))
    done = subprocess.run([binary], input=feed.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def boosted(trees, leaves, rate, leaf_min):
    told = dict(objective="binary", num_leaves=leaves, learning_rate=rate, min_data_in_leaf=leaf_min, lambda_l2=8.0, feature_fraction_bynode=0.3,
                max_bin=63, seed=0, deterministic=True, num_threads=1, verbose=-1)
    return lambda x, y, w: lightgbm.train(told, lightgbm.Dataset(x, y.astype(int), weight=w, params=told), trees)


FIRST = boosted(100, 10, 0.11, 50)
SECOND = boosted(110, 10, 0.08, 60)


def shingles(words, n=4):
    return Counter(tuple(words[i:i + n]) for i in range(max(1, len(words) - n + 1))) if words else Counter()


W = re.compile(r"\w+")


def measure(texts, golds):
    P, R = [], []
    for t, g in zip(texts, golds):
        a, p = shingles(W.findall(g)), shingles(W.findall(t))
        tp = sum((a & p).values())
        if p: P.append(tp / sum(p.values()))
        if a: R.append(tp / sum(a.values()))
    p, r = np.mean(P), np.mean(R)
    return f"F1 {2 * p * r / (p + r):.4f} P {p:.4f} R {r:.4f}"


def otherwise(rows, draw):
    """The rows of a page, with other names."""
    rows = rows.copy()
    around = rows[:, FIRST_SURROUNDING:FIRST_SURROUNDING + SURROUNDINGS]
    around[:, draw.random(SURROUNDINGS) < MISSING] = NOWHERE
    if draw.random() < 0.5:
        for topic in draw.choice(TOPICS, draw.integers(1, 4), replace=False):
            above = np.minimum(draw.integers(3, 9) + draw.integers(0, 3, len(rows)), FAR)
            around[:, topic] = np.where(around[:, topic] >= FAR, above, around[:, topic])
    return rows


def made_pages(pages, repository):
    """Pages made of each, with furniture of others of its fold, and of other sites."""
    more = [piece for number, page in enumerate(fundus_pages(repository) if repository else ())
            for piece in pieces(page["html"], page["gold"], number, sure=False)]
    others = {k: list(more) for k in range(FOLDS)}
    for number, page in enumerate(pages):
        if page["gold"]:
            others[page["fold"]] += pieces(page["html"], page["gold"], number)
    for copy in range(1, MADE + 1):
        for number, page in enumerate(pages):
            other = made(page["html"], page["gold"], others[page["fold"]], 1000 * copy + number)
            if other:
                yield page | {"html": other, "made": True}


def main():
    sys.setrecursionlimit(100_000)  # a page's depth
    binary, sets = sys.argv[1], [a for a in sys.argv[2:] if "=" in a and not a.startswith("--")]
    keep = next((pathlib.Path(a.removeprefix("--keep=")) for a in sys.argv[2:] if a.startswith("--keep=")), None)
    repository = next((a for a in sys.argv[2:] if "=" not in a and not a.startswith("--")), None)
    pages = []
    for spec in sets:
        gold, folder = spec.split("=")
        for g in lines(gold):
            pages.append({"set": pathlib.Path(folder).name, "site": site(g["url"]), "html": saved_page(folder, g["id"]), "gold": g.get("gold"), "segments": g, "made": False})
    sites = sorted({p["site"] for p in pages}, key=lambda s: zlib.crc32(s.encode()))
    fold = {s: i % FOLDS for i, s in enumerate(sites)}
    for p in pages:
        p["fold"] = fold[p["site"]]
    pages += list(made_pages(pages, repository))
    told = rows(binary, pages)
    for p, t in zip(pages, told):
        p["texts"], p["x"] = t["texts"], np.array(t["rows"], dtype=np.float32).reshape(len(t["texts"]), -1)
        if p["gold"] is None:
            p["y"], p["w"] = segment_labels(p["texts"], p["segments"])
            continue
        p["y"] = labels(p["texts"], p["gold"])
        words = np.array([len(WORD.findall(x)) for x in p["texts"]])
        w = (words + 1.0) ** 0.7
        total = max(1.0, w[p["y"] > 0.5].sum())
        p["w"] = np.clip(w / total * 100, 0.02, 60) * (2.0 if p["set"] == "aeb" else 1.0)
    print("pages", len(pages), "blocks", sum(len(p["y"]) for p in pages), "features", pages[0]["x"].shape[1])
    by_set = lambda name: [p for p in pages if p["set"] == name and not p["made"]]
    names = sorted({p["set"] for p in pages})
    for name in names:
        some = by_set(name)
        if some[0]["gold"] is None:
            continue
        print("perfect choice", name, measure(["\n".join(t for t, y in zip(p["texts"], p["y"]) if y > 0.5) for p in some], [p["gold"] for p in some]))

    def fit(make, some, key):
        draw = np.random.default_rng(1)
        x, y, w = [], [], []
        for p in some:
            good = p["y"] > 0.5
            if not len(good) or p["made"] and p["gold"] and not good.any():
                continue
            near = np.convolve(good, np.ones(9), "same") > 0 if len(good) >= 9 else np.ones(len(good), dtype=bool)
            used = (p["w"] > 0) & (near | (draw.random(len(good)) < FAR_SHARE))
            weight = (p["w"] * np.where(near, 1, 1 / FAR_SHARE) * np.where(good, 1, UNWANTED))[used]
            views = [(p[key][used], MADE_WEIGHT)] if p["made"] else [(p[key][used], 1.0), (otherwise(p[key][used], draw), OTHERWISE)]
            x += [seen for seen, _ in views]
            y += [good[used]] * len(views)
            w += [weight * share for _, share in views]
        w = np.concatenate(w)
        return make(np.vstack(x), np.concatenate(y), w / w.mean())

    def by_folds(make, key, out):
        for k in range(FOLDS):
            m = fit(make, [p for p in pages if p["fold"] != k], key)
            if keep:
                (keep / str(k)).mkdir(parents=True, exist_ok=True)
                export(m, keep / str(k) / f"{out}.bin")
            for p in pages:
                if p["fold"] == k:
                    p[out] = m.predict(p[key], num_threads=1) if len(p["y"]) else np.zeros(0)

    by_folds(FIRST, "x", "first")
    if keep:
        (keep / "folds.json").write_text(json.dumps(fold))
    print("the first model has spoken", flush=True)
    for p, t in zip(pages, rows(binary, pages, [p["first"] for p in pages])):
        p["x2"] = np.array(t["rows"], dtype=np.float32).reshape(len(p["y"]), -1)
    if "--write" in sys.argv:
        export(fit(FIRST, pages, "x"), HERE / "first.bin")
        export(fit(SECOND, pages, "x2"), HERE / "second.bin")
    by_folds(SECOND, "x2", "second")
    for name in names:
        some = by_set(name)
        for key in ("first", "second", "chosen"):
            print("folds by site:", name, key, segment_score(some, key) if some[0]["gold"] is None else measure(
                [kept_text(p, key) for p in some], [p["gold"] for p in some]), flush=True)
    if "--worst" in sys.argv:
        for name in names:
            def one(p):
                a, q = shingles(W.findall(p["gold"])), shingles(W.findall(kept_text(p, "chosen")))
                return 2 * sum((a & q).values()) / max(1, sum(a.values()) + sum(q.values()))
            for p in sorted(by_set(name) if by_set(name)[0]["gold"] else [], key=one)[:10]:
                print(f"{one(p):.3f}", p["site"])
                for t, y, q, k in zip(p["texts"], p["y"], p["second"], choose(p["texts"], p["first"], p["second"])):
                    if (y > 0.5) != k:
                        print(f"      {'missed' if y > 0.5 else 'extra '} {q:.2f} {t[:110]!r}")


if __name__ == "__main__":
    main()
