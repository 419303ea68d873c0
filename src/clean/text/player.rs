//! The label of a player that reads an article aloud → known for what it is.
//!
//! In: a line. Out: whether it offers to read the article ("Listen to this article · 5 min"). Always: nothing else stands in the line; linear
//! in the line.

/// What such a label says; a time may follow.
const OFFERS: [&str; 34] = [
    "Listen to this article",
    "Listen to this story",
    "Listen to article",
    "Listen to the article",
    "LISTEN TO THIS ARTICLE",
    "Read this article aloud",
    "Artikel anhören",
    "Diesen Artikel anhören",
    "Beitrag anhören",
    "Artikel vorlesen",
    "Écouter cet article",
    "Écouter l'article",
    "Écouter l’article",
    "Escuchar este artículo",
    "Escucha este artículo",
    "Escuchar artículo",
    "Escuchar esta noticia",
    "Escucha la noticia",
    "Ouvir este artigo",
    "Ouvir esta matéria",
    "Ouça esta matéria",
    "Ouça este conteúdo",
    "Ouça a matéria",
    "Ascolta questo articolo",
    "Ascolta l'articolo",
    "Ascolta l’articolo",
    "Luister naar dit artikel",
    "Lyssna på artikeln",
    "Lyt til artiklen",
    "Posłuchaj artykułu",
    "Прослушать статью",
    "Послушать статью",
    "この記事を音声で聞く",
    "기사 듣기",
];

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

/// A label is no longer than this, in bytes.
const LINE_BYTES_MAX: usize = 80;

/// Whether the line is such a label.
pub(super) fn is_player(line: &str) -> bool {
    let is_time = |word: &str| TIMES.contains(&word) || word.chars().all(|c| c.is_ascii_digit());
    if line.len() > LINE_BYTES_MAX {
        return false;
    }
    let offers = OFFERS.iter().any(|offer| {
        let behind = line.strip_prefix(offer);
        behind.is_some_and(|behind| {
            let is_whole = behind.chars().next().is_none_or(|c| !c.is_alphanumeric());
            is_whole
                && behind
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|word| !word.is_empty())
                    .all(is_time)
        })
    });
    offers && !line.ends_with(['?', ','])
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
