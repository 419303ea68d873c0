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
        let Some(name) = name(part) else { continue };
        for name in people(name).unwrap_or_else(|| vec![name]) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
}

/// Words of desks, agencies and offices, and of what stands behind a name.
const NO_PERSON: &[&str] = &[
    "ag",
    "agence",
    "agency",
    "agencies",
    "ap",
    "afp",
    "archive",
    "association",
    "author",
    "authors",
    "board",
    "bureau",
    "center",
    "centre",
    "chief",
    "co",
    "college",
    "columnist",
    "commission",
    "committee",
    "company",
    "contributor",
    "contributors",
    "correspondent",
    "correspondents",
    "council",
    "court",
    "department",
    "desk",
    "director",
    "editor",
    "editorial",
    "editors",
    "foundation",
    "fund",
    "government",
    "group",
    "guest",
    "inc",
    "institute",
    "journal",
    "limited",
    "ltd",
    "magazine",
    "media",
    "ministry",
    "network",
    "news",
    "newsroom",
    "office",
    "party",
    "photo",
    "photos",
    "post",
    "press",
    "producer",
    "project",
    "publishing",
    "radio",
    "report",
    "reporter",
    "reporters",
    "reports",
    "research",
    "reuters",
    "room",
    "school",
    "senior",
    "service",
    "services",
    "society",
    "special",
    "staff",
    "studio",
    "team",
    "television",
    "times",
    "tribune",
    "trust",
    "tv",
    "union",
    "university",
    "wire",
    "writer",
    "writers",
];

/// Small words within a name.
const PARTICLES: &[&str] = &[
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "le", "ten",
    "ter", "van", "von", "zu",
];

/// The people of `Ada Quill, Ben Ink and Cy Drop`, where each of them can be nothing else.
fn people(byline: &str) -> Option<Vec<&str>> {
    let (before, last) = byline.rsplit_once(" and ").or_else(|| byline.rsplit_once(" AND "))?;
    let before = before.trim_end_matches(',');
    let people: Vec<&str> = before.split(',').chain([last]).map(str::trim).collect();
    people.iter().all(|one| is_person(one)).then_some(people)
}

/// Two words or more, in capitals but for what stands within names, and none that a desk or an agency has.
fn is_person(name: &str) -> bool {
    let is_of = |word: &str, list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    let is_cased = |word: &str| {
        word.starts_with(char::is_uppercase) && !is_of(word.trim_end_matches('.'), NO_PERSON) && is_letters(word)
    };
    let words: Vec<&str> = name.split_whitespace().collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return false;
    };
    let within = words.iter().all(|word| is_cased(word) || PARTICLES.contains(word));
    (2..=5).contains(&words.len()) && is_cased(first) && is_cased(last) && within
}

/// Letters, and what joins or shortens them.
fn is_letters(word: &str) -> bool {
    word.chars()
        .all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’'))
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
    fn several_people_in_one_byline_are_several_names() {
        check("By Ada Quill and Ben Ink", &["Ada Quill", "Ben Ink"]);
        check("BY ADA QUILL AND BEN INK", &["ADA QUILL", "BEN INK"]);
        check("Ada Quill, Ben Ink and Cy Drop", &["Ada Quill", "Ben Ink", "Cy Drop"]);
        check("Ada Quill, Ben Ink, and Cy Drop", &["Ada Quill", "Ben Ink", "Cy Drop"]);
        check(
            "Ada M. O’Quill and Élise de la Plume-Ink",
            &["Ada M. O’Quill", "Élise de la Plume-Ink"],
        );
        for one in [
            "Reuters and AP staff",
            "Johnson and Johnson",
            "Ada and Ben Quill",
            "Ada Quill and agencies",
            "Ada Quill and Reuters",
            "Associated Press and Reuters Staff",
            "Department of Health and Human Services",
            "Science and Technology Desk",
            "Ada Quill, Chief Reporter, and Ben Ink",
            "Ada Quill in Paris and Ben Ink in Rome",
            "Ada Quill, Ben Ink",
            "Quill, Ada",
        ] {
            check(one, &[one]);
        }
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
