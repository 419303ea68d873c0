//! What records call an author → names of people or desks.
//!
//! In: bylines as tools write them. Out: names, in order, each once. Always: an address, a handle, a slug or a word for
//! "nobody" is not a name; a name's own words are never changed.

use super::fields::is_nothing;

/// Longest text that can be a name; longer ones are prose that was taken for a byline.
const NAME_BYTES_MAX: usize = 160;

/// Add the names that one byline holds to `names`.
pub(super) fn add(byline: &str, names: &mut Vec<String>) {
    for part in byline.split([';', '|', '\n']) {
        if let Some(name) = name(part)
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
}

/// The name in `part`, if there is one.
fn name(part: &str) -> Option<&str> {
    let part = beside_mail(part.trim());
    let part = without_by(part);
    let part = part.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '·' | '•' | '"'));
    let nobody = is_nothing(part)
        || part.eq_ignore_ascii_case("admin")
        || part.len() > NAME_BYTES_MAX
        || !part.chars().any(char::is_alphabetic);
    (!nobody && !is_address(part) && !is_slug(part)).then_some(part)
}

/// `jane@example.org (Jane Doe)` and `Jane Doe <jane@example.org>` hold a name beside an address.
fn beside_mail(part: &str) -> &str {
    if let Some((before, rest)) = part.split_once('(')
        && before.contains('@')
    {
        return rest.trim_end_matches(')');
    }
    match part.split_once('<') {
        Some((before, rest)) if rest.contains('@') => before,
        _ => part,
    }
}

/// `By Jane Doe` → `Jane Doe`.
fn without_by(part: &str) -> &str {
    match part.split_at_checked(3) {
        Some((by, rest)) if by.eq_ignore_ascii_case("by ") || by.eq_ignore_ascii_case("by:") => rest.trim_start(),
        _ => part,
    }
}

/// Links, mail addresses and handles.
fn is_address(part: &str) -> bool {
    let bare = !part.contains(char::is_whitespace);
    part.starts_with('@')
        || part.starts_with("www.")
        || part.starts_with('/')
        || part.contains("://")
        || (bare && part.contains('@'))
        || (bare && part.contains('/'))
}

/// `jane-doe`, `jane_doe`, `jdoe77`: a name for machines.
fn is_slug(part: &str) -> bool {
    let machine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    part.bytes().all(machine) && part.bytes().any(|b| !b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(byline: &str, expected: &[&str]) {
        let mut names = Vec::new();
        add(byline, &mut names);
        assert_eq!(names, expected, "{byline}");
    }

    #[test]
    fn names_are_found_in_bylines() {
        check("Ada Quill", &["Ada Quill"]);
        check("By Ada Quill", &["Ada Quill"]);
        check("Ada Quill; Ben Ink; Ada Quill", &["Ada Quill", "Ben Ink"]);
        check("ada@example.org (Ada Quill)", &["Ada Quill"]);
        check("Ada Quill <ada@example.org>", &["Ada Quill"]);
        check("Staff", &["Staff"]);
        check("Byron Ink", &["Byron Ink"]);
        check("한지우 기자", &["한지우 기자"]);
    }

    #[test]
    fn what_is_no_name_goes() {
        for byline in [
            "",
            "None",
            "[no-author]",
            "https://example.org/ada",
            "www.example.org",
            "@adaquill",
            "ada@example.org",
            "ada-quill",
            "ada_quill",
            "aquill77",
            "/people/ada",
            "-",
            "123",
        ] {
            check(byline, &[]);
        }
    }
}
