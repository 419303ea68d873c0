//! A page as blocks of text, each with its place in the page: what [`blocks`](super::blocks) makes, and what the rest reads.

use super::classes::{TOPIC_COUNT, Topic};
use super::tags::Tag;
use super::token::attributes;

/// The page as blocks, and what its head holds.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    pub(super) text: String,
    pub(super) blocks: Vec<Block>,
    pub(super) nodes: Vec<Node>,
    /// Attributes of `meta` and `link` elements.
    pub(super) metas: Vec<&'a str>,
    pub(super) title: &'a str,
    pub(super) html_attributes: &'a str,
    /// Contents of `application/ld+json` scripts.
    pub(super) linked_data: Vec<&'a str>,
    /// Elements that say when: `time`, and those that are called the date of publication or of a later version.
    pub(super) times: Vec<Time<'a>>,
    /// In the order of their ends.
    pub(super) links: Vec<Link<'a>>,
    /// Elements within lines that call themselves the author's or the date's, in the order of their ends.
    pub(super) spans: Vec<Span<'a>>,
}

impl Layout<'_> {
    pub(super) fn text_of(&self, block: &Block) -> &str {
        &self.text[block.start..block.end]
    }

    /// The element that holds a block.
    pub(super) fn node_of(&self, block: &Block) -> &Node {
        &self.nodes[block.node as usize]
    }

    /// The item of a list that a block is, or is a paragraph of.
    pub(super) fn item_of(&self, block: &Block) -> Option<&Node> {
        let node = self.node_of(block);
        [node, &self.nodes[node.parent as usize]]
            .into_iter()
            .find(|node| node.tag == Tag::Item)
    }

    /// The outermost `article` around the block in this place, if there is one.
    pub(super) fn article_around(&self, place: Option<usize>) -> Option<u32> {
        let block = self.blocks.get(place?)?;
        Some(self.node_of(block).article).filter(|article| *article != 0)
    }

    /// The blocks within headings of the first level.
    pub(super) fn first_headings(&self) -> impl Iterator<Item = &Block> {
        self.blocks
            .iter()
            .filter(|block| self.node_of(block).tag == Tag::Heading1)
    }

    /// The elements within a line that call themselves the author's or the date's, with what they show; of a line of many the first.
    pub(super) fn spans_of<'p>(&'p self, block: &Block) -> impl Iterator<Item = (&'p Span<'p>, &'p str)> {
        const SPANS_MAX: usize = 24;
        let (start, end) = (block.start, block.end);
        let first = self.spans.partition_point(|span| span.end <= start);
        let of_line = self.spans.get(first..).unwrap_or_default().iter().take(SPANS_MAX);
        of_line
            .take_while(move |span| span.end <= end)
            .filter_map(|span| Some((span, self.text.get(span.start..span.end)?.trim())))
    }

    /// Whether a link, in which something is said, is the first of a block.
    pub(super) fn begins_with_link(&self, block: &Block) -> bool {
        let first = self.links.partition_point(|link| link.end <= block.start);
        let link = self.links.get(first).filter(|_| block.link_bytes > 0);
        link.is_some_and(|link| link.start <= block.start)
    }

    /// The blocks from so many before one to so many behind it.
    pub(super) fn around(&self, index: usize, before: usize, behind: usize) -> &[Block] {
        let end = self.blocks.len().min(index + behind + 1);
        self.blocks.get(index.saturating_sub(before)..end).unwrap_or_default()
    }
}

/// A run of text between two places where a line breaks.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    /// In [`Layout::text`].
    pub(super) start: usize,
    pub(super) end: usize,
    /// In the page.
    pub(super) source_start: usize,
    pub(super) source_end: usize,
    pub(super) node: u32,
    /// Bytes of text within links, and the number of these; without marks of notes where words stand before them.
    pub(super) link_bytes: u32,
    pub(super) link_count: u32,
    /// Bytes of text within emphasis.
    pub(super) strong_bytes: u32,
    /// Topics named by inline elements that open the block.
    pub(super) lead: u32,
    /// The block starts after a line break within its element.
    pub(super) after_break: bool,
    /// Images since the block before.
    pub(super) image_count: u32,
}

impl Block {
    /// Bytes of its text.
    pub(super) fn bytes(&self) -> usize {
        self.end - self.start
    }

    /// Whether an inline element that opens it names a topic.
    pub(super) fn leads(&self, topic: Topic) -> bool {
        self.lead >> topic as u8 & 1 == 1
    }

    /// The share of its text within links.
    pub(super) fn link_share(&self) -> f32 {
        (self.link_bytes as f32 / self.bytes() as f32).min(1.0)
    }
}

/// A block element of the page.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) parent: u32,
    pub(super) tag: Tag,
    pub(super) depth: u32,
    /// For each topic and each semantic element: how many block elements above it was named. [`NOWHERE`] if none.
    pub(super) distance: [u8; SURROUNDING_COUNT],
    /// Names the element's template: its tag and class, and those of its parent.
    pub(super) template: u64,
    pub(super) own_template: u64,
    /// The outermost `article` that it is or stands in; 0 if there is none.
    pub(super) article: u32,
    /// It says itself that it is not shown, or an element around it does.
    pub(super) is_hidden: bool,
}

impl Node {
    /// How many block elements above the nearest of this kind stands, if one does.
    pub(super) fn within(&self, tag: Tag) -> Option<u8> {
        let index = SEMANTIC.iter().position(|semantic| *semantic == tag)?;
        near(self.distance[TOPIC_COUNT + index])
    }

    /// The same for an element that names a topic.
    pub(super) fn within_topic(&self, topic: Topic) -> Option<u8> {
        near(self.distance[topic as usize])
    }

    /// Whether it stands in what is said of the site or of other articles, or by readers.
    pub(super) fn is_apart(&self) -> bool {
        [Tag::Aside, Tag::Footer, Tag::Nav]
            .into_iter()
            .any(|tag| self.within(tag).is_some())
            || self.is_of_others()
    }

    /// Whether it stands in what belongs to a picture.
    pub(super) fn is_of_picture(&self) -> bool {
        [Tag::Figure, Tag::Caption]
            .into_iter()
            .any(|tag| self.within(tag).is_some())
            || self.within_topic(Topic::Caption).is_some()
    }

    /// Whether it stands in a quotation, or in what belongs to a picture.
    pub(super) fn is_quoted(&self) -> bool {
        self.within(Tag::Quote).is_some() || self.is_of_picture()
    }

    /// Whether it stands in what is said of other articles, or by readers.
    pub(super) fn is_of_others(&self) -> bool {
        [Topic::Comments, Topic::Related]
            .into_iter()
            .any(|topic| self.within_topic(topic).is_some())
    }
}

/// Elements that a block's surroundings are described by, beside the topics.
pub(super) const SEMANTIC: [Tag; 16] = [
    Tag::Article,
    Tag::Main,
    Tag::Aside,
    Tag::Nav,
    Tag::Header,
    Tag::Footer,
    Tag::Figure,
    Tag::Caption,
    Tag::List,
    Tag::Table,
    Tag::Quote,
    Tag::Form,
    Tag::Section,
    Tag::Paragraph,
    Tag::Button,
    Tag::Preformatted,
];
pub(super) const SURROUNDING_COUNT: usize = TOPIC_COUNT + SEMANTIC.len();
/// Distances beyond this say no more than "somewhere above".
pub(super) const FAR: u8 = 20;
/// No ancestor says so.
pub(super) const NOWHERE: u8 = 30;

/// A distance as the next element below has it.
pub(super) fn further(distance: u8) -> u8 {
    if distance < FAR { distance + 1 } else { distance }
}

fn near(distance: u8) -> Option<u8> {
    (distance <= FAR).then_some(distance)
}

/// An element that holds a date.
#[derive(Debug)]
pub(super) struct Time<'a> {
    pub(super) attributes: &'a str,
    /// In [`Layout::text`]: where what it shows begins, and ends if it is closed.
    pub(super) start: usize,
    pub(super) end: Option<usize>,
}

/// An element within a line, and what it shows.
#[derive(Debug)]
pub(super) struct Span<'a> {
    /// What it names, of author and date.
    pub(super) topics: u32,
    pub(super) attributes: &'a str,
    /// In [`Layout::text`].
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span<'_> {
    pub(super) fn names(&self, topic: Topic) -> bool {
        self.topics >> topic as u8 & 1 == 1
    }
}

/// A link, and what it shows.
#[derive(Debug)]
pub(super) struct Link<'a> {
    pub(super) attributes: &'a str,
    /// In [`Layout::text`].
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Link<'_> {
    /// The address it leads to, as it is written.
    pub(super) fn address(&self) -> Option<&str> {
        let (_, address) = attributes(self.attributes).find(|(key, _)| key.eq_ignore_ascii_case("href"))?;
        Some(address)
    }

    /// Whether it says so of what it leads to, by `rel`.
    pub(super) fn leads_to(&self, what: &str) -> bool {
        attributes(self.attributes).any(|(key, value)| {
            key.eq_ignore_ascii_case("rel") && value.split_ascii_whitespace().any(|word| word == what)
        })
    }
}
