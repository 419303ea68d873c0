"""Pages as text, line by line: their features as the product counts them, and which lines are the article's."""
import collections, gzip, json, re, struct, subprocess
from urllib.parse import urlparse

import numpy as np

TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
# A line's features: of its shape, of the phrases in it (the last: whether there is any), and of what stands around.
SHAPE, PHRASE = 48, 37


def words(line):
    return len(TOKEN.findall(line))


def read(path):
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def features(binary, texts):
    payload = "".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts).encode()
    raw = subprocess.run([binary], input=payload, stdout=subprocess.PIPE, check=True).stdout
    at = 0
    for text in texts:
        n, width = struct.unpack_from("<II", raw, at)
        at += 8
        spans = np.frombuffer(raw, "<u4", n * 2, at).reshape(n, 2)
        at += n * 8
        x = np.frombuffer(raw, "<f4", n * width, at).reshape(n, width)
        at += n * width * 4
        data = text.encode()
        yield [data[a:b].decode() for a, b in spans], x


def label(lines, gold):
    """1 for every line that the article holds, 0 for the rest."""
    tokens = [TOKEN.findall(line) for line in lines]
    golden = TOKEN.findall(gold)
    grams = collections.Counter(zip(*(golden[i:] for i in range(4)))) if len(golden) >= 4 else collections.Counter()
    found = " " + " ".join(golden) + " "
    marks = [None] * len(lines)
    left = grams.copy()
    for i, t in enumerate(tokens):
        if len(t) >= 6:
            own = collections.Counter(zip(*(t[k:] for k in range(4))))
            hit = sum((own & left).values())
            marks[i] = hit * 2 >= sum(own.values())
            if marks[i]:
                left -= own
    # Short lines belong where the article holds them beside a line that is sure.
    for order in (1, -1):
        near = []
        for i in range(len(lines))[::order]:
            t = tokens[i]
            if marks[i] is None and t:
                if near:
                    joined = near[-3:] + t if order == 1 else t + near[:3]
                    if f" {' '.join(joined)} " in found:
                        marks[i] = True
                elif f" {' '.join(golden[:len(t)] if order == 1 else golden[-len(t):])} " == f" {' '.join(t)} ":
                    marks[i] = True
            if marks[i] and t:
                near = t
    return np.array([bool(m) for m in marks], np.float32), np.array([len(t) for t in tokens], np.float32)


def by_segments(lines, row):
    """1 for every line that holds a wanted segment, and which lines hold any."""
    fold = lambda text: " ".join(text.split())
    holds = lambda name: np.array([any(fold(s) in fold(line) for s in row[name]) for line in lines], np.float32)
    wanted = holds("with")
    return wanted, np.maximum(wanted, holds("without"))


def piece(lines, rng):
    """Some lines of an article that follow each other, a few or many: a feed's excerpt, a page of several."""
    first = rng.integers(len(lines))
    end = first + 1 + int(rng.random() ** 2 * (len(lines) - first))
    while first > 0 and words(" ".join(lines[first:end])) < 30:
        first -= 1
    return lines[first:end]


def site_of(row):
    return urlparse(row.get("url") or "").netloc.removeprefix("www.") or row["id"]


def load(data, binary):
    docs, rng = [], np.random.default_rng(5)
    for path in sorted(data.glob("text_*.jsonl*")):
        kind = path.name.split(".")[0]
        rows = read(path)
        extra = {}
        for row, (lines, x) in zip(rows, features(binary, [r["input"] for r in rows])):
            y, tokens = label(lines, row.get("gold", ""))
            site = site_of(row)
            if "with" in row:
                y, known = by_segments(lines, row)
                docs.append(dict(kind=kind, set=kind.split("_")[-1], site=site, id=row["id"], lines=lines, x=x, y=y, tokens=tokens, known=known, segments=row))
                continue
            unsure = set(row.get("unsure", ()))
            known = np.array([mark or line not in unsure for line, mark in zip(lines, y)], np.float32)
            docs.append(dict(kind=kind, set=kind.split("_")[-1], site=site, id=row["id"], lines=lines, x=x, y=y, tokens=tokens, gold=row["gold"], known=known))
            if "_full_" in kind or "_sloppy_" in kind:
                keep = [l for l, m in zip(lines, y) if m]
                drop = [l for l, m in zip(lines, y) if not m]
                if keep and "_full_" in kind:
                    extra[row["id"], "alone"] = (row, site, keep, 1)
                    extra[row["id"], "piece"] = (row, site, piece(keep, rng), 1)
                if len(drop) > 3 and "_full_" in kind:
                    extra[row["id"], "without"] = (row, site, drop, 0)
        cases = list(extra.items())
        for ((rid, name), (row, site, keep, mark)), (lines, x) in zip(cases, features(binary, ["\n".join(v[2]) for _, v in cases])):
            tokens = np.array([words(l) for l in lines], np.float32)
            docs.append(dict(kind=name, set=kind.split("_")[-1], site=site, id=rid, lines=lines, x=x, y=np.full(len(lines), mark, np.float32), tokens=tokens,
                             gold="\n".join(keep) if mark else ""))
    return docs
