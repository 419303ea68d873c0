//! A call to click, in capitals → known for what it is.
//!
//! In: a line. Out: whether it calls on the reader to click, in capitals throughout ("CLICK HERE TO GET THE APP"). Always: a line
//! with a small letter is none; linear in the line.

/// What such a call says.
const CALLS: [&str; 15] = [
    "CLICK HERE",
    "CLICKING HERE",
    "TAP HERE",
    "HIER KLICKEN",
    "KLICKEN SIE HIER",
    "CLIQUEZ ICI",
    "HAZ CLIC AQUÍ",
    "HAGA CLIC AQUÍ",
    "HAZ CLICK AQUÍ",
    "CLIQUE AQUI",
    "CLICCA QUI",
    "KLIK HIER",
    "KLIKNIJ TUTAJ",
    "НАЖМИТЕ ЗДЕСЬ",
    "BURAYA TIKLAYIN",
];

/// A call is no longer than this, in bytes.
const LINE_BYTES_MAX: usize = 160;

/// Whether the line is such a call.
pub(in crate::clean) fn is_call(line: &str) -> bool {
    line.len() <= LINE_BYTES_MAX
        && !line.bytes().any(|b| b.is_ascii_lowercase())
        && CALLS.iter().any(|call| line.contains(call))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: bool) {
        assert_eq!(is_call(line), expected, "{line:?}");
    }

    #[test]
    fn a_call_in_capitals_is_known() {
        check("GET THE GULL ON YOUR PHONE BY CLICKING HERE", true);
        check("CLIQUEZ ICI POUR LIRE NOTRE LETTRE", true);
        check("CLICK HERE for the pattern", false);
        check("Section 3 - Click Here", false);
        check("HARBOUR CLOSED UNTIL MONDAY", false);
        check("", false);
    }
}
