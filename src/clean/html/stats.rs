//! What a block's characters say: lengths, punctuation, case.
//!
//! In: a block's text. Out: [`Stats`]. Always: one pass; characters, not words of any language.

/// Counts over one block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stats {
    /// Characters; one of a script without spaces counts as two and a half.
    pub(super) weight: f32,
    pub(super) words: f32,
    pub(super) commas: f32,
    pub(super) stops: f32,
    pub(super) upper: f32,
    pub(super) digits: f32,
    pub(super) lower_words: f32,
    pub(super) marks: f32,
    pub(super) ends_sentence: bool,
    pub(super) ends_colon: bool,
    /// 0 lower case, 1 upper case, 2 digit, 3 quotation mark, 4 other.
    pub(super) opening: u8,
    /// Hash of the text without digits' values.
    pub(super) hash: u64,
}

impl Stats {
    /// The block's weight if it reads like a paragraph of an article: long, a sentence, and mostly no link. Else nothing.
    pub(super) fn prose(&self, link_share: f32) -> f32 {
        let is_prose = self.weight > 80.0 && self.ends_sentence && link_share < 0.4;
        if is_prose { self.weight } else { 0.0 }
    }
}

/// Count over a block.
pub(super) fn stats(text: &str) -> Stats {
    let mut s = Stats::default();
    let bytes = text.as_bytes();
    let (mut chars, mut wide) = (0u32, 0u32);
    let (mut words, mut commas, mut stops, mut upper, mut digits, mut lower_words, mut marks) =
        (0u32, 0u32, 0u32, 0u32, 0u32, 0u32, 0u32);
    let mut before = b' ';
    for (index, byte) in bytes.iter().copied().enumerate() {
        match byte {
            b'a'..=b'z' => {
                words += u32::from(before == b' ');
                lower_words += u32::from(before == b' ');
            }
            b'A'..=b'Z' => {
                words += u32::from(before == b' ');
                upper += 1;
            }
            b'0'..=b'9' => {
                words += u32::from(before == b' ');
                digits += 1;
            }
            b',' | b';' => commas += 1,
            b'.' | b'!' | b'?' => {
                stops += u32::from(
                    bytes
                        .get(index + 1)
                        .is_none_or(|b| matches!(b, b' ' | b'"' | b'\n') || !b.is_ascii()),
                );
            }
            b'|' | b'/' | b'@' | b'#' | b'>' | b'+' | b'=' | b'{' => marks += 1,
            0xC3..=0xDF => words += u32::from(before == b' '),
            0xE3 => {
                wide += 1;
                let next = (
                    bytes.get(index + 1).copied().unwrap_or(0),
                    bytes.get(index + 2).copied().unwrap_or(0),
                );
                stops += u32::from(next == (0x80, 0x82));
                commas += u32::from(next == (0x80, 0x81));
            }
            0xE4..=0xED => wide += 1,
            _ => {}
        }
        chars += u32::from(byte & 0xC0 != 0x80);
        before = byte;
    }
    s.weight = chars as f32 + 1.5 * wide as f32;
    s.words = words as f32 + wide as f32 / 2.0;
    s.commas = commas as f32;
    s.stops = stops as f32;
    s.upper = upper as f32;
    s.digits = digits as f32;
    s.lower_words = lower_words as f32;
    s.marks = marks as f32;
    let tail = text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']', '“', ' ', '」', '』', '*']);
    s.ends_sentence = tail.ends_with(['.', '!', '?', '…', '。', '！', '？', '।', '؟', '۔']);
    s.ends_colon = tail.ends_with([':', '：']);
    s.opening = match text.chars().next() {
        Some(c) if c.is_lowercase() => 0,
        Some(c) if c.is_uppercase() => 1,
        Some(c) if c.is_ascii_digit() => 2,
        Some('"' | '“' | '«' | '‘' | '\'' | '„' | '「') => 3,
        _ => 4,
    };
    s.hash = xxhash_rust::xxh3::xxh3_64(bytes);
    s
}
