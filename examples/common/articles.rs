//! Made-up articles, as many as wanted: the same number and length give the same article.
//!
//! In: an article's number. Out: its text, title, outlet, address. Always: words are made of syllables and drawn by Zipf's law, as those of a
//! language are, so that common runs of words stand in many stories; names, numbers and days are among them.

use std::fmt::Write as _;

#[path = "../../tests/common/dice.rs"]
mod dice;

use dice::Dice;

const SYLLABLES: [&str; 24] = [
    "an", "ber", "co", "da", "el", "fi", "gor", "hal", "in", "ka", "lo", "mar", "ne", "or", "pa", "quil", "ros", "sen",
    "ti", "ul", "ven", "wa", "yor", "zet",
];
const DAYS: [&str; 5] = ["Monday", "Tuesday", "Thursday", "12 May", "30 October"];
const VOCABULARY: u32 = 30_000;

/// One article of a stream.
pub(crate) struct Article {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) site: String,
    pub(crate) url: String,
}

/// A writer of articles of about so many words.
pub(crate) struct Writer {
    vocabulary: Vec<String>,
    words: u64,
}

impl Writer {
    pub(crate) fn new(words: u64) -> Self {
        let mut dice = Dice(1);
        let mut word = |rank: u32| {
            // Common words are short ones.
            let syllables = 1 + u64::from(rank.ilog10() > 1) + dice.roll(2) + u64::from(rank > 3000);
            let chosen = (0..syllables).map(|_| SYLLABLES[dice.roll(SYLLABLES.len() as u64) as usize]);
            chosen.collect()
        };
        Self {
            vocabulary: (1..=VOCABULARY).map(&mut word).collect(),
            words,
        }
    }

    /// A word by Zipf's law: the tenth most common is a tenth as common as the first.
    fn word(&self, dice: &mut Dice) -> &str {
        let share = dice.roll(1 << 32) as f64 / f64::from(u32::MAX);
        let rank = f64::from(VOCABULARY).powf(share) as usize;
        &self.vocabulary[rank.min(VOCABULARY as usize) - 1]
    }

    /// A story that no other number has.
    pub(crate) fn story(&self, number: u64) -> Article {
        let mut dice = Dice(number.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        let length = self.words * 3 / 4 + dice.roll(self.words / 2 + 1);
        let mut text = String::new();
        let mut until_stop = 0;
        for _ in 0..length {
            let word = self.word(&mut dice);
            let begins = until_stop == 0;
            if begins {
                until_stop = 8 + dice.roll(16);
            } else {
                text.push(' ');
            }
            match dice.roll(100) {
                _ if begins => text += &capital(word),
                0..6 => text += &capital(word),
                6..9 => write!(text, "{}", dice.roll(5000)).expect("a string takes all"),
                9 => text += DAYS[dice.roll(DAYS.len() as u64) as usize],
                _ => text += word,
            }
            until_stop -= 1;
            if until_stop == 0 {
                text += if dice.roll(4) == 0 { ".\n\n" } else { ". " };
            }
        }
        let title: Vec<&str> = (0..7).map(|_| self.word(&mut dice)).collect();
        let site = format!("outlet{}.example", dice.roll(500));
        Article {
            url: format!("https://{site}/{}-{number}", title[..3].join("-")),
            title: capital(&title.join(" ")),
            text: text.trim_end().to_owned(),
            site,
        }
    }

    /// An article of a stream: every fifth is a copy of one that came before, as it was, cut, or edited.
    pub(crate) fn of_stream(&self, number: u64) -> Article {
        let mut dice = Dice(!number);
        if number % 5 != 4 || number < 10 {
            return self.story(number);
        }
        let of = (number - 1 - dice.roll(number.min(10_000) - 1)) / 5 * 5;
        let mut copy = self.story(of);
        let own = self.story(number);
        (copy.url, copy.site) = (own.url, own.site);
        match dice.roll(4) {
            0 => {
                let end = copy.text.len() * 3 / 5;
                copy.text
                    .truncate(copy.text[..end].rfind(". ").map_or(end, |at| at + 1));
            }
            1 => {
                let words = copy.text.split(' ').enumerate();
                let edited = words.map(|(at, word)| if at % 20 == 7 { self.word(&mut dice) } else { word });
                copy.text = edited.collect::<Vec<_>>().join(" ");
            }
            _ => {}
        }
        copy
    }
}
