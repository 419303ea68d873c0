//! Tokens → the days that a text speaks of.
//!
//! In: a text's tokens. Out: one hash for each month with a day, and for each weekday named. Always: pure; words are known in nine languages, other
//! texts speak of no days.
//!
//! Two issues of one template (a market report, a forecast) name different days; two copies of one story do not.

use std::sync::LazyLock;

use super::tokens::{Tokens, chain, kind, mix, tokens};
use crate::fast::bits::{BLOCK, places};
use crate::fast::filter::{self, two_marks};

const MONTHS: [&str; 12] = [
    "january jan januar janvier enero gennaio janeiro januari января stycznia",
    "february feb februar fevrier febrero febbraio fevereiro februari февраля lutego",
    "march mar marz mars marzo marco maart марта marca",
    "april apr avril abril aprile апреля kwietnia",
    "may mai mayo maggio maio mei мая maja",
    "june jun juni juin junio giugno junho июня czerwca",
    "july jul juli juillet julio luglio julho июля lipca",
    "august aug aout agosto augustus августа sierpnia",
    "september sep sept septembre septiembre settembre setembro сентября wrzesnia",
    "october oct oktober okt octobre octubre ottobre outubro октября pazdziernika",
    "november nov novembre noviembre novembro ноября listopada",
    "december dec dezember dez decembre diciembre dicembre dezembro декабря grudnia",
];
const WEEKDAYS: [&str; 7] = [
    "monday montag lundi lunes lunedi maandag понедельник",
    "tuesday dienstag mardi martes martedi dinsdag вторник",
    "wednesday mittwoch mercredi miercoles mercoledi woensdag среду",
    "thursday donnerstag jeudi jueves giovedi donderdag четверг",
    "friday freitag vendredi viernes venerdi vrijdag пятницу",
    "saturday samstag samedi sabado sabato zaterdag субботу",
    "sunday sonntag dimanche domingo domenica zondag воскресенье",
];

/// What a word says of a day.
#[derive(Debug, Clone, Copy)]
enum Calendar {
    Month(u8),
    Weekday(u8),
}

/// Token hash → calendar word, ascending; and a filter, since nearly every word is none.
struct Words {
    sorted: Vec<(u64, Calendar)>,
    filter: Filter,
}

/// Lets through all calendar words and next to no others.
pub(super) type Filter = filter::Filter<64>;

pub(super) fn filter() -> &'static Filter {
    &WORDS.filter
}

/// Whether a token may be a calendar word.
#[inline]
pub(super) fn may_be_of_day(filter: &Filter, token: u64) -> bool {
    filter.missing(token, two_marks(token)) == 0
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let months = (0..).zip(MONTHS).flat_map(|(at, words)| {
        tokens(words)
            .hashes
            .into_iter()
            .map(move |word| (word, Calendar::Month(at)))
    });
    let days = (0..).zip(WEEKDAYS).flat_map(|(at, words)| {
        tokens(words)
            .hashes
            .into_iter()
            .map(move |word| (word, Calendar::Weekday(at)))
    });
    let mut sorted: Vec<(u64, Calendar)> = months.chain(days).collect();
    sorted.sort_unstable_by_key(|(hash, _)| *hash);
    let mut filter = Filter::default();
    for (hash, _) in &sorted {
        filter.add(*hash, two_marks(*hash));
    }
    Words { sorted, filter }
});

impl Words {
    fn get(&self, token: u64) -> Option<Calendar> {
        let at = self.sorted.binary_search_by_key(&token, |(hash, _)| *hash).ok()?;
        self.sorted.get(at).map(|(_, word)| *word)
    }
}

/// The days a text names, one hash each, in text order. `marks` has a bit for each token, [`BLOCK`] in a number: whether the [`Filter`]
/// lets it through.
pub(super) fn days(tokens: &Tokens, marks: &[u64]) -> impl Iterator<Item = u64> {
    let number = |at: usize| {
        let is_number = tokens.kinds.get(at).is_some_and(|of| of & kind::NUMBER != 0);
        tokens.hashes.get(at).copied().filter(|_| is_number)
    };
    let blocks = (0..).step_by(BLOCK).zip(marks);
    let marked = blocks.flat_map(|(block, marks)| places(*marks).map(move |place| block + place));
    marked.filter_map(move |at| match WORDS.get(*tokens.hashes.get(at)?)? {
        Calendar::Weekday(day) => Some(mix(1000 + u64::from(day))),
        Calendar::Month(month) => {
            // "March 9", "9 March", "9 de marzo", "9. März".
            let day = number(at + 1)
                .or_else(|| number(at.checked_sub(1)?))
                .or_else(|| number(at.checked_sub(2)?))?;
            Some(mix(chain(u64::from(month), day)))
        }
    })
}
