"""Texts made of others, of kinds that the pages at hand hold too few of: articles in other surroundings, briefs, short articles, other scripts."""
import collections, pathlib, re, zlib

import numpy as np

from text_lines import PHRASE, SHAPE, features, words

PHRASES = pathlib.Path(__file__).resolve().parent.parent / "src/clean/text/phrases"
# For each language: characters that stand for letters or syllables, letters of a word for each, what parts words, marks.
SCRIPTS = {
    "zh": (range(0x4E00, 0x9000), 3.0, "", {".": "。", ",": "，", "?": "？", "!": "！", ":": "：", '"': "”", "(": "（", ")": "）"}),
    "ja": (range(0x3042, 0x30F0), 2.5, "", {".": "。", ",": "、", "?": "？", "!": "！", '"': "」", "(": "（", ")": "）"}),
    "ko": (range(0xAC00, 0xD700), 2.5, " ", {}),
    "ar": (range(0x0628, 0x064A), 1.0, " ", {",": "،", "?": "؟"}),
    "hi": (range(0x0915, 0x0939), 1.2, " ", {".": "।"}),
    "ru": (range(0x0430, 0x0450), 1.0, " ", {}),
}


def phrase_list(language):
    kinds, kind = collections.defaultdict(list), None
    for line in (PHRASES / f"{language}.txt").read_text(encoding="utf-8").split("\n"):
        if line.startswith("["):
            kind = line.strip("[] ")
        elif line.strip():
            kinds[kind].append(line.strip())
    return kinds


def made_of(d, kind, lines, x, marks):
    """A text made of this page, with 1 for each line that is the article's."""
    return dict(kind=kind, set=d["set"], site=d["site"], id=d["id"], lines=lines, x=x, y=np.array(marks, np.float32),
                tokens=np.array([words(l) for l in lines], np.float32), gold="\n".join(l for l, m in zip(lines, marks) if m))


def mixed(docs, binary, seed=3):
    """Articles of one page with the surroundings of another of the same part of the sites: what stands around is not to be learned
    by heart. Each twice: as it is, and a piece of it in some of the surroundings, for articles of a few lines are rare in the data."""
    rng = np.random.default_rng(seed)
    parts = []
    for d in docs:
        if "_full_" not in d["kind"] and "_sloppy_" not in d["kind"]:
            continue
        inside = np.flatnonzero(d["y"])
        if len(inside):
            a, b = inside[0], inside[-1] + 1
            parts.append((d, d["lines"][:a], (d["lines"][a:b], d["y"][a:b], d["tokens"][a:b]), d["lines"][b:]))
    out = []
    for d, _, (lines, y, tokens), _ in parts:
        other = rng.integers(len(parts))
        before, behind = parts[other][1], parts[rng.integers(len(parts)) if rng.random() < 0.3 else other][3]
        out.append((d, before, lines, y, behind))
        first = rng.integers(len(lines))
        end = first + int(rng.integers(3, 13))
        while first > 0 and (tokens[first:end] * y[first:end]).sum() < 60:
            first -= 1
        # Furniture is thinned, as earlier rounds of cleaning leave it.
        stays = rng.random() ** 0.5
        thin = lambda some: [line for line in some if rng.random() < stays]
        before = before[len(before) - rng.integers(len(before) + 1):]
        out.append((d, thin(before), lines[first:end], y[first:end], thin(behind[:rng.integers(len(behind) + 1)])))
    texts = ["\n".join(before + lines + behind) for _, before, lines, _, behind in out]
    mixes = []
    for (d, before, body, y, behind), (lines, x) in zip(out, features(binary, texts)):
        if len(lines) != len(before) + len(body) + len(behind):
            continue  # lines that repeat went; the marks would not fit
        marks = np.concatenate([np.zeros(len(before)), y, np.zeros(len(behind))])
        mixes.append(made_of(d, "mixed", lines, x, marks))
    return mixes


def briefs(docs, binary, seed):
    """A line or two of an article (a feed's summary, a lone paragraph), most of them in front of other pages' headlines: what stands
    there is the article, however little it is."""
    rng = np.random.default_rng(seed)
    heads = phrase_list("en")["related"]
    pages = [d for d in docs if "_full_" in d["kind"]]
    headlines = [l for d in pages for l, y in zip(d["lines"], d["y"]) if not y and 5 <= words(l) <= 16 and l[:1].isupper() and l[-1:] not in ".!?:"]
    out = []
    for d in pages * 2:
        inside = [i for i, (l, y) in enumerate(zip(d["lines"], d["y"])) if y and words(l) >= 10]
        if not inside or not headlines:
            continue
        first = inside[int(rng.random() ** 2 * len(inside))]
        body = d["lines"][first:first + 1 + int(rng.random() < 0.25)]
        behind = [headlines[i] for i in rng.integers(len(headlines), size=rng.integers(2, 9))] if rng.random() < 0.9 else []
        if behind and rng.random() < 0.6:
            head = heads[rng.integers(len(heads))]
            behind.insert(0, head.capitalize() + ":" * int(rng.random() < 0.3))
        out.append((d, body, behind))
    made = []
    for (d, body, behind), (lines, x) in zip(out, features(binary, ["\n".join(b + h) for _, b, h in out])):
        if len(lines) != len(body) + len(behind):
            continue
        made.append(made_of(d, "brief", lines, x, [1] * len(body) + [0] * len(behind)))
    return made


# Where a sentence ends and the next begins, roughly.
SENTENCE = re.compile(r"(?<=[.!?\u061f\u0964\u201d\u00bb]) (?![a-z])|(?<=[\u3002\uff01\uff1f])(?=\w)")
# How a short article is set: as it is, a sentence a line, as items, as questions and answers or two who speak, as verse; shares of them.
FORMS = (0.5, 0.3, 0.07, 0.07, 0.06)
BULLETS = ("- {1}", "\u2022 {1}", "{0}. {1}", "{0}) {1}")


def set_anew(lines, rng):
    """The lines in one of FORMS."""
    form = rng.choice(len(FORMS), p=FORMS)
    some = [s for line in lines for s in SENTENCE.split(line) if s.strip()]
    if form == 0:
        return lines
    if form == 2:
        bullet = BULLETS[rng.integers(len(BULLETS))]
        return [bullet.format(i + 1, s) for i, s in enumerate(some)]
    if form == 3:
        names = re.findall(r"\b[A-Z][a-z]{2,}\b", " ".join(lines))
        speakers = rng.choice(names, 2) if names and rng.random() < 0.5 else ("Q", "A")
        return [f"{speakers[i % 2]}: {s}" for i, s in enumerate(some)]
    if form == 4:
        size = int(rng.integers(4, 10))
        return [" ".join(of[i:i + size]) for of in map(str.split, some) for i in range(0, len(of), size)]
    return some


def up_to(lines, tokens):
    """The first lines that hold this many tokens."""
    total = np.cumsum([words(line) for line in lines])
    return lines[:1 + int(np.searchsorted(total, tokens))]


def shorts(docs, binary, seed):
    """Short articles in a few lines of other pages' furniture, before, behind and most often within: what local news, notices, recipes,
    interviews and poems look like, of which the benchmarks hold next to none. Each page's article twice."""
    rng = np.random.default_rng(100 + seed)
    pages = [d for d in docs if "_full_" in d["kind"] and d["y"].any()]
    inside = [np.flatnonzero(d["y"]) for d in pages]
    before = [d["lines"][:at[0]] for d, at in zip(pages, inside) if at[0]]
    behind = [d["lines"][at[-1] + 1:] for d, at in zip(pages, inside) if at[-1] + 1 < len(d["lines"])]
    small = [(l, at[0] < i < at[-1], x[SHAPE + PHRASE - 1] > 0) for d, at in zip(pages, inside)
             for i, (l, y, x) in enumerate(zip(d["lines"], d["y"], d["x"])) if not y and words(l) < 25]
    within, named = [l for l, is_within, _ in small if is_within], [l for l, _, is_named in small if is_named]
    one_of = lambda some: some[rng.integers(len(some))]

    def some_of(lines, most, at_end):
        """A few lines from one end: more often from the one next to the article."""
        size = int(rng.integers(1, most))
        return lines[-size:] if (rng.random() < 0.6) == at_end else lines[:size]

    out = []
    for d, at in [*zip(pages, inside)] * 2:
        article = [d["lines"][i] for i in at]
        first = int(rng.random() ** 2 * len(article)) if rng.random() < 0.5 else 0
        size = np.exp(rng.uniform(np.log(30), np.log(400)))
        body = [(l, 1) for l in up_to(set_anew(up_to(article[first:], size), rng), size)]
        if sum(words(l) for l, _ in body) < 20:
            continue
        for _ in range(int(rng.integers(1, 5)) if rng.random() < 0.7 else 0):
            body.insert(int(rng.integers(1, len(body) + 1)), (one_of(named if rng.random() < 0.7 else within), 0))
        place = rng.random()
        front = some_of(one_of(before), 16, True) if place < 0.65 else []
        end = some_of(one_of(behind), 20, False) if 0.35 < place < 0.93 else []
        out.append((d, [(l, 0) for l in front] + body + [(l, 0) for l in end]))
    made = []
    for (d, marked), (lines, x) in zip(out, features(binary, ["\n".join(l for l, _ in marked) for _, marked in out])):
        # Lines that repeat went, and their marks are to go with them.
        left = iter(marked)
        marks = [next((mark for l, mark in left if l.split() == line.split()), None) for line in lines]
        if None in marks or not any(marks):
            continue
        made.append(made_of(d, "short", lines, x, marks))
    return made


def in_script(line, language, english, own):
    """A line as it might look in another script: its words as characters drawn by their hash, its marks, its phrases of furniture as
    that language has them. The data is English, and what is learned of it is to hold for others."""
    chars, letters, space, marks = SCRIPTS[language]
    lower = line.lower().strip()
    kind = english.get(lower) or (len(lower) < 48 and next((english[w] for w in (" ".join(lower.split()[:n]) for n in (4, 3, 2, 1)) if w in english), None))
    if kind and own.get(kind):
        head = own[kind][zlib.crc32(lower.encode()) % len(own[kind])]
        rest = lower.split()[3:] if lower not in english else []
        return space.join([head] + [in_script(w, language, {}, own) for w in rest])
    out = []
    for word in line.split():
        core = word.strip(".,?!:;()\"'“”‘’")
        if not core or not core[0].isalpha():
            new = core
        else:
            n = max(1, round(len(core) / letters))
            new = "".join(chr(chars[zlib.crc32(f"{core.lower()}{i}".encode()) % len(chars)]) for i in range(n))
            if language == "ru" and core[0].isupper():
                new = new.upper() if core.isupper() and len(core) > 1 else new.capitalize()
        a, b = (word.split(core, 1) if core else (word, ""))
        out.append(a + new + "".join(marks.get(c, c) for c in b))
    return space.join(out)


def scripted(docs, binary, seed=11):
    """Some of the texts in other scripts."""
    rng = np.random.default_rng(seed)
    english = {p: kind for kind, some in phrase_list("en").items() for p in some}
    own = {language: phrase_list(language) for language in SCRIPTS}
    some = [d for d in docs if d["kind"] != "without" and "_dup_" not in d["kind"] and rng.random() < 0.25]
    languages = [list(SCRIPTS)[rng.integers(len(SCRIPTS))] for _ in some]
    texts = [[in_script(l, language, english, own[language]) or "—" for l in d["lines"]] for d, language in zip(some, languages)]
    out = []
    for d, text, (lines, x) in zip(some, texts, features(binary, ["\n".join(t) for t in texts])):
        if len(lines) == len(d["lines"]):
            out.append(dict(d, kind="scripted", lines=lines, x=x, gold="\n".join(l for l, m in zip(lines, d["y"]) if m)))
    return out
