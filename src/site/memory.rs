//! The last pages of each site, and what of a new one most of them carry.
//!
//! A page teaches where a good part of it is new to its site and its address is: versions of one story, or one scraped twice, are no two
//! pages. What is known of a site depends on the order of the pages alone: on its last ones, and on how many others were learned from
//! since. What is not committed stands at its place and may be taken back; only what is committed makes older pages leave.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::page::{Line, SitePage};
use crate::article::Origin;

/// Pages of a site that are remembered: enough to tell a habit, few enough to forget one.
const PAGES_MAX: usize = 16;
/// Other pages that must be known before a line goes.
const PAGES_MIN: usize = 8;
/// Lines that count of a page: those it begins and those it ends with.
const LINES_MAX: usize = 64;
/// The part of these lines' bytes that must be new to its site, where a page is to be learned from: one in so many.
const NEW_PART: u32 = 4;
/// Bytes that a page takes at the most: its lines, and what the queues and maps need.
const PAGE_BYTES: usize = LINES_MAX * size_of::<u32>() + 192;
/// Bytes that an article of which lines went takes, beside its lines.
const GONE_BYTES: usize = 128;

/// What the memory topic keeps of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteNote {
    site: u32,
    address: u64,
    /// Hashes of its lines, ascending; none where nothing is learned from the page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lines: Vec<u32>,
    /// Hashes of the lines that went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gone: Vec<u32>,
}

impl SiteNote {
    /// Hashes of the lines that went.
    pub fn gone(&self) -> &[u32] {
        &self.gone
    }

    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.gone.is_empty()
    }

    /// Whether it says the same; what says nothing is not remembered.
    fn is_as(&self, other: &Self) -> bool {
        self == other || self.is_empty() && other.is_empty()
    }
}

/// A page that was learned from.
#[derive(Debug)]
struct LearnedPage {
    /// Its place among all that was learned from.
    place: u64,
    origin: Origin,
    address: u64,
    lines: Box<[u32]>,
    is_open: bool,
}

/// The pages of a site, by place.
#[derive(Debug, Default)]
struct Site {
    pages: VecDeque<LearnedPage>,
    /// How many of them are committed.
    settled: usize,
}

/// The lines that went of an article, which stand as long as there is room.
#[derive(Debug)]
struct Gone {
    time_ms: i64,
    lines: Box<[u32]>,
}

/// A page whose batch is not known to be committed.
#[derive(Debug)]
struct Open {
    batch: u64,
    time_ms: i64,
    /// Where it was learned from.
    place: Option<u64>,
    note: SiteNote,
}

/// The memory of sites.
#[derive(Debug)]
pub struct Sites {
    /// By the hash of the outlet.
    known: BTreeMap<u32, Site>,
    /// Pages that count at the most: the last of all that were learned from.
    pages_max: u64,
    /// Place of the last page that was learned from, and of the last of those that are committed.
    last: u64,
    last_settled: u64,
    /// Committed pages with their sites, about by place; some have left already.
    settled: VecDeque<(u64, u32)>,
    /// By origin.
    open: BTreeMap<Origin, Open>,
    gone: BTreeMap<Origin, Gone>,
    /// Their origins, the first ones first.
    gone_order: VecDeque<Origin>,
    gone_bytes: usize,
    gone_bytes_max: usize,
}

impl Sites {
    /// A memory that takes about so many bytes at the most: half for pages, half for what went of articles.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            known: BTreeMap::new(),
            pages_max: (bytes_max / 2 / PAGE_BYTES).max(PAGES_MAX) as u64,
            last: 0,
            last_settled: 0,
            settled: VecDeque::new(),
            open: BTreeMap::new(),
            gone: BTreeMap::new(),
            gone_order: VecDeque::new(),
            gone_bytes: 0,
            gone_bytes_max: bytes_max / 2,
        }
    }

    /// The hashes of the lines of a new page that go. The page is learned from, where it teaches anything, for as long as its batch is not
    /// taken back.
    pub fn judge(&mut self, origin: &Origin, time_ms: i64, page: &SitePage, batch: u64) -> Vec<u32> {
        let note = SiteNote {
            site: page.site,
            address: page.address,
            gone: self.carried(page),
            lines: if self.teaches(page) { hashes(page) } else { Vec::new() },
        };
        let gone = note.gone.clone();
        let open = Open {
            batch,
            time_ms,
            place: self.learn(origin, &note),
            note,
        };
        self.open.insert(origin.clone(), open);
        gone
    }

    /// The lines that went of an article on record.
    pub fn gone(&self, origin: &Origin, time_ms: i64) -> &[u32] {
        let open = self.open.get(origin).map(|open| (open.time_ms, &*open.note.gone));
        let kept = || self.gone.get(origin).map(|gone| (gone.time_ms, &*gone.lines));
        let known = open.or_else(kept).filter(|(of, _)| *of == time_ms);
        known.map(|(_, lines)| lines).unwrap_or_default()
    }

    /// What is to be remembered of an article whose verdict is to be: of a page that was judged and is not committed, or of one on record
    /// whose verdict left before it. `None` where nothing is.
    pub fn note(&self, origin: &Origin, time_ms: i64) -> Option<SiteNote> {
        let of_gone = || SiteNote {
            gone: self.gone(origin, time_ms).to_vec(),
            ..SiteNote::default()
        };
        let note = self.open.get(origin).map_or_else(of_gone, |open| open.note.clone());
        Some(note).filter(|note| !note.is_empty())
    }

    /// Take back what is not committed.
    pub fn withdraw(&mut self) {
        let open = std::mem::take(&mut self.open).into_values();
        let sites: BTreeSet<u32> = open
            .filter(|open| open.place.is_some())
            .map(|open| open.note.site)
            .collect();
        for site in sites {
            let is_left = self.known.get_mut(&site).is_some_and(|known| {
                known.pages.retain(|seen| !seen.is_open);
                !known.pages.is_empty()
            });
            if !is_left {
                self.known.remove(&site);
            }
        }
        self.last = self.last_settled;
    }

    /// A batch is durable, and those before it.
    pub fn committed(&mut self, batch: u64) {
        let durable = self.open.extract_if(.., |_, open| open.batch <= batch);
        let mut durable: Vec<(Origin, Open)> = durable.collect();
        durable.sort_by_key(|(_, open)| open.place);
        for (origin, open) in durable {
            self.settle(origin, open);
        }
    }

    /// Take over what another instance, or this one before its restart, has committed. `is_new`: it was not known to be.
    pub fn restore(&mut self, origin: &Origin, time_ms: i64, note: Option<&SiteNote>, is_new: bool) {
        let note = note.cloned().unwrap_or_default();
        match self.open.remove(origin) {
            // Our own commit may come back to us before its success does.
            Some(open) if open.note.is_as(&note) => self.settle(origin.clone(), open),
            Some(open) => {
                self.unlearn(&open);
                self.restore_new(origin, time_ms, note);
            }
            None if is_new && !self.has(origin, &note) => self.restore_new(origin, time_ms, note),
            None => {}
        }
    }

    fn restore_new(&mut self, origin: &Origin, time_ms: i64, note: SiteNote) {
        let open = Open {
            batch: 0,
            time_ms,
            place: self.learn(origin, &note),
            note,
        };
        self.settle(origin.clone(), open);
    }

    /// Whether a committed page is there already: with claims, one of ours may be known by its claim alone for a while.
    fn has(&self, origin: &Origin, note: &SiteNote) -> bool {
        let pages = self.known.get(&note.site).into_iter().flat_map(|site| &site.pages);
        let mut settled = pages.filter(|seen| !seen.is_open);
        settled.any(|seen| seen.origin == *origin && *seen.lines == *note.lines)
    }

    /// The lines that more than half of the last other pages carry. None where nothing but short lines would stay.
    fn carried(&self, page: &SitePage) -> Vec<u32> {
        let others: Vec<&LearnedPage> = self.last_pages(page).filter(|seen| !is_same(seen, page)).collect();
        if others.len() < PAGES_MIN {
            return Vec::new();
        }
        let is_carried = |hash: u32| {
            let carriers = others.iter().filter(|seen| seen.has(hash)).count();
            2 * carriers > others.len()
        };
        let long = page.lines.iter().map(|line| line.hash).filter(|hash| *hash != 0);
        let (gone, stays): (BTreeSet<u32>, BTreeSet<u32>) = long.partition(|hash| is_carried(*hash));
        if stays.is_empty() {
            return Vec::new();
        }
        gone.into_iter().collect()
    }

    fn teaches(&self, page: &SitePage) -> bool {
        let known: Vec<&LearnedPage> = self.last_pages(page).collect();
        if known.iter().any(|seen| is_same(seen, page)) {
            return false;
        }
        let (mut all, mut new) = (0_u32, 0_u32);
        for line in that_count(page) {
            all = all.saturating_add(line.bytes);
            if !known.iter().any(|seen| seen.has(line.hash)) {
                new = new.saturating_add(line.bytes);
            }
        }
        all > 0 && new >= all / NEW_PART
    }

    /// The last pages of the site that a page is of, as far as they count yet.
    fn last_pages(&self, page: &SitePage) -> impl Iterator<Item = &LearnedPage> {
        let pages = self.known.get(&page.site).into_iter();
        let last = pages.flat_map(|site| site.pages.iter().rev().take(PAGES_MAX));
        last.filter(|seen| seen.place + self.pages_max > self.last)
    }

    /// Remember a page; its place, where there is anything to learn from it.
    fn learn(&mut self, origin: &Origin, note: &SiteNote) -> Option<u64> {
        if note.lines.is_empty() {
            return None;
        }
        self.last += 1;
        self.known.entry(note.site).or_default().pages.push_back(LearnedPage {
            place: self.last,
            origin: origin.clone(),
            address: note.address,
            lines: note.lines.as_slice().into(),
            is_open: true,
        });
        Some(self.last)
    }

    fn unlearn(&mut self, open: &Open) {
        if let Some(place) = open.place {
            self.remove(open.note.site, place);
        }
    }

    /// A page is committed: what went of it is on record, and older pages leave.
    fn settle(&mut self, origin: Origin, open: Open) {
        let Open {
            time_ms, place, note, ..
        } = open;
        if let Some(place) = place {
            self.settle_page(note.site, place);
        }
        if !note.gone.is_empty() {
            self.put_on_record(origin, time_ms, note.gone);
        }
    }

    fn settle_page(&mut self, site: u32, place: u64) {
        let Some(known) = self.known.get_mut(&site) else { return };
        if let Some(seen) = known.find(place).and_then(|at| known.pages.get_mut(at)) {
            seen.is_open = false;
            known.settled += 1;
        }
        if known.settled > PAGES_MAX
            && let Some(oldest) = known.pages.iter().position(|seen| !seen.is_open)
        {
            known.pages.remove(oldest);
            known.settled -= 1;
        }
        self.settled.push_back((place, site));
        self.last_settled = self.last_settled.max(place);
        while let Some((place, site)) = self.settled.front().copied()
            && place + self.pages_max <= self.last_settled
        {
            self.settled.pop_front();
            self.remove(site, place);
        }
    }

    fn remove(&mut self, site: u32, place: u64) {
        let Some(known) = self.known.get_mut(&site) else { return };
        if let Some(seen) = known.find(place).and_then(|at| known.pages.remove(at)) {
            known.settled -= usize::from(!seen.is_open);
        }
        if known.pages.is_empty() {
            self.known.remove(&site);
        }
    }

    fn put_on_record(&mut self, origin: Origin, time_ms: i64, lines: Vec<u32>) {
        let bytes = |gone: &Gone| GONE_BYTES + size_of_val(&*gone.lines);
        let gone = Gone {
            time_ms,
            lines: lines.into(),
        };
        self.gone_bytes += bytes(&gone);
        match self.gone.insert(origin.clone(), gone) {
            Some(before) => self.gone_bytes -= bytes(&before),
            None => self.gone_order.push_back(origin),
        }
        while self.gone_bytes > self.gone_bytes_max
            && let Some(first) = self.gone_order.pop_front()
        {
            self.gone_bytes -= self.gone.remove(&first).map_or(0, |gone| bytes(&gone));
        }
    }
}

impl Site {
    fn find(&self, place: u64) -> Option<usize> {
        self.pages.binary_search_by_key(&place, |seen| seen.place).ok()
    }
}

impl LearnedPage {
    fn has(&self, hash: u32) -> bool {
        self.lines.binary_search(&hash).is_ok()
    }
}

fn is_same(seen: &LearnedPage, page: &SitePage) -> bool {
    page.address != 0 && seen.address == page.address
}

/// The lines of a page that are remembered, and that tell whether it is new.
fn that_count(page: &SitePage) -> Vec<&Line> {
    let mut lines: Vec<&Line> = page.lines.iter().filter(|line| line.hash != 0).collect();
    if lines.len() > LINES_MAX {
        lines.drain(LINES_MAX / 2..lines.len() - LINES_MAX / 2);
    }
    lines
}

fn hashes(page: &SitePage) -> Vec<u32> {
    let mut lines: Vec<u32> = that_count(page).iter().map(|line| line.hash).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const APPEAL: &str = "The Gull is read because you pay for it: join us today.";
    const ABOUT: &str = "The Gull has reported from the harbours of the north since 1887.";

    fn origin(n: usize) -> Origin {
        Origin {
            topic: "raw".into(),
            partition: 0,
            offset: n as i64,
            position: 0,
        }
    }

    fn page(site: &str, address: &str, lines: &[&str]) -> SitePage {
        let url = format!("https://{site}.example/{address}");
        SitePage::of(&lines.join("\n"), Vec::new(), None, Some(&url), None).unwrap()
    }

    /// A page of its own story, with what its site puts around each.
    fn story(site: &str, n: usize) -> SitePage {
        let own =
            [1, 2, 3].map(|line| format!("Story {n} of {site} says in its line {line} what no other story says."));
        page(site, &n.to_string(), &[&own[0], APPEAL, &own[1], &own[2], ABOUT])
    }

    fn hashes(lines: &[&str]) -> Vec<u32> {
        super::hashes(&page("any", "", lines))
    }

    fn judged(sites: &mut Sites, n: usize, page: &SitePage) -> Vec<u32> {
        let gone = sites.judge(&origin(n), 0, page, n as u64);
        sites.committed(n as u64);
        gone
    }

    #[test]
    fn what_most_pages_of_a_site_carry_goes() {
        let mut sites = Sites::new(1 << 20);
        for n in 0..20 {
            let gone = judged(&mut sites, n, &story("gull", n));
            let expected = if n < PAGES_MIN {
                Vec::new()
            } else {
                hashes(&[APPEAL, ABOUT])
            };
            assert_eq!(gone, expected, "page {n}");
            assert_eq!(sites.gone(&origin(n), 0), gone);
            assert!(sites.gone(&origin(n), 1).is_empty(), "of another record at its place");
        }
        // Elsewhere it is news.
        assert!(judged(&mut sites, 20, &story("tern", 20)).is_empty());
        // A site that stops carrying a line is believed after a while.
        let without = |n: usize| {
            page(
                "gull",
                &format!("new-{n}"),
                &[&format!("Story {n} stands alone now, with no appeal."), ABOUT],
            )
        };
        for n in 21..21 + PAGES_MAX {
            assert_eq!(judged(&mut sites, n, &without(n)), hashes(&[ABOUT]));
        }
        assert_eq!(judged(&mut sites, 99, &story("gull", 99)), hashes(&[ABOUT]));
    }

    #[test]
    fn versions_of_one_story_are_no_pages_of_a_site() {
        let mut sites = Sites::new(1 << 20);
        let mut lines: Vec<String> = (0..6)
            .map(|n| format!("Line {n} of the story that grows all day."))
            .collect();
        for n in 0..40 {
            lines.push(format!("At {n} o'clock there was more to say of it."));
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let address = if n % 2 == 0 {
                "story".into()
            } else {
                format!("story-{n}")
            };
            assert!(
                judged(&mut sites, n, &page("gull", &address, &lines)).is_empty(),
                "version {n}"
            );
        }
    }

    #[test]
    fn an_article_of_which_nothing_would_be_left_stays_whole() {
        let mut sites = Sites::new(1 << 20);
        for n in 0..10 {
            judged(&mut sites, n, &story("gull", n));
        }
        assert!(judged(&mut sites, 10, &page("gull", "x", &[APPEAL, "In brief", ABOUT])).is_empty());
        let left = [APPEAL, "It is all said in this one sentence.", ABOUT];
        assert_eq!(
            judged(&mut sites, 11, &page("gull", "y", &left)),
            hashes(&[APPEAL, ABOUT])
        );
    }

    #[test]
    fn a_long_page_that_is_scraped_again_is_no_habit() {
        let mut sites = Sites::new(1 << 20);
        let mut lines: Vec<String> = (0..150)
            .map(|n| format!("Line {n} of the blog that has been written all day."))
            .collect();
        for n in 0..40 {
            lines.insert(0, format!("At {n} o'clock there was more to say of it."));
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert!(
                judged(&mut sites, n, &page("gull", &n.to_string(), &lines)).is_empty(),
                "version {n}"
            );
        }
    }

    #[test]
    fn bounded_pages_and_what_is_on_record_leave_where_there_is_no_room() {
        let mut sites = Sites::new(2 * 100 * PAGE_BYTES);
        for n in 0..100 * 12 {
            judged(&mut sites, n, &story(&format!("site-{}", n / 12), n));
            let pages: usize = sites.known.values().map(|site| site.pages.len()).sum();
            assert!(pages <= 100 && sites.settled.len() <= 100);
            assert!(
                sites
                    .known
                    .values()
                    .all(|site| (1..=PAGES_MAX).contains(&site.pages.len()))
            );
        }
        let one = GONE_BYTES + 2 * size_of::<u32>();
        let mut sites = Sites::new(20 * one);
        for n in 0..60 {
            judged(&mut sites, n, &story("gull", n));
            assert!(sites.gone_bytes <= 10 * one && sites.gone.len() == sites.gone_order.len());
        }
        assert_eq!((sites.gone.len(), sites.gone(&origin(49), 0).len()), (10, 0));
        assert_eq!(sites.gone(&origin(50), 0), hashes(&[APPEAL, ABOUT]));
    }

    #[test]
    fn a_page_that_is_known_already_is_not_learned_again() {
        let mut sites = Sites::new(1 << 20);
        sites.judge(&origin(1), 0, &story("gull", 1), 1);
        let note = sites.note(&origin(1), 0);
        sites.committed(1);
        sites.restore(&origin(1), 0, note.as_ref(), true);
        assert_eq!(sites.last, 1);
    }

    /// What befalls a stage between two batches.
    #[derive(Debug, Clone, Copy)]
    enum Event {
        /// The next batch is judged, and waits for its commit.
        Batch,
        Commit,
        /// The memory topic brings what was committed.
        Echo,
        /// What is in flight is void, and read again.
        Abort,
        /// So it is, and what was committed is read back.
        Restart,
    }

    proptest! {
        #[test]
        fn same_verdict_whatever_befalls_the_stage_the_pages_are_judged_as_in_one_run(
            pages in proptest::collection::vec((0..3_usize, 0..30_usize), 1..120),
            size in 1..30_usize,
            room in 10..200_usize,
            events in proptest::collection::vec(prop_oneof![
                4 => Just(Event::Batch), 3 => Just(Event::Commit), 2 => Just(Event::Echo), 1 => Just(Event::Abort), 1 => Just(Event::Restart),
            ], 0..60),
        ) {
            let pages: Vec<SitePage> = pages.iter().map(|(site, n)| story(["gull", "tern", "skua"][*site], *n)).collect();
            let room = room * 2 * PAGE_BYTES;
            let mut straight = Sites::new(room.max(1 << 17));
            straight.pages_max = room as u64 / 2 / PAGE_BYTES as u64;
            let expected: Vec<_> = pages.iter().enumerate().map(|(n, page)| straight.judge(&origin(n), 0, page, 0)).collect();
            let new = || Sites { pages_max: straight.pages_max, ..Sites::new(1 << 17) };
            let mut sites = new();
            let mut topic: Vec<(usize, Option<SiteNote>)> = Vec::new();
            let (mut waiting, mut next, mut echoed, mut batch) = (VecDeque::new(), 0, 0, 0_u64);
            let mut got = vec![Vec::new(); pages.len()];
            // In the end all of it is judged and committed.
            let rest = (0..2 * pages.len()).map(|n| if n % 2 == 0 { Event::Batch } else { Event::Commit });
            for event in events.into_iter().chain(rest) {
                match event {
                    Event::Batch if next < pages.len() => {
                        batch += 1;
                        let end = pages.len().min(next + size);
                        for n in next..end {
                            got[n] = sites.judge(&origin(n), 0, &pages[n], batch);
                        }
                        let notes: Vec<_> = (next..end).map(|n| (n, sites.note(&origin(n), 0))).collect();
                        waiting.push_back((batch, notes));
                        next = end;
                    }
                    Event::Commit => {
                        if let Some((batch, notes)) = waiting.pop_front() {
                            topic.extend(notes);
                            // Its success is told before the topic brings it, or behind.
                            if batch % 2 == 0 {
                                sites.committed(batch);
                            } else {
                                for (n, note) in &topic[echoed..] {
                                    sites.restore(&origin(*n), 0, note.as_ref(), false);
                                }
                                echoed = topic.len();
                                sites.committed(batch);
                            }
                        }
                    }
                    Event::Echo => {
                        for (n, note) in &topic[echoed..] {
                            sites.restore(&origin(*n), 0, note.as_ref(), false);
                        }
                        echoed = topic.len();
                    }
                    Event::Abort | Event::Restart => {
                        next = topic.len();
                        waiting.clear();
                        if matches!(event, Event::Restart) {
                            sites = new();
                            for (n, note) in &topic {
                                sites.restore(&origin(*n), 0, note.as_ref(), true);
                            }
                            echoed = topic.len();
                        } else {
                            sites.withdraw();
                        }
                    }
                    Event::Batch => {}
                }
            }
            prop_assert_eq!(&got, &expected);
            for (n, gone) in expected.iter().enumerate() {
                prop_assert_eq!(sites.gone(&origin(n), 0), &gone[..]);
            }
        }
    }
}
