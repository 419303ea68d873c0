//! Tokens → the page's blocks of text, each with its place in the page.
//!
//! In: a page. Out: [`Layout`]: the visible text, cut into blocks wherever a browser would start a new line, and the block
//! elements they stand in. Always: one pass, no recursion; inline elements leave no trace but their text,
//! links, and where an author or a date is.

use super::super::work;
use super::classes::{self, TOPIC_COUNT, Topic};
use super::layout::{Block, FAR, Layout, Link, NOWHERE, Node, SEMANTIC, SURROUNDING_COUNT, Span, Time, further};
use super::tags::{Tag, tag};
use super::token::{Token, Tokenizer, attributes};
use crate::fast::hashed::Map;

struct Open<'a> {
    name_hash: u32,
    tag: Tag,
    node: u32,
    emphasis: bool,
    attributes: &'a str,
    /// In [`Layout::text`]: where what it shows begins.
    start: usize,
    /// Of the topics that are looked for within lines those it names, if it stands within one.
    topics: u32,
}

/// Marks of notes behind words: bytes of what they show, and their number.
#[derive(Default)]
struct Notes {
    bytes: u32,
    count: u32,
}

/// An element whose content is passed over.
struct Skipped {
    name_hash: u32,
    /// How many of its name are open within it.
    depth: u32,
    until: Until,
}

/// Where an element whose content is passed over ends at the latest, if it is never closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// With the page: what it holds may be a page of its own.
    End,
    /// At the next block: there is none within.
    Block,
    /// With the word whose reading it is, at the next reading or block.
    Word,
    /// At the next block that no list of options has.
    Text,
    /// At the next section: drawings and players hold labels in blocks, but no sections.
    Section,
}

impl Until {
    fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "select" | "datalist" => Self::Text,
            "svg" | "math" | "video" | "audio" | "canvas" => Self::Section,
            _ => Self::End,
        }
    }

    fn is_at(self, tag: Tag) -> bool {
        match self {
            Self::End => false,
            Self::Block | Self::Word => tag.is_block(),
            // Options are buttons, rules are divisions.
            Self::Text => tag.is_block() && !matches!(tag, Tag::Button | Tag::Div),
            Self::Section => tag.is_section(),
        }
    }
}

/// Characters that take no place; the first says where a word may be parted.
const ZERO_WIDTH: [char; 4] = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];

/// How many open elements an end tag looks through for its start.
const LOOK_BACK: usize = 64;

struct Builder<'a> {
    page: &'a str,
    layout: Layout<'a>,
    open: Vec<Open<'a>>,
    node: u32,
    block: Block,
    links_open: u32,
    /// Those of the block.
    notes: Notes,
    emphasis_open: u32,
    preformatted_open: u32,
    space_waits: bool,
    skipped: Option<Skipped>,
    script_is_data: bool,
    classes: Classes,
}

/// What each class attribute seen so far says, by its hash: most of a page's elements share a few.
type Classes = Map<(u64, u32)>;

/// Cut a page into blocks.
pub(super) fn blocks(page: &str) -> Layout<'_> {
    let mut builder = Builder {
        page,
        layout: Layout {
            text: String::with_capacity(page.len() / 6),
            ..Layout::default()
        },
        open: Vec::new(),
        node: 0,
        block: Block::default(),
        links_open: 0,
        notes: Notes::default(),
        emphasis_open: 0,
        preformatted_open: 0,
        space_waits: false,
        skipped: None,
        script_is_data: false,
        classes: Classes::default(),
    };
    builder.layout.nodes.push(Node {
        parent: 0,
        tag: Tag::Body,
        depth: 0,
        distance: [NOWHERE; SURROUNDING_COUNT],
        template: 0,
        own_template: 0,
        article: 0,
        is_hidden: false,
    });
    let mut raw_name = "";
    for token in Tokenizer::new(page) {
        match token {
            Token::Start { name, attributes, .. } => {
                raw_name = name;
                builder.start(name, attributes);
            }
            Token::End { name } => builder.end(name),
            Token::Text { start, end } => builder.text(start, end),
            Token::Raw { start, end } => builder.raw(raw_name, &page[start..end]),
        }
    }
    builder.finish_block(false);
    builder.layout
}

/// FNV-1a over the lower-cased name: the page may choose names, but a collision only closes an element early.
fn name_hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, b| {
        (hash ^ u32::from(b.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    })
}

impl<'a> Builder<'a> {
    fn raw(&mut self, name: &str, content: &'a str) {
        if name.eq_ignore_ascii_case("title") && self.layout.title.is_empty() && self.skipped.is_none() {
            self.layout.title = content;
        } else if self.script_is_data && name.eq_ignore_ascii_case("script") {
            self.layout.linked_data.push(content);
        }
    }

    fn start(&mut self, name: &str, attrs: &'a str) {
        let kind = tag(name);
        let hash = name_hash(name);
        if let Some(skipped) = &mut self.skipped {
            if skipped.name_hash == hash && !attrs.ends_with('/') {
                skipped.depth += 1;
            }
            let is_next = skipped.until == Until::Word && is_beside_word(name);
            if !skipped.until.is_at(kind) && !is_next {
                return;
            }
            self.skipped = None;
        }
        match kind {
            // What it holds is shown in the place of its parent's content.
            Tag::Skipped if attrs.contains("shadowroot") && name.eq_ignore_ascii_case("template") => return,
            Tag::Skipped => {
                if !attrs.ends_with('/') {
                    self.skip(hash, Until::of(name));
                }
                return;
            }
            Tag::Break => return self.finish_block(true),
            Tag::Image => {
                self.block.image_count += 1;
                return;
            }
            Tag::Meta => {
                // What a teaser of another article says of that one.
                if !(attrs.contains("itemprop") && self.is_elsewhere()) {
                    self.layout.metas.push(attrs);
                }
                return;
            }
            Tag::Html => {
                if self.layout.html_attributes.is_empty() {
                    self.layout.html_attributes = attrs;
                }
                return;
            }
            Tag::Head | Tag::Body | Tag::Void => return,
            _ => {}
        }
        if kind.is_block() {
            self.start_block(name, hash, kind, attrs);
            if name.eq_ignore_ascii_case("hr") {
                self.pop();
            }
        } else {
            self.start_inline(name, hash, kind, attrs);
        }
    }

    fn is_within(&self, name: &str) -> bool {
        let hash = name_hash(name);
        self.open
            .iter()
            .rev()
            .take(LOOK_BACK)
            .any(|open| open.name_hash == hash)
    }

    fn skip(&mut self, name_hash: u32, until: Until) {
        self.skipped = Some(Skipped {
            name_hash,
            depth: 0,
            until,
        });
    }

    fn start_inline(&mut self, name: &str, hash: u32, kind: Tag, attrs: &'a str) {
        if name.eq_ignore_ascii_case("script") {
            self.script_is_data = attrs.contains("ld+json");
            return;
        }
        if name.len() > 3
            && (name.eq_ignore_ascii_case("style")
                || name.eq_ignore_ascii_case("noscript")
                || name.eq_ignore_ascii_case("iframe")
                || name.eq_ignore_ascii_case("title")
                || name.eq_ignore_ascii_case("textarea"))
        {
            return;
        }
        // The word would stand there twice.
        if is_beside_word(name) && self.is_within("ruby") {
            self.skip(hash, Until::Word);
            return;
        }
        if attrs.len() > 4 && is_unseen(attrs) {
            self.skip(hash, Until::Block);
            return;
        }
        let emphasis = matches!(name, "b" | "strong" | "B" | "STRONG");
        if name.eq_ignore_ascii_case("time") || is_time(attrs) {
            self.time(attrs);
        }
        if self.block_is_empty() && attrs.len() > 4 {
            self.block.lead |= named(attrs, &mut self.classes).topics;
        }
        let kind = if kind == Tag::Link && is_place(attrs) {
            Tag::Inline
        } else {
            kind
        };
        if kind == Tag::Link {
            self.end_links();
            self.links_open += 1;
            self.block.link_count += 1;
        }
        self.emphasis_open += u32::from(emphasis);
        self.open.push(Open {
            name_hash: hash,
            tag: kind,
            node: self.node,
            emphasis,
            attributes: attrs,
            start: self.layout.text.len(),
            // Most have no class, or lead somewhere and say no more.
            topics: if attrs.contains("class") || attrs.contains("itemprop") {
                topics_within_line(attrs, self.is_authors(), &mut self.classes)
            } else {
                0
            },
        });
    }

    /// Whether the element right around what stands here calls itself the author's.
    fn is_authors(&self) -> bool {
        match self.open.last() {
            Some(open) if !open.tag.is_block() => open.topics >> Topic::Author as u8 & 1 == 1,
            _ => self.layout.nodes[self.node as usize].within_topic(Topic::Author) == Some(0),
        }
    }

    /// Whether what stands here is said of other articles, of comments or of the site.
    fn is_elsewhere(&self) -> bool {
        let here = &self.layout.nodes[self.node as usize];
        let own = [here.within(Tag::Article), here.within_topic(Topic::Article)];
        let article = own.into_iter().flatten().min();
        // Within the article's own element an aside, a footer or a header is the article's own.
        let apart = |tag: Tag| article.is_none() && here.within(tag).is_some();
        let others = |topic: Topic| here.within_topic(topic).is_some_and(|of| of < article.unwrap_or(FAR));
        [Tag::Aside, Tag::Nav, Tag::Footer].into_iter().any(apart)
            || apart(Tag::Header) && here.within(Tag::Main).is_none()
            || [Topic::Related, Topic::Comments].into_iter().any(others)
    }

    fn time(&mut self, attributes: &'a str) {
        const TIMES_MAX: usize = 64;
        if self.layout.times.len() < TIMES_MAX && !self.is_elsewhere() {
            let start = self.layout.text.len();
            let end = None;
            self.layout.times.push(Time { attributes, start, end });
        }
    }

    fn block_is_empty(&self) -> bool {
        self.block.start == self.layout.text.len()
    }

    fn start_block(&mut self, name: &str, hash: u32, kind: Tag, attrs: &'a str) {
        self.finish_block(false);
        self.close_siblings(kind);
        let Named {
            topics,
            class,
            is_hidden,
        } = named(attrs, &mut self.classes);
        let parent = &self.layout.nodes[self.node as usize];
        let mut distance = parent.distance;
        for d in &mut distance {
            *d = further(*d);
        }
        for (index, d) in distance.iter_mut().take(TOPIC_COUNT).enumerate() {
            if topics >> index & 1 == 1 {
                *d = 0;
            }
        }
        if let Some(index) = SEMANTIC.iter().position(|t| *t == kind) {
            distance[TOPIC_COUNT + index] = 0;
        }
        let own_template = (class ^ kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let own_place = self.layout.nodes.len() as u32;
        let node = Node {
            article: match parent.article {
                0 if kind == Tag::Article => own_place,
                around => around,
            },
            parent: self.node,
            tag: kind,
            depth: parent.depth + 1,
            distance,
            template: own_template.rotate_left(21) ^ parent.own_template,
            own_template,
            is_hidden: parent.is_hidden || is_hidden || is_closed_dialog(name, attrs),
        };
        self.open.push(Open {
            name_hash: hash,
            tag: kind,
            node: self.node,
            emphasis: false,
            attributes: attrs,
            start: self.layout.text.len(),
            topics: 0,
        });
        self.preformatted_open += u32::from(kind == Tag::Preformatted);
        self.node = own_place;
        self.layout.nodes.push(node);
        self.block.node = self.node;
        if is_time(attrs) {
            self.time(attrs);
        }
    }

    /// End what needs no end tag before an element of this kind.
    fn close_siblings(&mut self, next: Tag) {
        let ended = self
            .open
            .iter()
            .rev()
            .take(LOOK_BACK)
            .take_while(|open| !matches!(open.tag, Tag::List | Tag::Table))
            .scan(true, |inside, open| {
                // A paragraph ends at any block inside it; an item only if no other block stands between.
                let go_on = *inside;
                *inside = !open.tag.is_block() || open.tag.ends_before(next);
                go_on.then_some(open.tag.ends_before(next))
            })
            .enumerate()
            .filter_map(|(index, ends)| ends.then_some(index + 1))
            .last();
        work::note(self.open.len().min(LOOK_BACK));
        for _ in 0..ended.unwrap_or(0) {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if open.tag.is_block() {
            self.finish_block(false);
            self.preformatted_open -= u32::from(open.tag == Tag::Preformatted);
            self.node = open.node;
            self.block.node = open.node;
        }
        let is_own = |time: &&mut Time<'_>| time.end.is_none() && std::ptr::eq(time.attributes, open.attributes);
        if let Some(time) = self.layout.times.last_mut().filter(is_own) {
            time.end = Some(self.layout.text.len());
        }
        if open.tag == Tag::Link {
            self.links_open -= 1;
            let shown = self.layout.text.get(open.start..).unwrap_or_default();
            // A mark stands behind the words that it is of, on their line.
            let is_behind = self.block.start < open.start || shown.is_empty();
            if self.links_open == 0 && is_behind && is_note(open.attributes, shown) {
                self.notes.count += 1;
                self.notes.bytes += shown.len() as u32;
            }
            self.layout.links.push(Link {
                attributes: open.attributes,
                start: open.start,
                end: self.layout.text.len(),
            });
        }
        if open.tag == Tag::Inline && self.block.start < open.start {
            self.cut_card(open.start);
        }
        if open.topics != 0 && self.layout.text.len() > open.start {
            self.layout.spans.push(Span {
                topics: open.topics,
                attributes: open.attributes,
                start: open.start,
                end: self.layout.text.len(),
            });
        }
        self.emphasis_open -= u32::from(open.emphasis);
    }

    /// Cut what an element within a line shows from `start` on, if that is a card that opens over the link before it: the name again, leading to the
    /// same place, and other links ("Rep. Ines Vala, Ines M. Vala, Harbour bill passes, More", all but the first word linked). A line that begins
    /// with links is a list of them.
    fn cut_card(&mut self, start: usize) {
        const BYTES_MAX: usize = 2048;
        let Layout { text, links, .. } = &self.layout;
        let first = links.partition_point(|link| link.start < start);
        // A block that ended since took blanks with it.
        let (([.., before], [name, _, ..]), Some(bytes)) = (links.split_at(first), text.len().checked_sub(start))
        else {
            return;
        };
        let first_word = |link: &Link<'_>| text.get(link.start..link.end)?.split_whitespace().next();
        let is_again = first_word(before).is_some_and(|word| first_word(name) == Some(word));
        let is_blank = |from: usize, to: usize| text.get(from..to).is_none_or(|between| between.trim().is_empty());
        let is_over = is_blank(before.end, start) && !is_blank(self.block.start, before.start);
        if !is_over || !is_again || before.address() != name.address() || bytes > BYTES_MAX {
            return;
        }
        work::note(bytes);
        let mut at = start;
        let is_linked = links[first..].iter().all(|link| {
            let between = at;
            at = link.end;
            is_blank(between, link.start)
        });
        if is_linked && is_blank(at, text.len()) {
            self.block.link_count = self.block.link_count.saturating_sub((links.len() - first) as u32);
            self.block.link_bytes = self.block.link_bytes.saturating_sub(bytes as u32);
            self.block.strong_bytes = self.block.strong_bytes.min((start - self.block.start) as u32);
            self.layout.text.truncate(start);
            self.layout.links.truncate(first);
            self.layout.spans.retain(|span| span.end <= start);
            self.layout.times.retain(|time| time.start <= start);
        }
    }

    /// A link ends where the next begins: it may never have been closed.
    fn end_links(&mut self) {
        if self.links_open == 0 {
            return;
        }
        let end = self.layout.text.len();
        work::note(self.open.len().min(LOOK_BACK));
        for open in self
            .open
            .iter_mut()
            .rev()
            .take(LOOK_BACK)
            .filter(|open| open.tag == Tag::Link)
        {
            open.tag = Tag::Inline;
            self.links_open -= 1;
            let (attributes, start) = (open.attributes, open.start);
            self.layout.links.push(Link { attributes, start, end });
        }
    }

    fn end(&mut self, name: &str) {
        let hash = name_hash(name);
        if let Some(skipped) = &mut self.skipped {
            let is_over = skipped.until == Until::Word && name.eq_ignore_ascii_case("ruby");
            if is_over || skipped.name_hash == hash && skipped.depth == 0 {
                self.skipped = None;
            } else if skipped.name_hash == hash {
                skipped.depth -= 1;
            }
            if !is_over {
                return;
            }
        }
        let kind = tag(name);
        if kind == Tag::Break {
            // A slip for `<br>`, which browsers take it for.
            return self.finish_block(true);
        }
        if kind.is_block() {
            self.finish_block(false);
        }
        let found = self
            .open
            .iter()
            .rev()
            .take(LOOK_BACK)
            .take_while(|open| kind.is_block() || !open.tag.is_block() || open.name_hash == hash)
            .position(|open| open.name_hash == hash);
        work::note(self.open.len().min(LOOK_BACK));
        if let Some(above) = found {
            for _ in 0..=above {
                self.pop();
            }
        }
    }

    fn text(&mut self, start: usize, end: usize) {
        if self.skipped.is_some() {
            return;
        }
        let raw = &self.page[start..end];
        let decoded = htmlize::unescape(raw);
        let before = self.layout.text.len();
        if self.preformatted_open > 0 {
            let starts = self.block_is_empty();
            let text = if starts {
                decoded.trim_start_matches(['\n', '\r'])
            } else {
                &decoded
            };
            self.layout.text.push_str(text);
        } else {
            self.push_folded(&decoded);
        }
        let added = self.layout.text.len() - before;
        work::note(raw.len() + added);
        if added == 0 || self.layout.text[before..].trim().is_empty() {
            return;
        }
        if self.block.source_end == 0 {
            self.block.source_start = start + (raw.len() - raw.trim_ascii_start().len());
        }
        self.block.source_end = start + raw.trim_ascii_end().len();
        if self.links_open > 0 {
            self.block.link_bytes += added as u32;
        }
        if self.emphasis_open > 0 {
            self.block.strong_bytes += added as u32;
        }
    }

    /// Append text with each run of white space as one space, and none at a block's start.
    fn push_folded(&mut self, text: &str) {
        let block_start = self.block.start;
        let out = &mut self.layout.text;
        let before = out.len();
        let mut waits = self.space_waits || text.starts_with(|c: char| c.is_whitespace());
        let mut push = |word: &str| {
            if waits && out.len() > block_start {
                out.push(' ');
            }
            out.push_str(word);
            waits = true;
        };
        if text.is_ascii() {
            text.split_ascii_whitespace().for_each(&mut push);
        } else {
            // A zero-width space says where a word may break, and is no space.
            for word in text.split_whitespace() {
                if word.contains(ZERO_WIDTH) {
                    let word = word.replace(ZERO_WIDTH, "");
                    if !word.is_empty() {
                        push(&word);
                    }
                } else {
                    push(word);
                }
            }
        }
        let is_nothing = self.layout.text.len() == before;
        self.space_waits = text.ends_with(|c: char| c.is_whitespace()) || (self.space_waits && is_nothing);
    }

    fn finish_block(&mut self, by_break: bool) {
        let text = &mut self.layout.text;
        let trimmed = text[self.block.start..].trim_end().len();
        work::note(text.len() - self.block.start - trimmed + 1);
        text.truncate(self.block.start + trimmed);
        self.space_waits = false;
        let notes = std::mem::take(&mut self.notes);
        let next = Block {
            start: text.len(),
            node: self.node,
            after_break: by_break,
            link_count: self.links_open,
            ..Block::default()
        };
        if trimmed == 0 {
            self.block = Block {
                image_count: self.block.image_count,
                lead: if by_break { self.block.lead } else { 0 },
                ..next
            };
            return;
        }
        self.block.end = text.len();
        // Whatever notes a text has, it leads nowhere else; what is marks for the most part is a list of places.
        if trimmed as u32 > self.block.link_bytes.saturating_add(notes.bytes) {
            self.block.link_count = self.block.link_count.saturating_sub(notes.count);
            self.block.link_bytes = self.block.link_bytes.saturating_sub(notes.bytes);
        }
        self.layout.blocks.push(std::mem::replace(&mut self.block, next));
    }
}

/// Whether an `a` only names the place where it stands, to which links lead.
fn is_place(attrs: &str) -> bool {
    let mut names = false;
    for (name, _) in attributes(attrs) {
        // It leads somewhere.
        if name.eq_ignore_ascii_case("href") || name.eq_ignore_ascii_case("onclick") {
            return false;
        }
        names |= name.eq_ignore_ascii_case("name") || name.eq_ignore_ascii_case("id");
    }
    names
}

/// A mark of a note on the same page (`[46]`, `*`), as of one of its sections is not.
fn is_note(attrs: &str, shown: &str) -> bool {
    const BYTES_MAX: usize = 8;
    const LETTERS_MAX: usize = 1;
    let is_mark = shown.len() <= BYTES_MAX && shown.chars().filter(|c| c.is_alphabetic()).count() <= LETTERS_MAX;
    let leads_to =
        |(name, value): (&str, &str)| name.eq_ignore_ascii_case("href") && value.len() > 1 && value.starts_with('#');
    is_mark && attributes(attrs).any(leads_to)
}

/// What an element's attributes say of it.
#[derive(Default)]
struct Named {
    /// A bit for each topic.
    topics: u32,
    /// A hash of its class.
    class: u64,
    /// It is not shown until something is done. A class says little of that: what it hides depends on the screen.
    is_hidden: bool,
}

fn named(attrs: &str, classes: &mut Classes) -> Named {
    let mut named = Named::default();
    if attrs.len() < 4 {
        return named;
    }
    work::note(attrs.len());
    for (name, value) in attributes(attrs) {
        let name = name.as_bytes();
        if name.eq_ignore_ascii_case(b"class") {
            let (class, topics) = of_class(value, classes);
            named.class = class;
            named.topics |= topics;
        } else if name.eq_ignore_ascii_case(b"id")
            || name.eq_ignore_ascii_case(b"role")
            || name.eq_ignore_ascii_case(b"itemprop")
            || name.eq_ignore_ascii_case(b"data-testid")
            || name.eq_ignore_ascii_case(b"data-component")
            || name.eq_ignore_ascii_case(b"aria-label")
        {
            named.topics |= classes::topics(value);
        } else if name.eq_ignore_ascii_case(b"hidden") || (name.eq_ignore_ascii_case(b"style") && hides(value)) {
            named.topics |= 1 << Topic::Hidden as u8;
            // A search finds what is hidden until it is found.
            named.is_hidden |= !value.eq_ignore_ascii_case("until-found");
        } else if name.eq_ignore_ascii_case(b"aria-hidden") && value == "true" {
            named.topics |= 1 << Topic::Hidden as u8;
        }
    }
    named
}

/// The hash of a class, and the topics that it names.
fn of_class(value: &str, classes: &mut Classes) -> (u64, u32) {
    let hash = xxhash_rust::xxh3::xxh3_64(value.as_bytes());
    *classes.entry(hash).or_insert_with(|| {
        let own = classes::without_subject(value);
        (xxhash_rust::xxh3::xxh3_64(own.as_bytes()), classes::topics(&own))
    })
}

/// Of author and date what an element within a line calls itself: a name, within what is the author's, is that of one.
fn topics_within_line(attrs: &str, is_authors: bool, classes: &mut Classes) -> u32 {
    let author = |is: bool| u32::from(is) << Topic::Author as u8;
    let mut topics = 0;
    work::note(attrs.len());
    for (name, value) in attributes(attrs) {
        if name.eq_ignore_ascii_case("class") {
            topics |= of_class(value, classes).1 | author(value == "username");
        } else if name.eq_ignore_ascii_case("itemprop") {
            topics |= classes::topics(value) | author(is_authors && value == "name");
        }
    }
    topics & (1 << Topic::Author as u8 | 1 << Topic::Date as u8)
}

/// Whether an element calls itself the date of publication, or of a later version.
fn is_time(attrs: &str) -> bool {
    // Hardly any other element has one of these words.
    if !["date", "odified", "published"].iter().any(|word| attrs.contains(word)) {
        return false;
    }
    // As RDFa says it, and microformats: the element's title is the date.
    let is_said = |(name, value): (&str, &str)| {
        name.eq_ignore_ascii_case("property") && ["dc:date", "datePublished"].iter().any(|date| value.contains(date))
            || name.eq_ignore_ascii_case("class") && value == "published" && attrs.contains("title")
    };
    let is_update = |(name, value): (&str, &str)| {
        (name.eq_ignore_ascii_case("class") || name.eq_ignore_ascii_case("itemprop"))
            && (value.contains("updated") || value.contains("odified"))
    };
    attrs.contains("itemprop") && attrs.contains("datePublished")
        || attributes(attrs).any(|attribute| is_update(attribute) || is_said(attribute))
}

/// Whether an element tells how the word before it is read (furigana), or parts it from that.
fn is_beside_word(name: &str) -> bool {
    name.eq_ignore_ascii_case("rt") || name.eq_ignore_ascii_case("rp")
}

/// Whether an element within a line is there for screen readers or editors alone ("(opens in a new tab)", an edit link), or not at all.
fn is_unseen(attrs: &str) -> bool {
    const CLASSES: [&str; 7] = [
        "sr-only",
        "visually-hidden",
        "visuallyhidden",
        "screen-reader-text",
        "element-invisible",
        "mw-editsection",
        "tooltiptext",
    ];
    if ![
        "hidden",
        "sr-only",
        "display",
        "screen-",
        "invisible",
        "editsection",
        "tooltiptext",
    ]
    .iter()
    .any(|word| attrs.contains(word))
    {
        return false;
    }
    attributes(attrs).any(|(name, value)| match name {
        "class" => value.split_ascii_whitespace().any(|class| CLASSES.contains(&class)),
        "style" => hides(value),
        "hidden" => true,
        _ => false,
    })
}

/// Whether a dialog is not open.
fn is_closed_dialog(name: &str, attrs: &str) -> bool {
    name.eq_ignore_ascii_case("dialog") && !attributes(attrs).any(|(name, _)| name.eq_ignore_ascii_case("open"))
}

fn hides(style: &str) -> bool {
    style
        .find("display")
        .and_then(|at| style.get(at + 7..))
        .is_some_and(|rest| rest.trim_start_matches([' ', ':']).starts_with("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_notes_behind_words_are_no_links_and_lists_of_marks_are() {
        let check = |piece: &str, link_bytes: u32, link_count: u32| {
            let layout = blocks(piece);
            let block = layout.blocks.last().expect("a block");
            assert_eq!(
                (block.link_bytes, block.link_count),
                (link_bytes, link_count),
                "{piece}"
            );
        };
        check("<p>The quay<sup><a href='#cite-1'>[1]</a></sup> is closed.</p>", 0, 0);
        check("<p>The <a href='/q'>quay</a><a href='#n2'>2</a> is closed.</p>", 5, 1);
        check("<p>The quay<a href='/n2'>[2]</a> is closed.</p>", 3, 1);
        check("<p>The quay <a href='#end'>at the end</a> is closed.</p>", 11, 1);
        check("<p><a href='#a'>A</a> <a href='#b'>B</a> <a href='#c'>C</a></p>", 5, 3);
        check("<ol><li><a href='#s1'>1</a><li><a href='#s2'>2</a></ol>", 1, 1);
        check("<p><a href='#c1'>The first part of the story<br>p. 1</a></p>", 4, 1);
        check("<p>Comments <a href='#'>12</a></p>", 3, 1);
    }

    #[test]
    fn how_words_are_read_is_left_out() {
        let check = |piece: &str, expected: &str| {
            let layout = blocks(piece);
            let texts: Vec<&str> = layout.blocks.iter().map(|block| layout.text_of(block)).collect();
            assert_eq!(texts, [expected], "{piece}");
        };
        check(
            "<p><ruby>港<rt>みなと</rt></ruby>が<ruby>開<rp>(</rp><rt>ひら</rt><rp>)</rp></ruby>く。",
            "港が開く。",
        );
        check(
            "<p><ruby>港<rt>みなと</ruby>が<ruby>開<rp>(<rt>ひら<rp>)</ruby>く。</p>",
            "港が開く。",
        );
        check("<p><ruby>港<rt>こう湾<rt>わん</ruby>が開く。</p>", "港が開く。");
        check("<p>One <rt>two <b>three</b> four.</p>", "One two three four.");
    }
}
