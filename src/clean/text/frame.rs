//! An article between lines that phrases name → known for one before anything is doubted.
//!
//! In: the lines that are kept. Out: which of them are the article, where furniture stands around it. Always: what is found is an article
//! [alone](super::alone) that begins and ends with prose, so that the next look at it finds no more.
//!
//! Most of what a scraper leaves around a text says what it is (`Share this article`, `Sign up for our newsletter`), and of lines that are no
//! prose, at the very edge of an article, there is then nothing to ask the net.

use std::ops::Range;

use super::page::{Page, is_prose};
use super::shapes::Class;

/// Phrases cover one part in so many of a line that they name without beginning it.
const HELD_PART: usize = 3;

impl Page<'_> {
    /// The places of an article among these lines, all others of which are furniture; `None` where there is none, or no other line.
    pub(super) fn article_in_frame(&self, kept: &[u32]) -> Option<Range<usize>> {
        let is_furniture = |line: &&u32| self.is_furniture_at_edge(**line);
        let start = kept.iter().take_while(is_furniture).count();
        let end = kept.len() - kept.iter().rev().take_while(is_furniture).count();
        let is_edge = |line: Option<&u32>| line.is_some_and(|line| is_prose(self.shape_of(*line)));
        let article = kept.get(start..end).filter(|article| article.len() < kept.len())?;
        (is_edge(article.first()) && is_edge(article.last()) && self.is_alone(article)).then_some(start..end)
    }

    /// Whether phrases name a line as furniture that neither states something nor leads on to what follows.
    fn is_furniture_at_edge(&self, line: u32) -> bool {
        let shape = self.shape_of(line);
        let covered = self.hits[line as usize].covered();
        !is_prose(shape)
            && !matches!(shape.end, Class::Stop | Class::Colon)
            && (self.is_named(line) || covered * HELD_PART >= self.text_of(line).len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines;
    use super::*;

    const FIRST: &str = "The harbour of the town was open again on Monday, a week after the storm had closed it.";
    const LAST: &str =
        "The ferry is to sail at nine in the morning, and at six in the evening of each day in the winter.";

    /// The lines of a text that are its article.
    fn article(text: &str) -> Option<Vec<&str>> {
        let page = Page::read(text, lines::split(text).list);
        let all = page.all();
        let article = all.get(page.article_in_frame(&all)?)?;
        Some(article.iter().map(|line| page.lines[*line as usize].of(text)).collect())
    }

    #[test]
    fn an_article_between_lines_that_say_what_they_are_is_known() {
        let text = format!(
            "Share this article\n{FIRST}\nOn the pier\n{LAST}\nComments are closed\nThis page was last updated on\nSign up for our daily briefing"
        );
        assert_eq!(article(&text), Some(vec![FIRST, "On the pier", LAST]));
        assert_eq!(
            article(&format!("{FIRST}\n{LAST}\nMost popular today")),
            Some(vec![FIRST, LAST])
        );
    }

    #[test]
    fn where_other_lines_stand_at_its_edge_the_net_is_asked() {
        for around in [
            format!("{FIRST}\n{LAST}"),
            format!("Share this article\nFerry Town\n{FIRST}\n{LAST}"),
            format!("{FIRST}\n{LAST}\nStorm closes harbour\nMost popular today"),
            format!("{FIRST}\n{LAST}\nMost popular today\nStorm closes harbour"),
            format!("{FIRST}\nShare this article\n{LAST}\nComments are closed"),
            format!("{FIRST}\n{LAST}\nTwitter was at a loss what to make of the storm:"),
            format!("{FIRST}\n{LAST}\nShe will comment."),
            "Share this article\nComments are closed".to_owned(),
        ] {
            assert_eq!(article(&around), None, "{around}");
        }
    }
}
