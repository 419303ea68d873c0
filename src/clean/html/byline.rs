//! What the words of a byline say: "By Ada Quill, Port Amsel".
//!
//! In: a line. Out: whether it begins as bylines do, and the names in it. Always: no name is made up of others.

use crate::decode::names;

/// Whether a line begins as bylines do.
pub(super) fn begins_with_by(line: &str) -> bool {
    without_by(line) != line.trim()
}

/// Whether a line says who has written the article, and nothing else but where and when.
pub(super) fn is_byline(line: &str) -> bool {
    begins_with_by(line) && !line.ends_with(['.', '!', '?', '…', ':']) && !people_in(line).is_empty()
}

/// A name without what stands before it in bylines.
pub(super) fn without_by(name: &str) -> &str {
    let name = name.trim();
    // In a record's field these may begin a name; the last ones here as well, unless a whole one follows.
    let names_too = || ["Av ", "Af ", "Di "].iter().filter_map(|by| name.strip_prefix(by));
    let led = || {
        ["Written by ", "Posted by ", "Submitted by ", "Von ", "Par ", "Por "]
            .iter()
            .find_map(|by| name.strip_prefix(by))
            .or_else(|| names_too().find(|rest| is_name(rest)))
    };
    let rest = names::without_by(name);
    if rest.len() < name.len() {
        rest
    } else {
        led().unwrap_or(rest)
    }
}

/// The names that a byline begins with, up to a mark or a word that says where, when or for whom.
pub(super) fn names_in(line: &str) -> Vec<String> {
    const MARKS: [&str; 15] = [
        "|",
        "•",
        "·",
        "/",
        "(",
        " - ",
        " – ",
        " — ",
        " in ",
        " for ",
        " at ",
        " on ",
        " Updated",
        " Published",
        " Posted",
    ];
    let line = up_to(without_by(line), &MARKS);
    // A comma parts people, or a person from a place.
    for part in [line, up_to(line, &[","])] {
        if let Some(people) = people(part) {
            return people.into_iter().map(str::to_owned).collect();
        }
    }
    let name = up_to(line, &[",", " and "]);
    if is_name(name) {
        vec![name.to_owned()]
    } else {
        Vec::new()
    }
}

/// The people of `Ada Quill, Ben Ink and Cy Drop` or `Ada Quill & Ben Ink`; `None` for one, or where one of them may be none.
pub(super) fn people(line: &str) -> Option<Vec<&str>> {
    let joined = || {
        let people: Vec<&str> = line.split(" & ").map(str::trim).collect();
        (people.len() > 1 && people.iter().all(|name| names::is_person(name))).then_some(people)
    };
    names::people(line).or_else(joined)
}

/// The names of a text that may be a title or an office as well.
pub(super) fn people_in(text: &str) -> Vec<String> {
    let is_caseless = |name: &str| !name.contains(|c: char| c.is_uppercase() || c.is_lowercase());
    let mut people = names_in(text);
    people.retain(|name| names::is_person(name) || is_caseless(name));
    people
}

/// A line up to the first of these.
fn up_to<'l>(line: &'l str, marks: &[&str]) -> &'l str {
    let ends = marks.iter().filter_map(|mark| line.find(mark));
    line.get(..ends.min().unwrap_or(line.len())).unwrap_or_default().trim()
}

/// Whether a text is like a name: a few words, in capitals but for what stands within names, or a few letters of a script without blanks.
pub(super) fn is_name(text: &str) -> bool {
    const PARTICLES: [&str; 16] = [
        "al", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "la", "van", "von",
    ];
    if text.bytes().any(|b| b.is_ascii_digit()) || text.contains([':', '|', '@', '?', '!', '/', '&']) {
        return false;
    }
    if text.chars().any(is_unspaced) {
        return (2..=8).contains(&text.chars().count());
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_cased = |word: &&str| !word.starts_with(char::is_lowercase) || PARTICLES.contains(word);
    (2..=5).contains(&words.len()) && words.iter().all(is_cased) && !is_other(text)
}

/// Whether a text begins as buttons do, or what else stands behind a "By".
pub(super) fn is_other(text: &str) -> bool {
    const FIRST_WORDS: [&str; 24] = [
        "About",
        "All",
        "Clicking",
        "Connect",
        "Contact",
        "Continuing",
        "Email",
        "Favor",
        "Follow",
        "Getty",
        "Listen",
        "Log",
        "More",
        "New",
        "Popular",
        "Read",
        "See",
        "Share",
        "Sign",
        "Signing",
        "Using",
        "Video",
        "View",
        "Watch",
    ];
    let first = text.split_whitespace().next().unwrap_or_default();
    FIRST_WORDS.iter().any(|other| other.eq_ignore_ascii_case(first))
}

/// Han, kana and Hangul.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}
