//! A headline of another article → known by what leads to it.
//!
//! In: a line. Out: whether it is a headline behind a word like "Read more:". Always: the words stand in `leads.txt`, a colon
//! behind them; linear in the line.

use std::collections::HashSet;
use std::sync::LazyLock;

/// What tells the reader to read another article, in small letters, a lead a line. Each is a phrase of the kind `related`, too.
const LEADS: &str = include_str!("leads.txt");

/// A headline and its lead are no longer than this, in bytes.
const LINE_BYTES_MAX: usize = 240;

static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| LEADS.lines().collect());

/// Whether the line is such a headline, or the lead alone. What ends with a full stop is a sentence.
pub(super) fn is_link(line: &str) -> bool {
    let lead = line.find([':', '：']).and_then(|colon| line.get(..colon));
    let is_sentence = line.ends_with('.') && !line.ends_with("...");
    line.len() <= LINE_BYTES_MAX
        && !is_sentence
        && lead.is_some_and(|lead| KNOWN.contains(lead.trim_end().to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: bool) {
        assert_eq!(is_link(line), expected, "{line:?}");
    }

    #[test]
    fn a_headline_is_known_by_its_lead() {
        check("READ MORE: Council weighs new rules", true);
        check("Lire aussi : Le port rouvre lundi", true);
        check("相关阅读：港口星期一重新开放", true);
        check("Related: Is the harbour open on Monday?", true);
        check("See also: the minutes of the committee, which nobody had read.", false);
        check("Citește și: Portul se redeschide luni", true);
        check("Related costs: more than the ministry said", false);
        check("Recommended: 16 GB of memory", false);
        check("Watch: the milk must not boil", false);
        check("Read more in the evening edition", false);
        check("", false);
    }
}
