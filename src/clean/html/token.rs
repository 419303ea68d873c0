//! HTML → tokens, tolerant of everything that pages hold.
//!
//! In: a page as text. Out: tags, text runs and raw contents (`script`, `style`, `title`, …) as spans of it. Always: never
//! fails, one pass, and each byte is looked at a bounded number of times, whatever is left unclosed.

use memchr::{memchr, memmem};

use super::super::work;
use super::tags::Name;
use crate::fast::bits::{self, BLOCK, Bits};
use crate::fast::eight;

/// One token; offsets are bytes of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text between tags, character references still in it.
    Text { start: usize, end: usize },
    /// A start tag; `attributes` is what stands between its name and its end.
    Start { name: Name, attributes: &'a str },
    /// An end tag.
    End { name: Name },
    /// The content of the element whose start tag came just before, in which no tag counts.
    Raw { start: usize, end: usize },
}

/// Reads a page from left to right.
#[derive(Debug)]
pub(super) struct Tokenizer<'a> {
    page: &'a str,
    at: usize,
    raw: Option<&'static str>,
    /// No closing double (single) quote stands at or behind the place where the search for one last failed.
    quotes_left: [bool; 2],
}

/// Elements whose content is text only.
fn raw(name: Name) -> Option<&'static str> {
    const RAW: [&str; 8] = [
        "script", "style", "title", "textarea", "noscript", "xmp", "iframe", "noframes",
    ];
    const NAMES: [Name; RAW.len()] = Name::all(RAW);
    let place = NAMES.iter().position(|raw| *raw == name)?;
    RAW.get(place).copied()
}

/// Whether attributes end in a slash that is of no value.
fn closes_itself(attributes: &str) -> bool {
    let before = attributes.strip_suffix('/');
    before.is_some_and(|before| {
        before.is_empty() || before.ends_with(|c: char| matches!(c, '"' | '\'') || c.is_ascii_whitespace())
    })
}

impl<'a> Tokenizer<'a> {
    pub(super) fn new(page: &'a str) -> Self {
        Self {
            page,
            at: 0,
            raw: None,
            quotes_left: [true, true],
        }
    }

    /// The content of a raw element: up to its end tag, or to the end of the page.
    fn raw(&mut self, name: &'static str) -> Token<'a> {
        let bytes = self.page.as_bytes();
        let start = self.at;
        let mut from = start;
        while let Some(found) = memmem::find(&bytes[from..], b"</") {
            work::note(found + 2);
            let at = from + found;
            let rest = &bytes[at + 2..];
            if rest.len() >= name.len()
                && rest[..name.len()].eq_ignore_ascii_case(name.as_bytes())
                && rest.get(name.len()).is_none_or(|b| !b.is_ascii_alphanumeric())
            {
                self.at = at;
                return Token::Raw { start, end: at };
            }
            from = at + 2;
        }
        self.at = bytes.len();
        Token::Raw { start, end: self.at }
    }

    /// Whether a raw element that closes itself holds nothing, as serializers of XML write it. Browsers mind no such slash, so that one with an end
    /// tag of its own has content: no other of its name begins before that.
    fn is_empty(&self, name: &str) -> bool {
        let bytes = self.page.as_bytes();
        let mut from = self.at;
        while let Some(found) = memchr(b'<', &bytes[from..]) {
            work::note(found + 1);
            from += found + 1;
            let rest = &bytes[from..];
            let closes = rest.first() == Some(&b'/');
            let named = rest.get(usize::from(closes)..).and_then(|rest| rest.get(..name.len()));
            if named.is_some_and(|named| named.eq_ignore_ascii_case(name.as_bytes())) {
                return !closes;
            }
        }
        true
    }

    /// Where a tag that opens at `from` ends: the offset of its `>`, minding quoted values.
    fn tag_end(&mut self, from: usize) -> usize {
        let bytes = self.page.as_bytes();
        // As of most: an end tag, or one without attributes.
        if bytes.get(from) == Some(&b'>') {
            return from;
        }
        let mut at = from;
        while at < bytes.len() {
            let block = Bits::of(&bytes[at..]);
            let (ends, quotes) = (block.any([b'>']), [block.any([b'"']), block.any([b'\''])]);
            let marks = ends | quotes[0] | quotes[1];
            let (start, mut passed) = (at, 0);
            at += BLOCK;
            work::note(BLOCK.min(bytes.len() - start));
            while marks & !passed != 0 {
                let place = (marks & !passed).trailing_zeros() as usize;
                let here = start + place;
                passed = bits::first(place + 1);
                let kind = usize::from(bytes[here] == b'\'');
                if bytes[here] == b'>' {
                    return here;
                }
                let before = bytes[from..here].trim_ascii_end();
                work::note(here - from - before.len());
                let opens = before.last() == Some(&b'=');
                if !opens || !self.quotes_left[kind] {
                    continue;
                }
                let closes = quotes[kind] & !passed;
                if closes != 0 {
                    passed = bits::first(closes.trailing_zeros() as usize + 1);
                    continue;
                }
                let rest = bytes.get(at..).unwrap_or_default();
                let close = memchr(bytes[here], rest);
                work::note(close.unwrap_or(rest.len()));
                match close {
                    Some(close) => {
                        at += close + 1;
                        break;
                    }
                    None => self.quotes_left[kind] = false,
                }
            }
        }
        bytes.len()
    }

    /// The offset behind the `-->` of a comment whose text begins at `from`, or behind a `--!>`, which browsers take for it.
    fn comment_end(&self, from: usize) -> usize {
        let bytes = self.page.as_bytes();
        let text = bytes.get(from..).unwrap_or_default();
        let ends = |at: &usize| {
            text.get(..*at)
                .is_some_and(|text| text.ends_with(b"--") || text.ends_with(b"--!"))
        };
        let end = memchr::memchr_iter(b'>', text).find(ends);
        end.map_or(bytes.len(), |at| from + at + 1)
    }

    /// A declaration, comment, CDATA section or processing instruction at `open`: the offset behind it.
    fn skip_declaration(&self, open: usize) -> usize {
        let bytes = self.page.as_bytes();
        let rest = &bytes[open..];
        let until = |mark: &[u8], skip: usize| {
            memmem::find(&bytes[(open + skip).min(bytes.len())..], mark)
                .map_or(bytes.len(), |n| open + skip + n + mark.len())
        };
        if rest.starts_with(b"<!-->") {
            open + 5
        } else if rest.starts_with(b"<!--") {
            self.comment_end(open + 4)
        } else if rest.starts_with(b"<![CDATA[") {
            until(b"]]>", 9)
        } else {
            until(b">", 2)
        }
    }
}

impl<'a> Iterator for Tokenizer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            return Some(self.raw(name));
        }
        let page = self.page;
        let bytes = page.as_bytes();
        let start = self.at;
        let mut from = start;
        loop {
            let open = match bytes.get(from) {
                Some(b'<') => from,
                _ => memchr(b'<', &bytes[from..]).map_or(bytes.len(), |n| from + n),
            };
            work::note(open - from + 1);
            let next = bytes.get(open + 1).copied().unwrap_or(b' ');
            let is_tag = next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?');
            if open < bytes.len() && !is_tag {
                from = open + 1;
                continue;
            }
            if open > start {
                self.at = open;
                return Some(Token::Text { start, end: open });
            }
            if open == bytes.len() {
                return None;
            }
            if matches!(next, b'!' | b'?') {
                self.at = self.skip_declaration(open);
                work::note(self.at - open);
                return self.next_after_declaration();
            }
            let closing = next == b'/';
            let name_start = open + 1 + usize::from(closing);
            let (name, name_length) = name(&page[name_start..]);
            let name_end = name_start + name_length;
            let end = self.tag_end(name_end);
            self.at = (end + 1).min(bytes.len());
            if closing {
                return Some(Token::End { name });
            }
            let attributes = &page[name_end..end];
            self.raw = raw(name).filter(|raw| !(closes_itself(attributes) && self.is_empty(raw)));
            return Some(Token::Start { name, attributes });
        }
    }
}

impl<'a> Tokenizer<'a> {
    /// Declarations may follow each other by the thousand: a loop, not a recursion.
    fn next_after_declaration(&mut self) -> Option<Token<'a>> {
        let bytes = self.page.as_bytes();
        while bytes.get(self.at) == Some(&b'<') && matches!(bytes.get(self.at + 1), Some(b'!' | b'?')) {
            let open = self.at;
            self.at = self.skip_declaration(open);
            work::note(self.at - open);
        }
        self.next()
    }
}

/// The name that a tag's text begins with, and its length.
fn name(text: &str) -> (Name, usize) {
    const BYTES_MAX: usize = 64;
    let eight = eight::read(text.as_bytes());
    let letters = eight::ascii_letters(eight);
    // As most: letters, fewer than are read at once.
    if let Some(b'>' | b' ') = text.as_bytes().get(letters).filter(|_| letters < size_of::<u64>()) {
        return (Name::of_letters(eight, letters), letters);
    }
    let bytes = text.bytes().take(BYTES_MAX);
    let length = bytes
        .take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'>' | b'/' | b'<') && b.is_ascii())
        .count();
    (Name::of(&text[..length]), length)
}

/// The attributes of a start tag, in order: name and raw value (empty where there is none).
pub(super) fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let name_end = attribute_name(rest.as_bytes());
        // A name may open with a character of several bytes: the byte search never ends inside one, since all ends are ASCII.
        let name = &rest[..name_end];
        rest = rest[name_end..].trim_ascii_start();
        let Some(value) = rest.strip_prefix('=') else {
            return Some((name, ""));
        };
        let value = value.trim_ascii_start();
        let quote = value.bytes().next().filter(|b| matches!(b, b'"' | b'\''));
        let (value, behind) = if let Some(quote) = quote {
            let inner = &value[1..];
            let end = memchr(quote, inner.as_bytes()).unwrap_or(inner.len());
            (&inner[..end], inner.get(end + 1..).unwrap_or(""))
        } else {
            let end = value
                .bytes()
                .position(|b| b.is_ascii_whitespace())
                .unwrap_or(value.len());
            (&value[..end], &value[end..])
        };
        rest = behind;
        Some((name, value))
    })
}

/// Where the name ends that an attribute begins with; its first byte may be any.
fn attribute_name(bytes: &[u8]) -> usize {
    let eight = eight::read(bytes);
    let length = 1 + eight::before(eight >> u8::BITS, *b"=/");
    if length < size_of::<u64>() {
        return length.min(bytes.len());
    }
    let ends = |b: u8| b <= b' ' || matches!(b, b'=' | b'/');
    let behind = bytes.iter().skip(length).position(|b| ends(*b));
    behind.map_or(bytes.len(), |behind| length + behind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(page: &str, expected: &[&str]) {
        let names = ["p", "a", "b", "script", "title"];
        let name = |name: Name| names.into_iter().find(|known| Name::of(known) == name).unwrap_or("?");
        let told: Vec<String> = Tokenizer::new(page)
            .map(|token| match token {
                Token::Text { start, end } => page[start..end].to_owned(),
                Token::Start {
                    name: called,
                    attributes,
                } => format!("<{}{attributes}>", name(called)),
                Token::End { name: called } => format!("</{}>", name(called)),
                Token::Raw { start, end } => format!("raw {}", &page[start..end]),
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn tags_text_and_comments_are_told_apart() {
        check(
            "<p class=a>one<!-- <b> -->two</p>",
            &["<p class=a>", "one", "two", "</p>"],
        );
        check("1 < 2 <3", &["1 < 2 <3"]);
        check("<a title='a > b'>x", &["<a title='a > b'>", "x"]);
        check(
            "<script>if (a</b/) {}</script>x",
            &["<script>", "raw if (a</b/) {}", "</script>", "x"],
        );
    }

    #[test]
    fn what_is_left_open_ends_somewhere() {
        check("<p title=\"a>b", &["<p title=\"a>", "b"]);
        check("x<!-- y", &["x"]);
        check("<title>y", &["<title>", "raw y"]);
        check("<b", &["<b>"]);
    }

    #[test]
    fn attributes_are_read_in_every_spelling() {
        let all: Vec<_> = attributes(" a b=c d='e f' G = \"h\" /").collect();
        assert_eq!(all, [("a", ""), ("b", "c"), ("d", "e f"), ("G", "h")]);
    }

    proptest! {
        #[test]
        fn a_name_is_what_its_letters_are(text in "[a-zA-Z]{0,3}[a-zA-Z0-9:é-]{0,9}[ />=<\t]?[a-z]{0,9}") {
            let is_of_name = |c: &char| c.is_ascii() && !c.is_ascii_whitespace() && !matches!(c, '>' | '/' | '<');
            let whole: String = text.chars().take_while(is_of_name).collect();
            prop_assert_eq!(name(&text), (Name::of(&whole), whole.len()));
            if let Some(first) = text.chars().next() {
                let rest = text.chars().skip(1).take_while(|c| !c.is_whitespace() && !matches!(c, '=' | '/'));
                let length = first.len_utf8() + rest.map(char::len_utf8).sum::<usize>();
                prop_assert_eq!(attribute_name(text.as_bytes()), length);
            }
        }

        #[test]
        fn a_tag_ends_behind_the_values_that_are_quoted(text in "([a-z=]{0,3}|[ ]{0,2}=[ ]?|[\"'>]|[a-z]{60,70}){0,12}") {
            let tag_end = |from| Tokenizer::new(&text).tag_end(from);
            let mut at = 0;
            let mut left = [true; 2];
            let slowly = loop {
                let Some(found) = text[at..].find(['>', '"', '\'']) else { break text.len() };
                let here = at + found;
                at = here + 1;
                let mark = text.as_bytes()[here];
                if mark == b'>' {
                    break here;
                }
                if text[..here].trim_end().ends_with('=') && left[usize::from(mark == b'\'')] {
                    match text[at..].find(char::from(mark)) {
                        Some(close) => at += close + 1,
                        None => left[usize::from(mark == b'\'')] = false,
                    }
                }
            };
            prop_assert_eq!(tag_end(0), slowly);
        }
    }
}
