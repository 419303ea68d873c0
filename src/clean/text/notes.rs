//! A site's note within an article → known by how it begins.
//!
//! In: a line. Out: whether it says where the post appeared first ("The post … appeared first on …"), stands in the place of
//! embedded content ("We need your consent to load …", "Your browser does not support …"), or reserves all rights ("© 2031 The Gull. All rights
//! reserved."). Always: the line is one such note and short; linear in the line.

use std::sync::LazyLock;

use super::phrases::is_whole;

/// A title and an outlet's name, or what is asked for, are no longer than this, in bytes.
const LINE_BYTES_MAX: usize = 400;

static ATTRIBUTIONS: LazyLock<Notes> = LazyLock::new(|| Notes::new(include_str!("attributions.txt")));
static PLACEHOLDERS: LazyLock<Notes> = LazyLock::new(|| Notes::new(include_str!("placeholders.txt")));

/// Whether the line says where a post appeared first, as the last line of many feeds' entries does.
pub(in crate::clean) fn is_attribution(line: &str) -> bool {
    ATTRIBUTIONS.hold(line)
}

/// Whether the line stands where embedded content would, if the reader's browser or consent let it.
pub(in crate::clean) fn is_placeholder(line: &str) -> bool {
    PLACEHOLDERS.hold(line)
}

/// How lines begin that name the holder of the rights.
const HOLDERS: [&str; 9] = [
    "©",
    "ⓒ",
    "(c)",
    "(C)",
    "Copyright",
    "COPYRIGHT",
    "저작권자",
    "<저작권자",
    "版权所有",
];

/// What such lines say of the rights.
const RIGHTS: &str = include_str!("rights.txt");

/// Whether the line names the holder of the rights and reserves them.
pub(super) fn reserves_rights(line: &str) -> bool {
    line.len() <= LINE_BYTES_MAX
        && HOLDERS.iter().any(|holder| line.starts_with(holder))
        && RIGHTS.lines().any(|words| line.contains(words))
}

/// Whether the line says only since when whose the rights are: "© 2031 The Gull".
pub(super) fn names_holder(line: &str) -> bool {
    const BYTES_MAX: usize = 80;
    let since = HOLDERS.iter().find_map(|holder| line.strip_prefix(holder));
    let since = since.map(str::trim_start).unwrap_or_default();
    let digits = since.bytes().take_while(u8::is_ascii_digit).count();
    line.len() <= BYTES_MAX && digits == 4 && !since.contains([':', '?', '!']) && !line.ends_with('.')
}

/// Notes of a kind, by the hash of their first four bytes: hardly any other line begins with such.
pub(super) struct Notes {
    /// A bit for each hash that a note has: small enough to stay near.
    known: [u64; OPENING_COUNT / 64],
    /// In order of their hashes.
    forms: Vec<(usize, Form)>,
}

/// How a note begins, and what stands somewhere behind that (nothing, for many).
type Form = (&'static str, &'static str);

const OPENING_COUNT: usize = 1 << 10;

impl Notes {
    /// A form a line: `beginning` or `beginning | what stands behind`.
    pub(super) fn new(list: &'static str) -> Self {
        let mut known = [0; _];
        let form = |line: &'static str| {
            let (beginning, behind) = line.split_once(" | ").unwrap_or((line, ""));
            let opening = opening(beginning);
            known[opening / 64] |= 1 << (opening % 64);
            (opening, (beginning, behind))
        };
        let mut forms: Vec<(usize, Form)> = list.lines().map(form).collect();
        forms.sort_by_key(|(opening, _)| *opening);
        Self { known, forms }
    }

    fn hold(&self, line: &str) -> bool {
        self.begin(line).any(|(rest, behind)| rest.contains(behind))
    }

    /// What follows in the line that begins as a note does, and what must stand somewhere in that; for each such note.
    pub(super) fn begin<'a>(&'a self, line: &'a str) -> impl Iterator<Item = (&'a str, &'static str)> + 'a {
        let opening = opening(line);
        let is_known = self.known[opening / 64] >> (opening % 64) & 1 == 1 && line.len() <= LINE_BYTES_MAX;
        let from = is_known.then(|| self.forms.partition_point(|(other, _)| *other < opening));
        let forms = from.and_then(|from| self.forms.get(from..)).unwrap_or_default();
        let alike = forms.iter().take_while(move |(other, _)| *other == opening);
        alike.filter_map(|&(_, (beginning, behind))| {
            let rest = line.strip_prefix(beginning)?;
            is_whole(line, 0, beginning.len()).then_some((rest, behind))
        })
    }
}

fn opening(line: &str) -> usize {
    let hash = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes).wrapping_mul(0x9e37_79b1) >> 22;
    line.as_bytes().first_chunk().map_or(0, hash) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_first_appearance_is_known() {
        let check = |line: &str, expected: bool| assert_eq!(is_attribution(line), expected, "{line:?}");
        check("The post Cranes move again appeared first on The Gull.", true);
        check("Der Beitrag Kräne fahren wieder erschien zuerst auf Die Möwe.", true);
        check("L’articolo Le gru tornano al lavoro proviene da Il Gabbiano.", true);
        check("The post office on Mill Street closes in May.", false);
        check("The postman's round appeared first on the list.", false);
        check("Her name appeared first on the list.", false);
        check("", false);
    }

    #[test]
    fn what_reserves_all_rights_is_known() {
        let check = |line: &str, expected: bool| assert_eq!(reserves_rights(line), expected, "{line:?}");
        check("© 2031 The Gull. All rights reserved.", true);
        check("Copyright 2031 Gull Media. All Rights Reserved.", true);
        check("저작권자 ⓒ 갈매기신문, 무단전재 및 재배포 금지", true);
        check(
            "Copyright law says that all rights are reserved unless the author says otherwise.",
            false,
        );
        check("© Ada Quill / The Gull", false);
        check("The museum has all rights reserved for its own use.", false);
    }

    #[test]
    fn a_line_that_names_the_holder_of_the_rights_is_known() {
        let check = |line: &str, expected: bool| assert_eq!(names_holder(line), expected, "{line:?}");
        check("© 2031 The Gull", true);
        check("(c) 2031 GFP", true);
        check("Copyright 2031 Gull Media", true);
        check("© Ada Quill / The Gull", false);
        check("Copyright 2031: what is new", false);
        check(
            "Copyright 2031 is the year in which the last of these songs will be free.",
            false,
        );
        check("(c) 20310 boats lie in the bay", false);
    }

    #[test]
    fn what_stands_in_the_place_of_embedded_content_is_known() {
        let check = |line: &str, expected: bool| assert_eq!(is_placeholder(line), expected, "{line:?}");
        check("We need your consent to load the tide table.", true);
        check("Your browser does not support the audio element.", true);
        check("Please enable JavaScript to view this video.", true);
        check(
            "Please enable JavaScript only on sites that you trust, she says.",
            false,
        );
        check(
            "An dieser Stelle finden Sie einen externen Inhalt von Möwenfunk, der den Artikel ergänzt.",
            true,
        );
        check("An dieser Stelle finden Sie die besten Muscheln der Bucht.", false);
        check(
            "Ich bin damit einverstanden, dass mir Inhalte von Möwenfunk angezeigt werden.",
            true,
        );
        check("Ich bin damit einverstanden, dass mir der Anwalt schreibt.", false);
        check("お使いのブラウザは動画の再生がサポートされていません。", true);
        check("", false);
    }
}
