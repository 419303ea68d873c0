"""Pages made of others: one article as another template, with other furniture around and within it, or cut short, would show it.

In: pages with their gold. Out: pages whose wanted text is still that of the gold, or a beginning of it. Deterministic by seed. What a page's author
named its parts, which elements stand around them and what else a site shows are a site's own; a model that sees one site's way only, learns it by heart.
Needs lxml.
"""
import copy, random

from lxml import etree, html

from pages_as_text import fold

# Elements that hold furniture as a whole.
GROUPS = ["div", "ul", "ol", "aside", "section", "nav", "footer", "header", "table", "form", "figure"]
PARAGRAPHS = ["p", "li", "h2", "h3", "blockquote"]
SEMANTIC = ["article", "main", "section", "nav", "aside", "footer", "header", "figcaption"]
# A piece of text of so many characters tells whether what holds it is wanted: its beginning stands in the gold.
TELLS, BEGINNING = 25, 80
# Characters of a piece of furniture: of the page's own, and of one that is put into other pages.
OWN_FURNITURE, OTHERS_FURNITURE = (30, 3000), (30, 900)
PIECES_PER_PAGE = 8


def body_of(page):
    """The page as a tree, or None where it has no body."""
    try:
        document = html.document_fromstring(page.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.ParserError, ValueError):
        return None
    return document if document.find("body") is not None else None


def holds(element, gold):
    return any(len(t) >= TELLS and t[:BEGINNING] in gold for t in map(fold, element.itertext()))


def furniture(document, gold, sizes):
    is_one = lambda e: sizes[0] <= len(fold(e.text_content() or "")) <= sizes[1] and not holds(e, gold)
    return [element for element in document.iter(*GROUPS) if is_one(element)]


def leads_elsewhere(element):
    """Short, or links for two fifths of it: no list or box of an article, which a site's own parser leaves out of the gold."""
    links = sum(len(fold(a.text_content() or "")) for a in element.iter("a"))
    size = len(fold(element.text_content() or ""))
    return size <= 150 or links * 5 >= size * 2


def pieces(page, gold, seed, sure=True):
    """Some of a page's furniture, to be put into others. Where the gold may lack parts of the article, only what is surely none of it."""
    document = body_of(page)
    if document is None:
        return []
    found = furniture(document, fold(gold), OTHERS_FURNITURE)
    found = [e for e in found if sure or leads_elsewhere(e)]
    random.Random(seed).shuffle(found)
    return [copy.deepcopy(e) for e in found[:PIECES_PER_PAGE]]


def thin_out(document, gold, draw):
    """Some of the page's furniture goes."""
    all_of = furniture(document, gold, OWN_FURNITURE)
    whole = set(all_of)
    share = draw.uniform(0.2, 0.8)
    for element in [e for e in all_of if not any(a in whole for a in e.iterancestors())]:
        if draw.random() < share and element.getparent() is not None:
            element.drop_tree()


def put_in(document, paragraphs, others, draw):
    """Other pages' furniture comes: most often within the article, or right behind it."""
    body = document.find("body")
    for _ in range(draw.randint(1, 4)):
        piece, where = copy.deepcopy(draw.choice(others)), draw.random()
        piece.tail = None
        if where < 0.45 and paragraphs:
            draw.choice(paragraphs).addnext(piece)
        elif where < 0.6 and paragraphs:
            paragraphs[-1].addnext(piece)
        elif where < 0.7 and paragraphs:
            paragraphs[0].addprevious(piece)
        elif where < 0.85:
            body.append(piece)
        else:
            body.insert(0, piece)


def rename(document, share, draw):
    """Classes and ids become words that say nothing, each everywhere the same."""
    names = {}

    def other(name):
        if name not in names:
            names[name] = name if draw.random() > share else "x" + "".join(draw.choice("bcdfghjklm") for _ in range(5))
        return names[name]

    for element in document.iter(etree.Element):
        for attribute in ("class", "id"):
            if element.get(attribute):
                element.set(attribute, " ".join(map(other, element.get(attribute).split())))


def surround(document, draw):
    body = document.find("body")
    for _ in range(draw.randint(1, 4)):
        around = html.Element("div")
        around.extend(list(body))
        around.text, body.text = body.text, None
        body.append(around)


def wrap(paragraph):
    parent = paragraph.getparent()
    if parent is not None:
        around = html.Element("div")
        parent.replace(paragraph, around)
        around.tail, paragraph.tail = paragraph.tail, None
        around.append(paragraph)


def make_bold(heading):
    """A heading becomes a paragraph in bold."""
    heading.tag = "p"
    bold = html.Element("strong")
    bold.text, heading.text = heading.text, None
    bold.extend(list(heading))
    heading.append(bold)


def dress(document, draw):
    """The same text in other elements under other names."""
    happens = lambda chance: draw.random() < chance
    if happens(0.5):
        rename(document, draw.choice([0.3, 0.6, 1.0]), draw)
    for tag in [tag for tag in SEMANTIC if happens(0.3)] + (["p"] if happens(0.2) else []):
        for element in list(document.iter(tag)):
            element.tag = "div"
    if happens(0.1):
        for heading in list(document.iter("h2", "h3", "h4")):
            make_bold(heading)
    if happens(0.15):
        for paragraph in list(document.iter("p")):
            wrap(paragraph)
    if happens(0.3):
        surround(document, draw)
    if happens(0.3):
        for element in list(document.iter("div", "section")):
            if happens(0.12) and element.getparent() is not None:
                element.drop_tag()


def made(page, gold, others, seed):
    """The page once more in another way; None where it cannot be read. Without a gold nothing comes or goes."""
    document, draw = body_of(page), random.Random(seed)
    if document is None:
        return None
    if gold is not None:
        gold = fold(gold)
        if draw.random() < 0.6:
            thin_out(document, gold, draw)
        paragraphs = [e for e in document.iter(*PARAGRAPHS) if holds(e, gold)]
        if len(paragraphs) > 5 and draw.random() < 0.35:
            stay = draw.randint(1, 5)
            for paragraph in paragraphs[stay:]:
                if paragraph.getparent() is not None:
                    paragraph.drop_tree()
            paragraphs = paragraphs[:stay]
        if others and draw.random() < 0.7:
            put_in(document, paragraphs, others, draw)
    dress(document, draw)
    for script in list(document.iter("script")):
        if script.get("type") == "application/ld+json" and draw.random() < 0.3:
            script.drop_tree()
    return "<!DOCTYPE html>\n" + html.tostring(document, encoding="unicode")
