//! Batch → plan: each article's fate, decided one after another in the batch's order.
//!
//! In: worked articles, the index of the window, and the claims of all instances where those are shared. Out: [`Judged`], the fates with
//! what the memory must remember of them. Always: the same sequence gives the same fates; a fate that was not committed can be taken back as
//! if it had never been, or stands as a claim until its record comes again.

mod fate;
mod refused;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::article::{Origin, Reject};
use crate::claims::{CLAIM_MS, Claim, News};
use crate::config::Policy;
use crate::dedupe::{Index, Kind, Limits, Original, Verdict};
use crate::pipeline::{TaggedArticle, Worked};
use crate::replay::Recorded;
use crate::site::Sites;

pub use fate::{Fate, Judged, MemoryEntry};
pub use refused::RefusedArticles;

/// Takes one entry of the memory after another.
type Take<'a> = &'a mut dyn FnMut(MemoryEntry);

/// What the memory holds, not looked at yet: reads its entries in their order.
pub struct Deferred(Box<dyn FnOnce(Take<'_>) + Send>);

impl Deferred {
    /// Entries that `read` will hand over.
    pub fn new(read: impl FnOnce(Take<'_>) + Send + 'static) -> Self {
        Self(Box::new(read))
    }
}

impl std::fmt::Debug for Deferred {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Deferred")
    }
}

/// How duplicates are handled.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub enabled: bool,
    /// Whether claims are exchanged with other instances.
    pub shared: bool,
    pub policy: Policy,
    pub limits: Limits,
    /// Bytes that the memory of sites may take; `None` without one.
    pub sites_bytes_max: Option<usize>,
}

/// The one that decides, with the index and what it decided but was not committed yet.
#[derive(Debug)]
pub struct Judge {
    rules: Rules,
    /// Verdicts of the live run that a replay gives again; empty in a live run.
    recorded: Arc<Recorded>,
    /// What the index will hold once an article has no verdict on record: mostly all have one, and the index is never asked.
    deferred: Option<Deferred>,
    index: Index,
    /// Origins whose verdict in the index is of the running epoch and not known to be committed, with the number of their batch.
    pending: BTreeMap<Origin, u64>,
    /// Claims of all instances whose verdicts are not known to be committed, with the place of each in their order.
    claimed: BTreeMap<Origin, u64>,
    /// Place and time of each, by the store's clock, in the order of the claims.
    claimed_at: VecDeque<(u64, i64, Origin)>,
    /// Claims read so far.
    places: u64,
    /// Whether the claims of the batch that is judged have their places.
    has_places: bool,
    /// Originals that committed duplicates name and that are not known to be committed themselves, with the time of such a duplicate. They
    /// must become originals, whatever becomes of their claims.
    promises: BTreeMap<Origin, (Original, i64)>,
    refused: RefusedArticles,
    sites: Option<Sites>,
    /// What the memory of sites has taken over, and the index has not yet.
    sites_ahead: BTreeSet<Origin>,
    epoch: u64,
}

impl Judge {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            recorded: Arc::default(),
            deferred: None,
            index: Index::new(rules.limits),
            pending: BTreeMap::new(),
            claimed: BTreeMap::new(),
            claimed_at: VecDeque::new(),
            places: 0,
            has_places: false,
            promises: BTreeMap::new(),
            refused: RefusedArticles::default(),
            sites: rules.sites_bytes_max.map(Sites::new),
            sites_ahead: BTreeSet::new(),
            epoch: 0,
        }
    }

    /// Know of what was refused before this judge was made.
    pub fn set_refused(&mut self, refused: RefusedArticles) {
        self.refused = refused;
    }

    /// Give the verdicts on record before judging anything anew.
    pub fn set_recorded(&mut self, recorded: Arc<Recorded>) {
        self.recorded = recorded;
    }

    /// Restore these entries before anything is judged that has no verdict on record, and before any other entry.
    pub fn defer(&mut self, entries: Deferred) {
        self.deferred = Some(entries);
    }

    fn restore_deferred(&mut self) {
        if let Some(Deferred(read)) = self.deferred.take() {
            read(&mut |entry| self.restore(entry));
        }
    }

    /// Begin an epoch: what the one before left uncommitted is taken back, as if it had never been judged.
    ///
    /// Comes before the news of that epoch are restored: a verdict that turns out to be committed after all is among them.
    pub fn begin(&mut self, epoch: u64) {
        if epoch != self.epoch {
            self.epoch = epoch;
            let void = std::mem::take(&mut self.pending).into_keys();
            // Claims keep their place: it is for their next reading to make sure of it.
            let gone: BTreeSet<Origin> = void.filter(|origin| !self.claimed.contains_key(origin)).collect();
            // What left the window needs no promise any more.
            self.promises.retain(|origin, _| self.index.known(origin).is_some());
            self.withdraw_all(&gone);
            self.sites.iter_mut().for_each(Sites::withdraw);
        }
    }

    /// For each article of a batch the lines that most pages of its site carry, by their hashes; nothing at all without a memory of sites.
    /// What an article got stands: one on record gets it again, and all others are learned from.
    ///
    /// Comes once for each batch of the running epoch, before its claims and [`judge`](Self::judge), and in their order. `news` are what
    /// others have committed and [`settle`](Self::settle) will take over.
    pub fn carried(&mut self, batch: u64, worked: &[Worked], news: &[MemoryEntry]) -> Vec<Vec<u32>> {
        if self.sites.is_none() {
            return Vec::new();
        }
        self.sites_ahead.clear();
        if !news.is_empty() {
            self.restore_deferred();
        }
        for entry in news {
            // As in the index, the first entry of an origin counts.
            if self.sites_ahead.insert(entry.origin.clone()) {
                self.restore_site(entry);
            }
        }
        worked
            .iter()
            .map(|worked| self.carried_by(batch, worked).unwrap_or_default())
            .collect()
    }

    fn carried_by(&mut self, batch: u64, Worked { origin, result }: &Worked) -> Option<Vec<u32>> {
        let article = result.as_ref().ok()?;
        let (lines, time_ms) = (article.lines.as_ref()?, article.time_ms);
        if self.refused.has(origin) {
            return None;
        }
        if let Some(gone) = self.recorded.gone(origin, time_ms) {
            return Some(gone.to_vec());
        }
        self.restore_deferred();
        self.renew(origin, time_ms);
        let is_on_record =
            self.sites_ahead.contains(origin) || self.is_judged(origin) && !self.claimed.contains_key(origin);
        let sites = self.sites.as_mut()?;
        Some(if is_on_record {
            sites.gone(origin, time_ms).to_vec()
        } else {
            sites.judge(origin, time_ms, lines, batch)
        })
    }

    fn restore_site(&mut self, entry: &MemoryEntry) {
        let MemoryEntry {
            origin, time_ms, site, ..
        } = entry;
        self.renew(origin, *time_ms);
        let is_new = !self.is_judged(origin) || self.is_mere_claim(origin);
        if let Some(sites) = &mut self.sites {
            sites.restore(origin, *time_ms, site.as_ref(), is_new);
        }
    }

    /// The claims that must be made before a batch is judged: of its articles for which no verdict is committed. What an earlier reading
    /// of the same record claimed is claimed again, since the store may have lost it.
    pub fn claims<'a>(&mut self, worked: impl IntoIterator<Item = &'a Worked>) -> Vec<Claim> {
        let articles: Vec<_> = worked
            .into_iter()
            .filter_map(|worked| worked.result.as_ref().ok())
            .collect();
        for article in &articles {
            self.renew(&article.origin, article.time_ms);
        }
        let stands = |article: &TaggedArticle| {
            let origin = &article.origin;
            let is_committed = || self.is_judged(origin) && !self.claimed.contains_key(origin);
            !self.rules.enabled
                || self.recorded.get(origin, article.time_ms).is_some()
                || self.refused.has(origin)
                || is_committed()
        };
        // An article without a fingerprint has its verdict on record.
        let claim = |article: &TaggedArticle| {
            Some(Claim {
                origin: article.origin.clone(),
                id: article.id.clone(),
                time_ms: article.time_ms,
                at_ms: 0,
                fingerprint: article.fingerprint.clone()?,
            })
        };
        articles
            .into_iter()
            .filter(|article| !stands(article))
            .filter_map(|article| claim(article))
            .collect()
    }

    /// Take over what others have committed, and judge the claims of all instances in their order.
    ///
    /// `committed` must have been read before `news`, so that a claim in `news` whose verdict is committed keeps that verdict. Where the news
    /// come in portions, it goes with the last of them.
    pub fn settle(&mut self, committed: Vec<MemoryEntry>, news: News) {
        let News {
            claims,
            begins_anew,
            is_answer,
            goes_on: _,
        } = news;
        self.has_places = is_answer;
        if begins_anew {
            self.begin_anew();
        }
        let claimed: BTreeSet<Origin> = claims.iter().map(|claim| claim.origin.clone()).collect();
        let (committed, earlier): (Vec<_>, Vec<_>) =
            committed.into_iter().partition(|entry| claimed.contains(&entry.origin));
        for entry in earlier {
            self.restore(entry);
        }
        let mut committed: BTreeMap<Origin, MemoryEntry> = committed
            .into_iter()
            .map(|entry| (entry.origin.clone(), entry))
            .collect();
        for claim in claims {
            self.expire(claim.at_ms);
            match committed.remove(&claim.origin) {
                Some(entry) => self.restore(entry),
                None => self.claim(claim),
            }
        }
    }

    /// Judge a claim, whoever made it. The first one of an origin stands.
    fn claim(&mut self, claim: Claim) {
        let Claim {
            origin,
            id,
            time_ms,
            at_ms,
            fingerprint,
        } = claim;
        let is_claimed = self.claimed.contains_key(&origin);
        self.renew(&origin, time_ms);
        if self.is_judged(&origin) && !is_claimed {
            if !self.pending.contains_key(&origin) {
                return; // committed
            }
            // We judged it before its claim had a place in the order: judge it anew, by the order that other instances see.
            self.withdraw_all(&BTreeSet::from([origin.clone()]));
        }
        if !is_claimed {
            self.places += 1;
            self.claimed.insert(origin.clone(), self.places);
            self.claimed_at.push_back((self.places, at_ms, origin.clone()));
        }
        if !self.is_judged(&origin) {
            // Only an earlier claim can be the original: else two instances could each call the other's copy the original.
            let claimed = &self.claimed;
            let place = claimed.get(&origin);
            let may_be_original = |of: &Origin| claimed.get(of).is_none_or(|other| Some(other) < place);
            self.index
                .judge_among(&origin, &id, time_ms, &fingerprint, may_be_original);
        }
    }

    /// Forget what stood at a place of a topic that was deleted and made again since.
    fn renew(&mut self, origin: &Origin, time_ms: i64) {
        if !self.pending.contains_key(origin) && !self.claimed.contains_key(origin) {
            self.index.renew(origin, time_ms);
        }
    }

    /// Whether a verdict stands: committed, claimed, or of the running epoch.
    fn is_judged(&self, origin: &Origin) -> bool {
        self.index.known(origin).is_some() && !self.index.is_promised(origin)
    }

    /// Whether an article is known by another instance's claim alone, or by one of an epoch that is over: it may come to be judged otherwise.
    fn is_mere_claim(&self, origin: &Origin) -> bool {
        self.claimed.contains_key(origin) && !self.pending.contains_key(origin)
    }

    /// Judge one of ours. What others have claimed may be named where this one has a later place in the same order.
    fn judge_own(&mut self, origin: &Origin, article: &TaggedArticle) -> Verdict {
        let fingerprint = article.fingerprint.as_ref();
        let fingerprint = fingerprint.expect("an article without a verdict on record has a fingerprint");
        let (claimed, pending) = (&self.claimed, &self.pending);
        let place = claimed.get(origin).filter(|_| self.has_places);
        let may_be_original = |of: &Origin| {
            let other = claimed.get(of);
            // What is ours and in flight is committed before this one.
            other.is_none_or(|other| Some(other) < place) || pending.contains_key(of)
        };
        self.index
            .judge_among(origin, &article.id, article.time_ms, fingerprint, may_be_original)
    }

    /// Let claims go whose verdicts were not committed for so long that they must not accuse anybody any more.
    fn expire(&mut self, now_ms: i64) {
        let since = now_ms.saturating_sub(CLAIM_MS);
        let mut gone = BTreeSet::new();
        while self.claimed_at.front().is_some_and(|(_, at_ms, _)| *at_ms < since) {
            let Some((place, _, origin)) = self.claimed_at.pop_front() else {
                break;
            };
            if self.claimed.get(&origin) == Some(&place) {
                self.claimed.remove(&origin);
                self.withdraw(&origin);
                gone.insert(origin);
            }
        }
        for orphan in self.orphans(&gone) {
            self.claimed.remove(&orphan);
            self.withdraw(&orphan);
        }
    }

    /// The order of the claims is lost, and what others judged by it says nothing any more until it is committed.
    fn begin_anew(&mut self) {
        self.claimed_at.clear();
        let claimed = std::mem::take(&mut self.claimed).into_keys();
        let gone = claimed.filter(|origin| !self.pending.contains_key(origin)).collect();
        self.withdraw_all(&gone);
    }

    /// What was judged, is not known to be committed, and names as its original what is gone.
    fn orphans(&self, gone: &BTreeSet<Origin>) -> Vec<Origin> {
        if gone.is_empty() {
            return Vec::new();
        }
        let names_gone = |origin: &&Origin| {
            let of = self.index.known(origin).and_then(|verdict| verdict.of);
            of.is_some_and(|of| gone.contains(&of.origin) && !self.index.is_promised(&of.origin))
        };
        let judged = self.claimed.keys().chain(self.pending.keys());
        judged.filter(names_gone).cloned().collect()
    }

    /// Take a verdict back, to be judged anew when its record comes again; a promise that was made of it stays. Where it is in flight it
    /// counts once it comes back committed.
    fn withdraw(&mut self, origin: &Origin) {
        self.index.forget(origin);
        self.pending.remove(origin);
        if let Some((original, time_ms)) = self.promises.get(origin) {
            self.index.promise(original, *time_ms);
        }
    }

    /// Take verdicts back, and with them those that name one of these as their original.
    fn withdraw_all(&mut self, gone: &BTreeSet<Origin>) {
        for origin in gone {
            self.withdraw(origin);
        }
        for orphan in self.orphans(gone) {
            self.withdraw(&orphan);
        }
    }

    /// Claims whose verdicts are not known to be committed.
    pub fn claims_standing(&self) -> usize {
        self.claimed.len()
    }

    /// Decide on a batch of the running epoch.
    pub fn judge(&mut self, batch: u64, worked: Vec<Worked>) -> Vec<Judged> {
        let judged: Vec<Judged> = worked.into_iter().map(|article| self.decide(article)).collect();
        let fresh = judged.iter().filter_map(|judged| judged.remember.as_ref());
        self.pending.extend(fresh.map(|entry| (entry.origin.clone(), batch)));
        if !self.refused.is_empty() {
            let refused = judged.iter().filter(|judged| self.refused.has(&judged.origin));
            self.pending
                .extend(refused.map(|judged| (judged.origin.clone(), batch)));
        }
        judged
    }

    fn decide(&mut self, worked: Worked) -> Judged {
        let Worked { origin, result } = worked;
        let not_remembered = |origin, fate| Judged {
            origin,
            fate,
            remember: None,
        };
        let article = match self.refused.apply(&origin, result) {
            Ok(article) => article,
            Err(reject) => return not_remembered(origin, Fate::rejected(reject)),
        };
        if !self.rules.enabled {
            return not_remembered(origin, Fate::Enriched(article, Verdict::unique()));
        }
        let known = self.known(&origin, article.time_ms);
        // A claim's verdict is known before it is durable.
        let is_new = known.is_none() || self.claimed.contains_key(&origin);
        let verdict = known.unwrap_or_else(|| self.judge_own(&origin, &article));
        let remember = is_new.then(|| self.entry(&article, &verdict));
        let fate = match (verdict.kind, self.rules.policy) {
            (Kind::Unique, _) | (_, Policy::Mark) => Fate::Enriched(article, verdict),
            (_, Policy::Route) => Fate::Duplicate(article, verdict),
            (_, Policy::Drop) => Fate::Dropped(article, verdict),
        };
        Judged { origin, fate, remember }
    }

    /// The verdict that an article has already: on record, committed, or from its claim.
    fn known(&mut self, origin: &Origin, time_ms: i64) -> Option<Verdict> {
        let recorded = self.recorded.get(origin, time_ms);
        if recorded.is_none() {
            self.restore_deferred();
            self.renew(origin, time_ms);
        }
        let indexed = || self.index.known(origin).filter(|_| !self.index.is_promised(origin));
        let known = recorded.or_else(indexed)?;
        if !self.has_places && known.of.as_ref().is_some_and(|of| self.is_mere_claim(&of.origin)) {
            // The store did not answer, so the order of claims that this verdict rests on may be gone: judge again.
            self.withdraw(origin);
            return None;
        }
        Some(known)
    }

    /// What the memory keeps of an article with this verdict.
    fn entry(&self, article: &TaggedArticle, verdict: &Verdict) -> MemoryEntry {
        let (origin, time_ms) = (&article.origin, article.time_ms);
        let fingerprint = article.fingerprint.as_ref();
        MemoryEntry {
            origin: origin.clone(),
            id: article.id.clone(),
            time_ms,
            verdict: verdict.clone(),
            fingerprint: fingerprint.filter(|_| verdict.keeps_fingerprint()).cloned(),
            site: self.sites.as_ref().and_then(|sites| sites.note(origin, time_ms)),
        }
    }

    /// What was made of an article cannot be published: when it comes again it is a dead letter, and nobody's original; where it was a dead
    /// letter, it is one with less in it. `false` where that was known already, so that the same would be refused again.
    pub fn refuse(&mut self, origin: Origin, reject: Reject) -> bool {
        if self.claimed.remove(&origin).is_some() {
            self.withdraw_all(&BTreeSet::from([origin.clone()]));
        }
        self.refused.add(origin, reject)
    }

    /// The batch is durable: its verdicts stay, and those of the batches before it.
    pub fn committed(&mut self, batch: u64) {
        self.sites.iter_mut().for_each(|sites| sites.committed(batch));
        let (refused, claimed) = (&mut self.refused, &mut self.claimed);
        self.pending.retain(|origin, number| {
            let is_open = *number > batch;
            if !is_open {
                refused.remove(origin);
                claimed.remove(origin);
            }
            is_open
        });
    }

    /// Take over a verdict that another instance, or this one before its restart, has committed.
    pub fn restore(&mut self, entry: MemoryEntry) {
        self.restore_deferred();
        if self.sites.is_some() && !self.sites_ahead.remove(&entry.origin) {
            self.restore_site(&entry);
        }
        let MemoryEntry {
            origin,
            id,
            time_ms,
            verdict,
            fingerprint,
            site: _,
        } = entry;
        // Our own commit may come back to us before its success does.
        let is_pending = self.pending.remove(&origin).is_some();
        self.promises.remove(&origin);
        let is_claim = self.claimed.remove(&origin).is_some();
        if (is_pending || is_claim) && self.index.known(&origin).as_ref() != Some(&verdict) {
            // What was committed holds, whatever we thought of the claim, or in an epoch that is over.
            self.withdraw_all(&BTreeSet::from([origin.clone()]));
        }
        if self.rules.shared
            && let Some(of) = &verdict.of
        {
            self.promise(of, time_ms);
        }
        self.index.restore(&origin, &id, time_ms, fingerprint.as_ref(), verdict);
    }

    /// A committed duplicate names an original: if that is not committed itself, it must become one all the same.
    fn promise(&mut self, original: &Original, time_ms: i64) {
        let is_committed = self.index.known(&original.origin).is_some()
            && !self.claimed.contains_key(&original.origin)
            && !self.pending.contains_key(&original.origin);
        if !is_committed {
            let thought = self.index.known(&original.origin);
            if thought.is_some_and(|verdict| verdict.of.is_some()) && self.is_mere_claim(&original.origin) {
                self.index.forget(&original.origin);
            }
            self.index.promise(original, time_ms);
            self.promises
                .insert(original.origin.clone(), (original.clone(), time_ms));
        }
    }

    /// Articles in the index, and the bytes it holds.
    pub fn size(&self) -> (usize, usize) {
        (self.index.len(), self.index.bytes())
    }

    /// Articles that left the index for want of room before the window was over, since the beginning.
    pub fn evicted(&self) -> u64 {
        self.index.evicted()
    }
}
