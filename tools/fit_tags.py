#!/usr/bin/env python3
"""Fit the weights of the shipped taxonomies from labelled articles, and say what they reach.

    sluice enrich ARTICLES.jsonl --set dedupe.enabled=false > clean.jsonl
    cargo run --release --example tag_counts < clean.jsonl > counts.jsonl
    fit_tags.py counts.jsonl LABELS.jsonl src/tag/taxonomy [--write] [--mistakes]

counts.jsonl: {id, bytes, counts: the tagger's own `Counts` of each tag}. LABELS: {id, lang, group, labels: {tag: 0|1}}. For each
tag a logistic regression whose weights may not turn their sign (a phrase of the subject never speaks against it) and are drawn
to a prior, by the concept's role: those of concepts, of which an article has few, more than the sums, which tell of all articles.
Only concepts and sums are fitted, never single words, so that a weight found in one language serves the phrases of all. Prints F1
at 0.5, average precision and calibration error, by 5-fold cross-validation in which the articles of one story (`group`) stay
together (mean of several shuffles, and how far F1 differs among them), and on the articles themselves. `--write` puts the weights
into the taxonomies, fitted on all English articles.

The shipped weights were fitted on some five hundred English news items labelled by one labeller. Needs numpy, scipy and
scikit-learn. The form of the score is that of src/tag/score.rs and must agree with it.
"""
import json, pathlib, re, sys, tomllib
import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import average_precision_score, f1_score

TAGS = ["trade", "rare-earths", "geopolitics"]
COUNT_MAX = (3, 7, 200)
SIGN = {"subject": 1, "weak": 1, "support": 1, "against": -1}
PRIOR = {"subject": (.3, .2, .1), "weak": (.1, .1, .05), "support": (.1, .1, .05), "against": (-.8, -.7, -.4)}
# Of concepts that news of these weeks hardly names, what a labeller knows.
PRIOR_OF = {"prices of services and shops": (-2.5, -2.2, -1.2), "bands, books and ideas of that name": (-4, -3, -1.5),
            "breaks and clashes between states": (1.5, 1.5, .5), "words of conflict and of daily life": (.3, .3, .2),
            "phrases that mean trade more often than not": (1.4, 1.2, .3), "files and software": (-1.5, -1.2, -.4),
            "exports and imports by their noun": (3.6, 1, .1), "homes and neighbours": (-1.5, -1, -.4),
            "other states": (0, .2, .23)}
# Hides the words within its phrases, and says nothing for itself.
SILENT = "words within others"
SUMS = ("anywhere", "up_front", "two_in_title", "length")
SIGN_OF, PRIOR_OF_SUM = (1, 1, 1, -1), (0, 4, 0, 0)
RIDGE, RIDGE_OF_SUMS, WEIGHT_MAX, SHUFFLES, FOLDS = 4.0, 0.3, 8.0, 20, 5


def rows(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def design(counts, size, roles, names):
    """Features: the title of each concept and of the two sums of concepts, the lead of each, the body of each; the other sums."""
    zones_of = np.array([[*c["concepts"], c["subject"], c["weak"]] for c in counts], float)
    roles, names = [*roles, "subject", "weak"], [*names, "", ""]
    phrases, up_front, in_title = (np.array([c[key] for c in counts], float) for key in ("phrases", "up_front", "in_title"))
    zones_of[:, [r == "support" for r in roles]] *= (phrases > 0)[:, None, None]
    zones = [np.log2(1 + np.minimum(zones_of[:, :, z], COUNT_MAX[z])) for z in range(3)]
    zones[2] = zones[2] / np.sqrt(1 + np.log(1 + size / 1500))[:, None]
    x = np.column_stack([*zones, np.log2(1 + phrases), up_front, in_title >= 2, np.log2(1 + size / 500)])
    sign = np.array([SIGN[r] * (n != SILENT) for _ in range(3) for r, n in zip(roles, names)] + [*SIGN_OF])
    prior = np.array([PRIOR_OF.get(n, PRIOR[r])[z] * (n != SILENT) for z in range(3) for r, n in zip(roles, names)] + [*PRIOR_OF_SUM])
    ridge = np.array([RIDGE] * 3 * len(roles) + [RIDGE_OF_SUMS] * len(SUMS))
    return x, sign, prior, ridge


def logistic(z):
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


def fit(x, y, sign, prior, ridge):
    def loss(v):
        z, off = x @ v[:-1] + v[-1], v[:-1] - prior
        slope = logistic(z) - y
        return (np.logaddexp(0, z) - y * z).sum() + ridge @ off ** 2 / 2, np.append(x.T @ slope + ridge * off, slope.sum())

    bounds = [(min(s, 0) * WEIGHT_MAX, max(s, 0) * WEIGHT_MAX) for s in sign] + [(None, None)]
    return minimize(loss, np.append(prior, -2.0), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}).x


def predict(x, v):
    return logistic(x @ v[:-1] + v[-1])


def figures(y, p):
    bins = np.minimum((p * 10).astype(int), 9)
    calibration = sum(abs(p[bins == b].sum() - y[bins == b].sum()) for b in range(10)) / len(y)
    return np.array([f1_score(y, p >= .5), average_precision_score(y, p), calibration])


def held_out(x, y, groups, sign, prior, ridge, seed):
    names = np.unique(groups)
    np.random.RandomState(seed).shuffle(names)
    fold_of = {name: i % FOLDS for i, name in enumerate(names)}
    folds, p = np.array([fold_of[g] for g in groups]), np.zeros(len(y))
    for fold in range(FOLDS):
        p[folds == fold] = predict(x[folds == fold], fit(x[folds != fold], y[folds != fold], sign, prior, ridge))
    return p


def written(text, count, v):
    """The file's text with the fitted weights in it."""
    width = count + 2
    number = lambda value: f"{value:.3f}".replace("-0.000", "0.000")
    triple = lambda i: "[" + ", ".join(number(v[z * width + i]) for z in range(3)) + "]"
    text = re.sub(r"(?m)^(weights = .*|# Fitted.*)\n", "", re.sub(r"(?ms)^\[sums\]\n.*?\n\n", "", text))
    sums = [f"bias = {number(v[-1])}", *(f"{name} = {number(value)}" for name, value in zip(SUMS, v[3 * width:]))]
    sums = "\n".join(["# Fitted by tools/fit_tags.py, as are the concepts' weights.", "[sums]", *sums, f"subject = {triple(count)}",
                      f"weak = {triple(count + 1)}", "", ""])
    place = iter(range(count))
    text = re.sub(r"(?m)^role = .*$", lambda m: f"{m.group()}\nweights = {triple(next(place))}", text)
    return text.replace("[[concept]]", sums + "[[concept]]", 1)


def main():
    labels, folder = {d["id"]: d for d in rows(sys.argv[2])}, pathlib.Path(sys.argv[3])
    articles = [a for a in rows(sys.argv[1]) if labels.get(a["id"], {}).get("lang") == "en"]
    told = [labels[a["id"]] for a in articles]
    groups, size = np.array([d["group"] for d in told]), np.array([a["bytes"] for a in articles], float)
    each, fitted = [], []
    for number, tag in enumerate(TAGS):
        path = folder / f"{tag}.toml"
        text = path.read_text(encoding="utf-8")
        concepts = tomllib.loads(text)["concept"]
        y = np.array([d["labels"][tag.replace("-", "_")] for d in told])
        x, *terms = design([a["counts"][number] for a in articles], size, [c["role"] for c in concepts], [c["name"] for c in concepts])
        v = fit(x, y, *terms)
        held = [held_out(x, y, groups, *terms, seed) for seed in range(SHUFFLES)]
        each.append([figures(y, p) for p in held])
        fitted.append(figures(y, predict(x, v)))
        print(f"{tag:12} F1, AP, ECE cross-validated {np.mean(each[-1], 0).round(3)}, on the articles themselves {fitted[-1].round(3)}")
        p = np.mean(held, 0)
        hard = [i for i, d in enumerate(told) if d.get("stratum", "").startswith("neg:")]
        drawn = [i for i, d in enumerate(told) if d.get("stratum") == "random"]
        print(f"{'':12} false tags, cross-validated: {sum(p[i] >= .5 and not y[i] for i in hard)} of {len(hard)} hard negatives, "
              f"{sum(p[i] >= .5 and not y[i] for i in drawn)} of {len(drawn)} drawn at random")
        if "--mistakes" in sys.argv:
            for i in np.argsort(p):
                if (p[i] >= .5) != y[i]:
                    print("   ", y[i], round(p[i], 2), told[i].get("stratum"), int(size[i]), told[i]["title"][:90])
        if "--write" in sys.argv:
            path.write_text(written(text, len(concepts), v), encoding="utf-8")
    shuffles = np.mean(each, 0)
    print(f"{'mean':12} cross-validated {shuffles.mean(0).round(3)} (F1 ±{shuffles[:, 0].std():.3f} by shuffle), "
          f"on the articles themselves {np.mean(fitted, 0).round(3)}")


if __name__ == "__main__":
    main()
