//! Made-up articles in any number: the shape and size of scraped ones, and no two alike.
//!
//! In: a number. Out: a JSON record. Always: the same number gives the same record. The prose is a chain of words in which each follows
//! one that it follows in the sample articles too (Shannon, "A Mathematical Theory of Communication", 1948, part I.3), so that words,
//! names, numbers and the phrases of tags come as often as there; around it stands the furniture of a site.

use std::collections::HashMap;
use std::fmt::Write;

#[path = "../../tests/common/dice.rs"]
mod dice;

use dice::Dice;
use serde_json::json;

/// The samples that lend their words.
const SAMPLES: [&str; 12] = [
    include_str!("../../samples/choir.txt"),
    include_str!("../../samples/earthquake.txt"),
    include_str!("../../samples/fire.txt"),
    include_str!("../../samples/magnets-syndicated.txt"),
    include_str!("../../samples/match-mariners.txt"),
    include_str!("../../samples/match-rovers.txt"),
    include_str!("../../samples/results-lumen.txt"),
    include_str!("../../samples/results-orbis.txt"),
    include_str!("../../samples/tariff-edited.txt"),
    include_str!("../../samples/ceasefire-other-report.txt"),
    include_str!("../../samples/weather-north.txt"),
    include_str!("../../samples/transfer.txt"),
];

/// Lines of a page's furniture, before and behind the article.
const ABOVE: [&str; 6] = [
    "Home",
    "World",
    "Business",
    "Share on social media",
    "Email",
    "We use cookies to improve your experience.",
];
const BELOW: [&str; 5] = [
    "Sign up for our morning briefing",
    "Get the day's top stories in your inbox.",
    "© 2026 The Harbour Post. All rights reserved.",
    "About us",
    "Contact",
];

/// Makes the articles.
pub(crate) struct Corpus {
    /// Each word with those that follow it.
    follow: HashMap<&'static str, Vec<&'static str>>,
    /// What sentences begin with.
    first: Vec<&'static str>,
}

fn choice<'a>(dice: &mut Dice, words: &[&'a str]) -> &'a str {
    words[dice.roll(words.len() as u64) as usize]
}

impl Corpus {
    pub(crate) fn new() -> Self {
        let mut follow: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut first = Vec::new();
        for sample in SAMPLES {
            let body = sample.split_once("---\n").map_or(sample, |(_, body)| body);
            for line in body.lines() {
                let words: Vec<&str> = line.split_whitespace().collect();
                first.extend(words.first());
                for pair in words.windows(2) {
                    follow.entry(pair[0]).or_default().push(pair[1]);
                }
            }
        }
        Self { follow, first }
    }

    /// A paragraph of some 45 words. Numbers are drawn anew, so that what is made of few words is still not the same twice.
    fn paragraph(&self, dice: &mut Dice) -> String {
        let mut text = String::new();
        let mut word = choice(dice, &self.first);
        for n in 0..dice.roll(40) + 25 {
            if n > 0 {
                text.push(' ');
            }
            if word.bytes().all(|b| b.is_ascii_digit()) {
                write!(text, "{}", dice.roll(2_000) + 2).expect("a string takes all");
            } else {
                text.push_str(word);
            }
            let next = self.follow.get(word).map_or(&self.first, |words| words);
            word = choice(dice, next);
        }
        text.push('.');
        text
    }

    fn headline(&self, dice: &mut Dice) -> String {
        let paragraph = self.paragraph(dice);
        let words: Vec<&str> = paragraph.split(' ').take(8).collect();
        words.join(" ")
    }

    /// Text as scraped, some 4 kB: the article in the middle of what stands around it on the page.
    pub(crate) fn text(&self, number: u64) -> Vec<u8> {
        let mut dice = Dice(number);
        let title = self.headline(&mut dice);
        let mut lines: Vec<String> = ABOVE.iter().map(|line| (*line).to_owned()).collect();
        lines.push(title.clone());
        lines.extend((0..13).map(|_| self.paragraph(&mut dice)));
        lines.push("You may also like".to_owned());
        lines.extend((0..4).map(|_| self.headline(&mut dice)));
        lines.extend(BELOW.iter().map(|line| (*line).to_owned()));
        record(number, &title, "text", &lines.join("\n"))
    }

    /// A page, some 60 kB: styles, scripts, menus and teasers take most of it, as they do on the web.
    #[allow(dead_code, reason = "not every program that has this module makes pages")]
    pub(crate) fn page(&self, number: u64) -> Vec<u8> {
        let mut dice = Dice(number);
        let title = self.headline(&mut dice);
        let mut html = format!(
            "<!doctype html><html lang=\"en\"><head><title>{title} | The Harbour Post</title>\
             <meta property=\"og:site_name\" content=\"The Harbour Post\"><style>"
        );
        for n in 0..150 {
            let _ = writeln!(
                html,
                ".card-{n}{{display:flex;margin:{n}px auto;color:#{:06x}}}",
                n * 7919
            );
        }
        html.push_str("</style><script>");
        for n in 0..300 {
            let _ = writeln!(
                html,
                "window.q{n}=function(a,b){{return a<b&&a>{n}?\"</\"+\"p>\":b*{n}}};"
            );
        }
        html.push_str("</script></head><body><nav><ul>");
        for line in ABOVE {
            let _ = write!(html, "<li class=\"menu-item\"><a href=\"/{line}\">{line}</a></li>");
        }
        let _ = write!(html, "</ul></nav><main><article><h1>{title}</h1>");
        for _ in 0..13 {
            let paragraph = self.paragraph(&mut dice);
            let _ = writeln!(html, "<p class=\"body-text\">{paragraph}</p>");
        }
        html.push_str("</article><section class=\"related\"><h3>You may also like</h3>");
        for n in 0..60 {
            let headline = self.headline(&mut dice);
            let _ = writeln!(
                html,
                "<div class=\"card card-{n}\" data-id=\"{n}\"><a class=\"card__link\" href=\"/stories/{n}?from=related\">\
                 <img class=\"card__image\" loading=\"lazy\" alt=\"\" src=\"/images/{n}.jpg\" width=\"320\" height=\"180\">\
                 <h4 class=\"card__title\">{headline}</h4></a><span class=\"card__time\">{n} min read</span></div>"
            );
        }
        html.push_str("</section></main><footer>");
        for line in BELOW {
            let _ = write!(html, "<p>{line}</p>");
        }
        html.push_str("</footer></body></html>");
        record(number, &title, "html", &html)
    }
}

fn record(number: u64, title: &str, field: &str, body: &str) -> Vec<u8> {
    let url = format!("https://harbourpost.example/stories/{number}");
    let id = format!("made-up-{number}");
    json!({ "id": id, "url": url, "title": title, field: body })
        .to_string()
        .into_bytes()
}
