//! Tokens → the page's blocks of text, each with its place in the page.
//!
//! In: a page. Out: [`Layout`]: the visible text, cut into blocks wherever a browser would start a new line, and the block
//! elements they stand in. Always: one pass, no recursion; inline elements leave no trace but their text,
//! links, and where an author or a date is.

use std::borrow::Cow;

use memchr::memchr;

use super::super::work;
use super::attributes::{Classes, Said};
use super::classes::{TOPIC_COUNT, Topic};
use super::layout::{Block, FAR, Layout, Link, NOWHERE, Node, SEMANTIC, SURROUNDING_COUNT, Span, Time, further};
use super::tags::{Name, Tag, tag};
use super::token::{Token, Tokenizer, attributes};
use crate::fast::bits::{self, BLOCK};
use crate::fast::hashed::FACTOR;

struct Open<'a> {
    name: Name,
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
    name: Name,
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
    fn of(name: Name) -> Self {
        const TEXT: [Name; 2] = Name::all(["select", "datalist"]);
        const SECTION: [Name; 5] = Name::all(["svg", "math", "video", "audio", "canvas"]);
        if TEXT.contains(&name) {
            Self::Text
        } else if SECTION.contains(&name) {
            Self::Section
        } else {
            Self::End
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

/// Elements whose content is text that is not shown, or the page's title.
const RAW: [Name; 5] = Name::all(["style", "noscript", "iframe", "title", "textarea"]);

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

/// Cut a page into blocks.
pub(super) fn blocks(page: &str) -> Layout<'_> {
    let mut builder = Builder {
        page,
        // Room for what most pages have.
        layout: Layout {
            text: String::with_capacity(page.len() / 6),
            nodes: Vec::with_capacity(page.len() / 160),
            blocks: Vec::with_capacity(page.len() / 600),
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
    let mut raw_name = Name::of("");
    for token in Tokenizer::new(page) {
        match token {
            Token::Start { name, attributes } => {
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

impl<'a> Builder<'a> {
    fn raw(&mut self, name: Name, content: &'a str) {
        if name == const { Name::of("title") } && self.layout.title.is_empty() && self.skipped.is_none() {
            self.layout.title = content;
        } else if self.script_is_data && name == const { Name::of("script") } {
            self.layout.linked_data.push(content);
        }
    }

    fn start(&mut self, name: Name, attrs: &'a str) {
        let kind = tag(name);
        if let Some(skipped) = &mut self.skipped {
            if skipped.name == name && !attrs.ends_with('/') {
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
            Tag::Skipped if attrs.contains("shadowroot") && name == const { Name::of("template") } => return,
            Tag::Skipped => {
                if !attrs.ends_with('/') {
                    self.skip(name, Until::of(name));
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
            self.start_block(name, kind, attrs);
            if name == const { Name::of("hr") } {
                self.pop();
            }
        } else {
            self.start_inline(name, kind, attrs);
        }
    }

    fn is_within(&self, name: Name) -> bool {
        self.open.iter().rev().take(LOOK_BACK).any(|open| open.name == name)
    }

    fn skip(&mut self, name: Name, until: Until) {
        self.skipped = Some(Skipped { name, depth: 0, until });
    }

    fn start_inline(&mut self, name: Name, kind: Tag, attrs: &'a str) {
        if name == const { Name::of("script") } {
            self.script_is_data = attrs.contains("ld+json");
            return;
        }
        if RAW.contains(&name) {
            return;
        }
        // The word would stand there twice.
        if is_beside_word(name) && self.is_within(Name::of("ruby")) {
            self.skip(name, Until::Word);
            return;
        }
        let said = Said::of(attrs, &mut self.classes);
        if said.is_unseen() {
            self.skip(name, Until::Block);
            return;
        }
        let emphasis = name == const { Name::of("b") } || name == const { Name::of("strong") };
        if name == const { Name::of("time") } || said.is_time() {
            self.time(attrs);
        }
        if self.block_is_empty() {
            self.block.lead |= said.topics();
        }
        let kind = if kind == Tag::Link && said.is_place() {
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
            name,
            tag: kind,
            node: self.node,
            emphasis,
            attributes: attrs,
            start: self.layout.text.len(),
            topics: said.topics_within_line(|| self.is_authors()),
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

    fn start_block(&mut self, name: Name, kind: Tag, attrs: &'a str) {
        self.finish_block(false);
        self.close_siblings(kind);
        let said = Said::of(attrs, &mut self.classes);
        let topics = said.topics();
        let parent = &self.layout.nodes[self.node as usize];
        let mut distance = parent.distance;
        for d in &mut distance {
            *d = further(*d);
        }
        for topic in bits::places(topics.into()) {
            distance[topic] = 0;
        }
        if let Some(index) = SEMANTIC.iter().position(|t| *t == kind) {
            distance[TOPIC_COUNT + index] = 0;
        }
        let own_template = (said.class.hash ^ kind as u64).wrapping_mul(FACTOR);
        let own_place = self.layout.nodes.len() as u32;
        let is_dialog = name == const { Name::of("dialog") };
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
            is_hidden: parent.is_hidden || said.is_hidden() || is_dialog && !said.is_open,
        };
        self.open.push(Open {
            name,
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
        if said.is_time() {
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

    fn end(&mut self, name: Name) {
        if let Some(skipped) = &mut self.skipped {
            let is_over = skipped.until == Until::Word && name == const { Name::of("ruby") };
            if is_over || skipped.name == name && skipped.depth == 0 {
                self.skipped = None;
            } else if skipped.name == name {
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
            .take_while(|open| kind.is_block() || !open.tag.is_block() || open.name == name)
            .position(|open| open.name == name);
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
        // As every second: what stands between the lines of the page's source.
        if self.preformatted_open == 0 && raw.trim_ascii_start().is_empty() {
            work::note(raw.len());
            self.space_waits |= !raw.is_empty();
            return;
        }
        let decoded = match memchr(b'&', raw.as_bytes()) {
            Some(_) => htmlize::unescape(raw),
            None => Cow::Borrowed(raw),
        };
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
            let ahead = match decoded {
                Cow::Borrowed(_) => &self.page.as_bytes()[start..],
                Cow::Owned(ref decoded) => decoded.as_bytes(),
            };
            self.push_folded(&decoded, ahead);
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

    /// Append text with each run of white space as one space, none at a block's start, and no characters that take no place. Behind it other bytes
    /// may follow.
    fn push_folded(&mut self, text: &str, ahead: &[u8]) {
        let mut from = text.len() - text.trim_ascii_start().len();
        let mut behind = from;
        self.space_waits |= from > 0;
        for (start, bits, own) in bits::blocks_of(ahead, text.len()) {
            let spaces = bits.any([b' ']);
            // One space between words stays where it is.
            let doubled = spaces & (spaces >> 1 | 1 << (BLOCK - 1));
            let marks = (bits.may_part() | doubled) & own;
            loop {
                let left = marks & !bits::first(behind.saturating_sub(start));
                let at = start + left.trailing_zeros() as usize;
                if left == 0 {
                    break;
                }
                behind = at + 1;
                let c = text.get(at..).and_then(|rest| rest.chars().next());
                let is_single = c == Some(' ') && text.as_bytes().get(behind) != Some(&b' ');
                let Some(c) = c.filter(|c| !is_single && (c.is_whitespace() || ZERO_WIDTH.contains(c))) else {
                    continue;
                };
                self.push_words(text.get(from..at).unwrap_or_default());
                behind = at + c.len_utf8();
                if c.is_whitespace() {
                    self.space_waits = true;
                    let rest = text.get(behind..).unwrap_or_default();
                    behind += rest.len() - rest.trim_ascii_start().len();
                }
                from = behind;
            }
        }
        self.push_words(text.get(from..).unwrap_or_default());
    }

    /// Append words that stand one space apart.
    fn push_words(&mut self, words: &str) {
        let rest = words.trim_start_matches(' ');
        self.space_waits |= rest.len() < words.len();
        let words = rest.trim_end_matches(' ');
        if words.is_empty() {
            return;
        }
        let out = &mut self.layout.text;
        if self.space_waits && out.len() > self.block.start {
            out.push(' ');
        }
        out.push_str(words);
        self.space_waits = words.len() < rest.len();
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

/// A mark of a note on the same page (`[46]`, `*`), as of one of its sections is not.
fn is_note(attrs: &str, shown: &str) -> bool {
    const BYTES_MAX: usize = 8;
    const LETTERS_MAX: usize = 1;
    let is_mark = shown.len() <= BYTES_MAX && shown.chars().filter(|c| c.is_alphabetic()).count() <= LETTERS_MAX;
    let leads_to =
        |(name, value): (&str, &str)| name.eq_ignore_ascii_case("href") && value.len() > 1 && value.starts_with('#');
    is_mark && attributes(attrs).any(leads_to)
}

/// Whether an element tells how the word before it is read (furigana), or parts it from that.
fn is_beside_word(name: Name) -> bool {
    name == const { Name::of("rt") } || name == const { Name::of("rp") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn white_space_is_one_space_and_what_takes_no_place_is_nothing(
            texts in prop::collection::vec("([a-z’é港]{0,40}|[ \t\n\u{b}\u{85}\u{a0}\u{1680}\u{2003}\u{2028}\u{3000}]{0,3}|[\u{ad}\u{200b}\u{2060}\u{feff}\u{7}]){0,12}", 1..4),
        ) {
            let page = texts.join("<i>");
            let layout = blocks(&page);
            let whole = texts.concat();
            let words = whole.split_whitespace().map(|word| word.replace(ZERO_WIDTH, ""));
            let expected: Vec<String> = words.filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(layout.text, expected.join(" "));
        }
    }

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
