//! The label of a player that reads an article aloud → known for what it is.
//!
//! In: a line. Out: whether it offers to read the article ("Listen to this article · 5 min"). Always: nothing else stands in the line; linear
//! in the line.

use std::sync::LazyLock;

use super::notes::Notes;

/// What such a label says; a time may follow.
static OFFERS: LazyLock<Notes> = LazyLock::new(|| Notes::new(include_str!("players.txt")));

/// Words of the time that it takes.
const TIMES: [&str; 16] = [
    "min",
    "mins",
    "minute",
    "minutes",
    "sec",
    "listen",
    "Min",
    "Minuten",
    "minutos",
    "minuti",
    "minut",
    "minuten",
    "минут",
    "мин",
    "分",
    "분",
];

/// Whether the line is such a label.
pub(super) fn is_player(line: &str) -> bool {
    let is_time = |word: &str| TIMES.contains(&word) || word.chars().all(|c| c.is_ascii_digit());
    let mut words_behind = OFFERS.begin(line).map(|(behind, _)| {
        let words = behind.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty())
    });
    words_behind.any(|mut words| words.all(is_time)) && !line.ends_with(['?', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_offers_to_read_aloud_is_known() {
        for line in [
            "Listen to this article",
            "Listen to this article · 5 min",
            "Listen to article (5 minutes)",
            "Artikel anhören 04:12",
            "Écouter l’article",
            "この記事を音声で聞く",
        ] {
            assert!(is_player(line), "{line}");
        }
        for line in [
            "Listen to this story of two brothers and a boat.",
            "Listen to this articles, she said",
            "Listen to this article?",
            "The port listens to this article",
            "",
        ] {
            assert!(!is_player(line), "{line}");
        }
    }
}
