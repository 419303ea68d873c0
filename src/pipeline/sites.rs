//! Articles without the lines that most pages of their site carry: what goes by the text is done again.
//!
//! In: articles, and for each of them which lines go. Out: the articles as they are without. Always: one of which nothing goes is left as it is.

use rayon::prelude::*;

use super::again::{Fields, Needed, Retag};
use super::{Pipeline, TaggedArticle, Worked};
use crate::article::Reject;
use crate::site::SitePage;

impl Pipeline {
    /// Whether articles are told apart from what their site's pages carry.
    pub fn knows_sites(&self) -> bool {
        self.steps.sites
    }

    /// Take lines from articles: `gone` holds for each of `worked`, in their order, the hashes of the lines that go; or nothing at all.
    pub fn leave_out(&self, worked: &mut [Worked], gone: &[Vec<u32>]) {
        worked.par_iter_mut().zip(gone).for_each(|(worked, gone)| {
            if let Ok(article) = &mut worked.result
                && let Some(lines) = article.lines.take().filter(|_| !gone.is_empty())
                && let Err(reject) = self.without(article, &lines, gone)
            {
                worked.result = Err(reject);
            }
        });
    }

    fn without(&self, article: &mut TaggedArticle, lines: &SitePage, gone: &[u32]) -> Result<(), Reject> {
        let (text, removed) = lines.leave_out(gone, &article.text, &article.removed);
        let fields = Fields {
            id: article.id.clone(),
            url: article.url.clone(),
            title: article.title.clone(),
            text,
            language: article.language.clone(),
            site: article.site.clone(),
        };
        let needed = Needed {
            tags: Retag::All,
            fingerprint: true,
        };
        let (fingerprint, tagging) = self.steps_again(&article.origin, &fields, needed)?;
        article.text = fields.text;
        article.removed = removed;
        article.fingerprint = fingerprint;
        article.tagging = tagging;
        Ok(())
    }
}
