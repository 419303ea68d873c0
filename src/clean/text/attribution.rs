//! A feed's last line → known for what it is.
//!
//! In: a line. Out: whether it is a feed's note of where the post appeared first ("The post … appeared first on …"). Always: the
//! line is one such note and short; linear in the line.

use std::sync::LazyLock;

/// How such notes begin, and what stands behind the title in them; `beginning | middle` a line.
const FORMS: &str = include_str!("attributions.txt");

/// A title and an outlet's name are no longer than this, in bytes.
const LINE_BYTES_MAX: usize = 400;

static BEGINNINGS: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| FORMS.lines().filter_map(|form| form.split_once(" | ")).collect());

/// For the hash of each four first bytes whether a form begins with such: hardly any other line does.
static OPENINGS: LazyLock<[bool; OPENING_COUNT]> = LazyLock::new(|| {
    let mut openings = [false; OPENING_COUNT];
    for (beginning, _) in BEGINNINGS.iter() {
        openings[opening(beginning)] = true;
    }
    openings
});
const OPENING_COUNT: usize = 1 << 10;

fn opening(line: &str) -> usize {
    let hash = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes).wrapping_mul(0x9e37_79b1) >> 22;
    line.as_bytes().first_chunk().map_or(0, hash) as usize
}

/// Whether the line is such a note.
pub(in crate::clean) fn is_attribution(line: &str) -> bool {
    let is = |&(beginning, middle): &(&str, &str)| {
        line.strip_prefix(beginning)
            .is_some_and(|rest| rest.starts_with([' ', '\u{a0}']) && rest.contains(middle))
    };
    line.len() <= LINE_BYTES_MAX && OPENINGS[opening(line)] && BEGINNINGS.iter().any(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: bool) {
        assert_eq!(is_attribution(line), expected, "{line:?}");
    }

    #[test]
    fn a_note_of_first_appearance_is_known() {
        check("The post Cranes move again appeared first on The Gull.", true);
        check("Der Beitrag Kräne fahren wieder erschien zuerst auf Die Möwe.", true);
        check("L’articolo Le gru tornano al lavoro proviene da Il Gabbiano.", true);
        check("The post office on Mill Street closes in May.", false);
        check("Her name appeared first on the list.", false);
        check("", false);
    }
}
