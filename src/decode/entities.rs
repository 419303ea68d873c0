//! HTML's character references in a title or a text → characters.
//!
//! In: what feeds and pages may have escaped once too often. Out: the same with references decoded. Always: a reference
//! that is not known stays as it is.

use std::borrow::Cow;

use crate::places::Shifts;

/// Longest reference between `&` and `;`.
const NAME_BYTES_MAX: usize = 32;

/// Decode the references in `s`.
pub(crate) fn decoded(s: &str) -> Cow<'_, str> {
    decoded_with_places(s, &mut Shifts::default())
}

/// The same, and where what was written stood.
pub(super) fn decoded_with_places<'a>(s: &'a str, shifts: &mut Shifts) -> Cow<'a, str> {
    if memchr::memchr(b'&', s.as_bytes()).is_none() {
        return Cow::Borrowed(s);
    }
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (characters, left) = reference(from).unwrap_or_else(|| ("&".into(), &from[1..]));
        out.push_str(&characters);
        rest = left;
        shifts.at(out.len(), s.len() - rest.len());
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The reference that `from` begins with, decoded, and what follows it.
fn reference(from: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = from.bytes().take(NAME_BYTES_MAX + 1).position(|b| b == b';')?;
    let (raw, left) = from.split_at(end + 1);
    let is_whole = match raw[1..end].strip_prefix('#') {
        Some(number) => code(number).is_some(),
        // Of a name that is none the table reads the part that is one (`&notit;`): what is left stands behind it then.
        None => raw[1..end].bytes().all(|b| b.is_ascii_alphanumeric()),
    };
    let characters = htmlize::unescape(raw);
    // The numbers of control characters are read as those of windows-1252, where it has a character.
    let is_known = is_whole
        && matches!(characters, Cow::Owned(_))
        && characters.chars().count() <= 2
        && !characters.contains(|c: char| c.is_control() || c == '\u{fffd}');
    is_known.then(|| match &*characters {
        "\u{a0}" => (" ".into(), left),
        _ => (characters, left),
    })
}

/// The character of a number: decimal, or hexadecimal behind an `x`.
fn code(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_references_are_decoded_and_others_stay() {
        let check = |raw: &str, expected: &str| assert_eq!(decoded(raw), expected);
        check("A &amp; B", "A & B");
        check("It doesn&#8217;t", "It doesn’t");
        check("It doesn&#x2019;t", "It doesn’t");
        check("&ldquo;Words&rdquo; &mdash; more", "“Words” — more");
        check("AT&T; R&D &nope; &#0; & done", "AT&T; R&D &nope; &#0; & done");
        check("1&#150;2 it&#x92;s &#129; &#7;", "1–2 it’s &#129; &#7;");
        check("plain", "plain");
    }
}
