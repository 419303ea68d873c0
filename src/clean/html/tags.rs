//! What each element means for the layout of a page.
//!
//! In: an element's name. Out: its [`Tag`]. Always: an unknown name is an inline element.

use crate::fast::eight;
use crate::fast::hashed::FACTOR;

/// Elements that the cleaning tells apart. All others are inline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub(super) enum Tag {
    #[default]
    Inline,
    Link,
    Break,
    /// Void elements that say nothing of the text.
    Void,
    Image,
    Meta,
    /// Elements whose content is no text of the page.
    Skipped,
    Html,
    Body,
    Head,
    Div,
    Paragraph,
    Section,
    Article,
    Main,
    Aside,
    Nav,
    Header,
    Footer,
    Figure,
    Caption,
    Heading1,
    Heading2,
    Heading3,
    HeadingLow,
    List,
    Item,
    Definition,
    Table,
    RowGroup,
    Row,
    Cell,
    Quote,
    Preformatted,
    Form,
    Button,
    Address,
    Details,
}

impl Tag {
    /// Whether the element stands as a block of its own.
    pub(super) fn is_block(self) -> bool {
        self as u8 > Tag::Skipped as u8
    }

    pub(super) fn is_section(self) -> bool {
        matches!(
            self,
            Tag::Section | Tag::Article | Tag::Main | Tag::Aside | Tag::Nav | Tag::Header | Tag::Footer
        )
    }

    pub(super) fn is_heading(self) -> bool {
        matches!(self, Tag::Heading1 | Tag::Heading2 | Tag::Heading3 | Tag::HeadingLow)
    }

    /// Whether an open `self` ends where `next` starts, as siblings that need no end tag do.
    pub(super) fn ends_before(self, next: Tag) -> bool {
        match self {
            Tag::Paragraph => next.is_block(),
            Tag::Item => next == Tag::Item,
            Tag::Definition => next == Tag::Definition,
            Tag::Cell => matches!(next, Tag::Cell | Tag::Row | Tag::RowGroup),
            Tag::Row => matches!(next, Tag::Row | Tag::RowGroup),
            Tag::RowGroup => next == Tag::RowGroup,
            _ => false,
        }
    }
}

/// An element's name, whatever its case, as a number: up to eight letters as they are, a longer name as a hash. A page may choose names, but the worst
/// that comes of it is that one is taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(u64);

impl Name {
    pub(super) const fn of(name: &str) -> Self {
        const LETTERS: usize = size_of::<u64>();
        let name = name.as_bytes();
        let (mut number, mut at) = (0_u64, 0);
        while at < name.len() {
            let before = if at < LETTERS {
                number << u8::BITS
            } else {
                number.wrapping_mul(FACTOR)
            };
            number = before ^ name[at].to_ascii_lowercase() as u64;
            at += 1;
        }
        Self(number)
    }

    /// The same of a name of so many letters, up to eight, the first of these.
    #[inline]
    pub(super) fn of_letters(eight: u64, count: usize) -> Self {
        let letters = eight::small(eight::first(count, eight)).swap_bytes();
        Self(letters.checked_shr(u64::BITS - u8::BITS * count as u32).unwrap_or(0))
    }

    pub(super) const fn all<const COUNT: usize>(names: [&str; COUNT]) -> [Self; COUNT] {
        let mut all = [Self(0); COUNT];
        let mut at = 0;
        while at < COUNT {
            all[at] = Self::of(names[at]);
            at += 1;
        }
        all
    }
}

/// The names of all that is no inline element.
const NAMES: [(Tag, &[&str]); 37] = [
    (Tag::Link, &["a"]),
    (Tag::Break, &["br"]),
    (
        Tag::Void,
        &[
            "input", "wbr", "source", "track", "embed", "area", "base", "col", "param",
        ],
    ),
    (Tag::Image, &["img"]),
    (Tag::Meta, &["meta", "link"]),
    (
        Tag::Skipped,
        &[
            "svg", "template", "select", "canvas", "video", "audio", "object", "math", "datalist",
        ],
    ),
    (Tag::Html, &["html"]),
    (Tag::Body, &["body"]),
    (Tag::Head, &["head"]),
    (
        Tag::Div,
        &["div", "center", "fieldset", "hr", "dialog", "legend", "amp-sidebar"],
    ),
    (Tag::Paragraph, &["p"]),
    (Tag::Section, &["section", "hgroup"]),
    (Tag::Article, &["article"]),
    (Tag::Main, &["main"]),
    (Tag::Aside, &["aside"]),
    (Tag::Nav, &["nav", "menu"]),
    (Tag::Header, &["header"]),
    (Tag::Footer, &["footer"]),
    (Tag::Figure, &["figure"]),
    (Tag::Caption, &["figcaption"]),
    (Tag::Heading1, &["h1"]),
    (Tag::Heading2, &["h2"]),
    (Tag::Heading3, &["h3"]),
    (Tag::HeadingLow, &["h4", "h5", "h6"]),
    (Tag::List, &["ul", "ol", "dl"]),
    (Tag::Item, &["li"]),
    (Tag::Definition, &["dt", "dd"]),
    (Tag::Table, &["table"]),
    (Tag::RowGroup, &["tbody", "thead", "tfoot", "caption"]),
    (Tag::Row, &["tr"]),
    (Tag::Cell, &["td", "th"]),
    (Tag::Quote, &["blockquote"]),
    (Tag::Preformatted, &["pre", "listing"]),
    (Tag::Form, &["form"]),
    (Tag::Button, &["button", "option"]),
    (Tag::Address, &["address"]),
    (Tag::Details, &["details", "summary"]),
];

/// Slots that the names are spread over.
const SLOTS: usize = 256;

/// Each name in its slot, or in the next that was free.
static TAGS: [(Name, Tag); SLOTS] = {
    let mut tags = [(Name(0), Tag::Inline); SLOTS];
    let mut kind = 0;
    while kind < NAMES.len() {
        let (tag, names) = NAMES[kind];
        let mut at = 0;
        while at < names.len() {
            let name = Name::of(names[at]);
            let mut slot = slot(name);
            while tags[slot].0.0 != 0 {
                slot = (slot + 1) % SLOTS;
            }
            tags[slot] = (name, tag);
            at += 1;
        }
        kind += 1;
    }
    tags
};

const fn slot(name: Name) -> usize {
    (name.0.wrapping_mul(FACTOR) >> (u64::BITS - SLOTS.ilog2())) as usize
}

/// The tag of a name.
pub(super) fn tag(name: Name) -> Tag {
    let mut slot = slot(name);
    loop {
        let (known, tag) = TAGS[slot];
        // Slots are many more than names, so that an empty one is near.
        if known == name || known == Name(0) {
            return tag;
        }
        slot = (slot + 1) % SLOTS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case_and_others_are_inline() {
        for (kind, names) in NAMES {
            for name in names {
                assert_eq!(tag(Name::of(name)), kind, "{name}");
                assert_eq!(tag(Name::of(&name.to_uppercase())), kind, "{name}");
                assert_eq!(tag(Name::of(&format!("{name}x"))), Tag::Inline, "{name}");
            }
        }
        for name in ["", "b", "span", "font", "my-element", "kcaption", "hr\u{1}"] {
            assert_eq!(tag(Name::of(name)), Tag::Inline, "{name}");
        }
    }
}
