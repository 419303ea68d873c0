//! HTML → tokens, tolerant of everything that pages hold.
//!
//! In: a page as text. Out: tags, text runs and raw contents (`script`, `style`, `title`, …) as spans of it. Always: never
//! fails, one pass, and each byte is looked at a bounded number of times, whatever is left unclosed.

use memchr::{memchr, memchr3, memmem};

use super::super::work;

/// One token; offsets are bytes of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text between tags, character references still in it.
    Text { start: usize, end: usize },
    /// A start tag; `attributes` is what stands between its name and its end.
    Start {
        name: &'a str,
        attributes: &'a str,
        end: usize,
    },
    /// An end tag.
    End { name: &'a str },
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

/// Elements whose content is text only, with their end tags.
fn raw_end(name: &str) -> Option<&'static str> {
    const RAW: [&str; 8] = [
        "script", "style", "title", "textarea", "noscript", "xmp", "iframe", "noframes",
    ];
    RAW.into_iter().find(|raw| name.eq_ignore_ascii_case(raw))
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
        while let Some(found) = memchr3(b'>', b'"', b'\'', &bytes[at..]) {
            work::note(found + 1);
            let here = at + found;
            let mark = bytes[here];
            if mark == b'>' {
                return here;
            }
            at = here + 1;
            let before = bytes[from..here].trim_ascii_end();
            work::note(here - from - before.len());
            let opens = before.last() == Some(&b'=');
            let kind = usize::from(mark == b'\'');
            if opens && self.quotes_left[kind] {
                let closes = memchr(mark, &bytes[at..]);
                work::note(closes.unwrap_or(bytes.len() - at));
                match closes {
                    Some(close) => at += close + 1,
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
            let name_len = bytes[name_start..]
                .iter()
                .take(64)
                .take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'>' | b'/' | b'<') && b.is_ascii())
                .count();
            let name_end = name_start + name_len;
            let end = self.tag_end(name_end);
            self.at = (end + 1).min(bytes.len());
            let name = &page[name_start..name_end];
            if closing {
                return Some(Token::End { name });
            }
            let attributes = &page[name_end..end];
            self.raw = raw_end(name).filter(|raw| !(closes_itself(attributes) && self.is_empty(raw)));
            return Some(Token::Start {
                name,
                attributes,
                end: self.at,
            });
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

/// The attributes of a start tag, in order: name and raw value (empty where there is none).
pub(super) fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let name_end = rest
            .bytes()
            .skip(1)
            .position(|b| b.is_ascii_whitespace() || matches!(b, b'=' | b'/'))
            .map_or(rest.len(), |n| n + 1);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, expected: &[&str]) {
        let told: Vec<String> = Tokenizer::new(page)
            .map(|token| match token {
                Token::Text { start, end } => page[start..end].to_owned(),
                Token::Start { name, attributes, .. } => format!("<{name}{attributes}>"),
                Token::End { name } => format!("</{name}>"),
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
}
