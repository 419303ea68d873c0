//! HTML's character references in a title → characters.
//!
//! In: a title that feeds and pages may have escaped once too often. Out: the same with references decoded. Always: a reference
//! that is not known stays as it is.

use std::borrow::Cow;

/// Names that titles hold; all others are left alone.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("rsquo", '’'),
    ("lsquo", '‘'),
    ("rdquo", '”'),
    ("ldquo", '“'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("aacute", 'á'),
    ("agrave", 'à'),
    ("oacute", 'ó'),
    ("iacute", 'í'),
    ("uacute", 'ú'),
    ("ntilde", 'ñ'),
    ("ccedil", 'ç'),
    ("atilde", 'ã'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("szlig", 'ß'),
    ("euro", '€'),
    ("pound", '£'),
];

/// Longest reference between `&` and `;`.
const NAME_BYTES_MAX: usize = 8;

/// Decode the references in `s`.
pub(super) fn decoded(s: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', s.as_bytes()).is_none() {
        return Cow::Borrowed(s);
    }
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        if let Some((character, left)) = reference(after) {
            out.push(character);
            rest = left;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that `after`, which follows a `&`, begins with, and what follows it.
fn reference(after: &str) -> Option<(char, &str)> {
    let (name, left) = after.split_once(';')?;
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    let number = name.strip_prefix('#');
    let character = match number.map(|n| n.strip_prefix(['x', 'X']).ok_or(n)) {
        Some(Ok(hex)) => char::from_u32(u32::from_str_radix(hex, 16).ok()?)?,
        Some(Err(decimal)) => char::from_u32(decimal.parse().ok()?)?,
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    (!character.is_control()).then_some((character, left))
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
        check("plain", "plain");
    }
}
