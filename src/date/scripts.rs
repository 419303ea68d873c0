//! Digits of other scripts → those of ASCII.

use std::borrow::Cow;

/// The zeros of Arabic, Persian, Hindi, Bengali and of wide digits.
const ZEROS: [char; 5] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'];

/// The text with its digits, and what stands between hour and minutes, as ASCII has them.
pub(super) fn western(raw: &str) -> Cow<'_, str> {
    if raw.is_ascii() || !raw.contains(|c| ascii(c).is_some()) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.chars().map(|c| ascii(c).unwrap_or(c)).collect())
}

/// What ASCII has for a digit or a colon of another script.
fn ascii(c: char) -> Option<char> {
    if c == '：' {
        return Some(':');
    }
    let digit = |zero: &char| char::from_digit((c as u32).checked_sub(*zero as u32)?, 10);
    ZEROS.iter().find_map(digit)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, nothing};

    #[test]
    fn digits_of_other_scripts_are_read() {
        check("٥ مارس ٢٠٢٤", "2024-03-05");
        check("٢٠٢٤-٠٣-٠٥ ٠٧:٠٨", "2024-03-05T07:08:00");
        check("２０２４年３月５日　７：０８", "2024-03-05T07:08:00");
        check("मंगलवार, ५ मार्च २०२४", "2024-03-05");
        check("৫ মার্চ ২০২৪", "2024-03-05");
        nothing("۵ مارس ۱۴۰۲");
    }
}
