#!/usr/bin/env python3
"""Fit the weights of a tag's phrases, and find the words that go with it, from labelled articles.

    fit_tags.py ARTICLES.jsonl LABELS.jsonl src/tag/taxonomy

ARTICLES: {id, title, text} as `sluice enrich` writes them, since the tagger sees cleaned text; LABELS: {id, lang, group, labels: {tag: 0|1}}. For each `TAG.toml` in the folder (with `-` for `_` in
the label's name): the hand-written phrases of the file keep their text and get fitted weights; words that tell the
tag's articles from the others are added as a group `fitted = true`. L2 logistic regression on the features that the tagger computes;
prints F1, average precision and calibration by 5-fold cross-validation in which the articles of one story (`group`) stay together,
the choice of words included. The shipped weights were fitted on some five hundred English news items labelled by hand.
Needs numpy and scikit-learn. The tagger's own constants (zones, lead, length) are repeated here and must agree with src/tag/mod.rs.
"""
import collections, json, pathlib, re, sys, tomllib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import GroupKFold

LEAD, ZONES = 500, (2.2, 1.2, 0.55)
ENDS = ('.', '!', '?', '"', '”', '»', '。', '！', '？', '…', '।', ')')
WORDS_MAX, STRENGTH, WORD_SCALE = 250, 1.0, 0.15


def rows(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def without_headlines(text):
    lines, end = text.split("\n"), len(text)
    for line in reversed(lines):
        if line.rstrip().endswith(ENDS) or len(line.encode()) > 160:
            return text[:max(end, 0)]
        end -= len(line) + 1
    return text


WORD = re.compile(r"[a-z][a-z'’]{2,}(?![\w])")
NOISE = set("""said mr ms mrs reuters bbc cnn advertisement monday tuesday wednesday thursday friday saturday sunday january february
march april may june july august september october november december the and for that with from this have has was were are not but
his her their they its who will would been more than also after over into about which when out had one two new year last first other
some could all can him she you our what there where while because""".split())


def regex(phrase):
    word = phrase.rstrip("*")
    letters = [c for c in word if c.isascii() and c.isalpha()]
    exact = len(letters) > 1 and all(c.isupper() for c in letters)
    end = "" if phrase.endswith("*") else r"(?!\w)"
    return re.compile(r"(?<!\w)(?<!de-)(?<!non-)" + re.escape(word) + end, 0 if exact else re.I)


def counted(docs, masks, free):
    """Counts of phrases and of words by zone. A place that a phrase takes is not counted for a word or a shorter phrase in it."""
    ordered = [(p, regex(p)) for p in sorted([*masks, *free], key=lambda p: -len(p))]
    phrases, words = [], []
    for d in docs:
        found, seen = collections.Counter(), collections.Counter()
        for text, zone_of in ((d["title"] or "", lambda at: 0), (d["body"], lambda at: 1 if at < LEAD else 2)):
            for phrase, r in ordered:
                for m in r.finditer(text):
                    found[phrase, zone_of(m.start())] += 1
                text = r.sub(lambda m: ";" * (m.end() - m.start()), text)
            for m in WORD.finditer(text.lower()):
                if m.start() == 0 or not text[m.start() - 1].isalnum():
                    seen[m.group(), zone_of(m.start())] += 1
        phrases.append(found)
        words.append(seen)
    return phrases, words


def column(counters, name, lengths):
    counts = np.array([[c[name, z] for z in range(3)] for c in counters])
    return (np.log2(1 + counts) * np.array(ZONES)).sum(1) / lengths


def words_for(index, matrix, y):
    """The words that separate the two classes best, by a regression of their own."""
    model = LogisticRegression(C=0.02, class_weight="balanced", max_iter=300).fit(matrix[index], y[index])
    best = np.argsort(-np.abs(model.coef_[0] * matrix[index].std(0)))
    return best[:WORDS_MAX]


def fit(x, y, strong):
    """Hand-written phrases weigh freely; found words are held closer to nothing."""
    scale = np.where(strong, 1.0, WORD_SCALE)
    model = LogisticRegression(C=STRENGTH, max_iter=3000).fit(x * scale, y)
    return model.coef_[0] * scale, model.intercept_[0]


def ece(y, p, bins=10):
    edges = np.minimum((p * bins).astype(int), bins - 1)
    return sum(abs(p[edges == b].mean() - y[edges == b].mean()) * (edges == b).mean() for b in range(bins) if (edges == b).any())


def main():
    articles, labels, folder = sys.argv[1], {d["id"]: d for d in rows(sys.argv[2])}, pathlib.Path(sys.argv[3])
    docs = [a for a in rows(articles) if labels.get(a["id"], {}).get("lang") == "en"]
    for d in docs:
        d["body"] = without_headlines(d["text"])
    groups = np.array([labels[d["id"]]["group"] for d in docs])
    for path in sorted(folder.glob("*.toml")):
        taxonomy = tomllib.loads(path.read_text(encoding="utf-8"))
        tag = taxonomy["name"]
        y = np.array([labels[d["id"]]["labels"][tag.replace("-", "_")] for d in docs])
        hand = {p: g for g in taxonomy["phrases"] if not g.get("fitted") and g["language"] == "en" for p in g["list"]}
        masks = [p for p, g in hand.items() if g["weight"] == 0]
        free = [p for p in hand if p not in masks]
        lengths = np.array([(1 + np.log(1 + len(d["body"].encode()) / 1500)) ** 0.5 for d in docs])
        phrases, words = counted(docs, masks, free)
        in_docs = collections.Counter(w for c in words for w in {w for w, _ in c})
        vocabulary = sorted(w for w, n in in_docs.items() if 8 <= n <= len(docs) / 2 and w not in NOISE)
        # One feature for each hand-written group: its phrases keep their weights to each other, and the group's is fitted.
        groups_of = [g for g in taxonomy["phrases"] if g["language"] == "en" and not g.get("fitted") and g["weight"] > 0]
        alone = [sum(column(phrases, p, np.ones(len(docs))) for p in g["list"]) for g in groups_of]
        is_named = sum(a for a, g in zip(alone, groups_of) if not g.get("context")) > 0
        named = np.array([np.where(is_named | (not g.get("context", False)), a, 0) / lengths for a, g in zip(alone, groups_of)]).T
        matrix = np.array([column(words, w, lengths) for w in vocabulary]).T

        def train(index):
            chosen = words_for(index, matrix, y)
            x = np.hstack([named, matrix[:, chosen]])
            strong = np.array([True] * len(groups_of) + [False] * len(chosen))
            weights, bias = fit(x[index], y[index], strong)
            return [vocabulary[i] for i in chosen], weights, bias, 1 / (1 + np.exp(-(x @ weights + bias)))

        held = np.zeros(len(docs))
        for inside, outside in GroupKFold(5).split(docs, y, groups):
            held[outside] = train(inside)[3][outside]
        found, weights, bias, p = train(np.arange(len(docs)))
        print(f"{tag}: {len(docs)} articles, cross-validated F1 {f1_score(y, held > .5):.3f} AP {average_precision_score(y, held):.3f} "
              f"ECE {ece(y, held):.3f}; on all F1 {f1_score(y, p > .5):.3f}")
        by_phrase = {p: (w, bool(g.get("context"))) for g, w in zip(groups_of, weights) for p in g["list"]}
        by_phrase |= {w: (v, False) for w, v in zip(found, weights[len(groups_of):])}
        write(path, by_phrase, bias)


def write(path, by_phrase, bias):
    text = path.read_text(encoding="utf-8").split("\n# Fitted")[0].rstrip() + "\n"
    text = re.sub(r"(?m)^bias = .*$", f"bias = {bias:.3f}", text)
    text = re.sub(r"(?m)^scale = .*$", "scale = 1.0", text)
    by_weight = collections.defaultdict(list)
    for phrase, (weight, is_context) in by_phrase.items():
        value = round(float(weight) * 50) / 50
        if value:
            by_weight[value, is_context].append(phrase)
    text += "\n# Fitted by tools/fit_tags.py: the weights of the English phrases above, and words that go with them.\n"
    for (value, is_context), listed in sorted(by_weight.items(), reverse=True):
        listed = ", ".join(json.dumps(p, ensure_ascii=False) for p in sorted(listed))
        text += f"\n[[phrases]]\nlanguage = \"en\"\nweight = {value:.2f}\nfitted = true\n{'context = true' + chr(10) if is_context else ''}list = [{listed}]\n"
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
