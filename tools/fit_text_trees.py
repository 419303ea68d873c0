#!/usr/bin/env python3
"""Fit the trees that are asked about the lines of a text of which the net is in doubt (src/clean/text/{first,other}_trees.bin).

    cargo build --release --example text_line_features
    tools/fit_text_trees.py DATA src/clean/text --folds 3

DATA is what `fit_text_lines.py` takes, and the trees are fitted to the same texts and weights. They see a line's features and the own
features of the lines before and behind it, and nothing of the net. The first FIRST are in a file of their own: where they and the net are
sure, the others are not asked. With --folds K the sites are cut into K parts, and each is scored by a net and by trees that were fitted without it.
In 3 parts, the net alone and with all of the trees: F1 over 4-token shingles .910 / .922 / .925 / .963 and .925 / .940 / .941 / .967 (news: full,
sloppy, repeated, tight), .930 / .932 / .923 and .931 / .934 / .926 (guides: full, sloppy, repeated), .918 and .924 (the news sites), .860 and .866 (the
reader's), segments .887 and .898, articles alone .985 and .986, short ones .901 and .910. With the phrases of 2026-11-29, all of the trees: .929 / .939 / .936 / .968,
.929 / .933 / .926, .922, .867, segments .898, .985, .910. With 812 pages told by the cleaning of pages (see there), other folds: .931 / .938 / .934 / .968, .934 / .935 / .928, .923, .861, segments .908, .990, .922.
As fitted before there were short articles: not to ask the others
of two doubtful lines in three costs .0003 at most but for the news sites' pages (.001); behind the last line that holds a phrase they are heard only where
they speak for a line (src/clean/text/doubt.rs): pieces of articles .986 -> .988, the reader's .864 -> .866, all else the same; the trees alone gave .927 and
.926 (full), and .982 for articles alone.
Tried on the same folds, and no better: a second layer of trees that sees what the first says of the lines around, the net's log-odds as numbers (.894 for
news, full), trees fitted to the lines in doubt alone, 400 trees of 31 leaves, the own features of four lines around. Half as many trees: .002 to .007 less.

Deterministic: one seed, one thread. Needs numpy and lightgbm.
"""
import argparse, json, pathlib, sys

import lightgbm
import numpy as np

import fit_text_lines as net
from tree_file import export

# Numbers that a line alone gives, the first of its row: OWN in src/clean/text/features.rs.
OWN = net.SHAPE + net.PHRASE
TREES, FIRST, LEAVES = 250, 60, 16
TOLD = dict(objective="binary", num_leaves=LEAVES, learning_rate=0.1, min_data_in_leaf=50, min_sum_hessian_in_leaf=5.0, feature_fraction=0.3,
            bagging_fraction=0.6, bagging_freq=1, lambda_l2=5.0, max_bin=63, seed=1, deterministic=True, num_threads=1, verbose=-1)
# As in src/clean/text/doubt.rs, and chosen on the parts kept apart.
DOUBT, SHARE, LEAN, SURE = 2.5, 0.6, 0.7, 0.9


def rows(d):
    """For each line its features, then the own ones of the line before and of the line behind; 0 where there is none."""
    own = d["x"][:, :OWN]
    return np.hstack([d["x"], net.shift(own, 1), net.shift(own, -1)]).astype(np.float32)


def fit(docs):
    of_weight = lambda d, some: some[d["w"] > 0]
    x = np.vstack([of_weight(d, rows(d)) for d in docs])
    y, w = (np.concatenate([of_weight(d, d[name]) for d in docs]) for name in "yw")
    return lightgbm.train(TOLD, lightgbm.Dataset(x, y, weight=w / w.mean(), params=TOLD), TREES)


def together(net_says, trees, x):
    both = lambda some: (1 - SHARE) * net_says + SHARE * (LEAN + trees.predict(x, raw_score=True, num_threads=1, num_iteration=some))
    first = both(FIRST)
    return np.where(np.abs(net_says) < DOUBT, np.where(np.abs(first) < SURE, both(TREES), first), net_says)


def write(trees, folder):
    export(trees, folder / "first_trees.bin", end=FIRST)
    export(trees, folder / "other_trees.bin", FIRST)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("data", type=pathlib.Path)
    ap.add_argument("out", type=pathlib.Path)
    ap.add_argument("--folds", type=int, default=0)
    ap.add_argument("--keep", type=pathlib.Path, help="where the files of each part go, for cross_validate.py; then nothing else is fitted")
    ap.add_argument("--epochs", type=int, default=26)
    ap.add_argument("--seed", type=int, default=2)
    ap.add_argument("--features", default="target/release/examples/text_line_features")
    a = ap.parse_args()
    docs, part = net.texts(a.data, a.features, a.folds or 3, True)
    if a.folds:
        held, alone, both = [], [], []
        for k in range(a.folds):
            others = [d for d in docs if part[d["site"]] != k]
            weights, trees = net.fit(others, a.epochs, a.seed, log=False), fit(others)
            if a.keep:
                folder = a.keep / str(k)
                folder.mkdir(parents=True, exist_ok=True)
                net.export(weights, folder / "weights.bin")
                write(trees, folder)
            for d in docs:
                if part[d["site"]] == k:
                    says = net.run(weights, d) + net.LEAN
                    held.append(d)
                    alone.append(says)
                    both.append(together(says, trees, rows(d)))
            print(f"   part {k} of {a.folds}", file=sys.stderr, flush=True)
        net.table(f"cross-validated by site, {a.folds} folds: the net", held, alone)
        net.table(f"cross-validated by site, {a.folds} folds: the net, and the trees where it is in doubt", held, both)
        if a.keep:
            (a.keep / "folds.json").write_text(json.dumps({site: int(k) for site, k in part.items()}))
            return
    write(fit(docs), a.out)


if __name__ == "__main__":
    main()
