//! A call to click, in capitals → known for what it is.
//!
//! In: a line. Out: whether it calls on the reader to click, in capitals throughout ("CLICK HERE TO GET THE APP"). Always: the call
//! stands at an end of the line, all its letters are capitals, and it is no sentence; linear in the line.

/// What such a call says.
const CALLS: [&str; 14] = [
    "CLICK HERE",
    "CLICKING HERE",
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
    let is_at_an_end = |call: &&str| {
        let behind = line.strip_prefix(*call).and_then(|rest| rest.chars().next());
        let before = line.strip_suffix(*call).and_then(|rest| rest.chars().next_back());
        line == *call || behind.or(before).is_some_and(|c| !c.is_alphanumeric())
    };
    line.len() <= LINE_BYTES_MAX
        && !line.bytes().any(|b| b.is_ascii_lowercase())
        && CALLS.iter().any(is_at_an_end)
        && !line.ends_with(['.', '?', ',', ';'])
        && line.chars().all(|c| !c.is_alphabetic() || c.is_uppercase())
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
        check("CLICK HERE TO GET THE GULL ON YOUR PHONE", true);
        check("CLIQUEZ ICI POUR LIRE NOTRE LETTRE", true);
        check("CLICK HERE", true);
        check("CLICK HERE for the pattern", false);
        check("Section 3 - Click Here", false);
        check("HARBOUR CLOSED UNTIL MONDAY", false);
        check("", false);
    }

    #[test]
    fn what_speaks_of_a_call_is_none() {
        check("RESIDENTS CAN CLICK HERE FOR THE MAP, THE COUNTY SAID.", false);
        check("WHY 'CLICK HERE' IS A BAD NAME FOR A LINK", false);
        check("CLICK HEREFORD CATTLE OFF YOUR LIST", false);
        check("CLICK HERE на сайте порта не работает", false);
        check("设计师常用CLICK HERE", false);
    }
}
