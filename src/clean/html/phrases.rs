//! Words that page furniture of many languages is made of, as hints for the model.
//!
//! In: a block's opening. Out: for each kind of furniture whether one of its phrases stands there. Always: hints only; no phrase
//! decides by itself.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// The kinds, and their phrases in lower case, separated by `|`.
const PHRASES: [&str; 12] = [
    "read more|read also|also read|read next|see also|related|more from|more on|recommended|you may also|you might also|lire aussi|à lire|lesen sie|mehr zum thema|lee también|leer más|leggi anche|leia também|leia mais|lees ook|czytaj też|czytaj także|читайте также|もっと見る|関連記事|相关阅读|延伸阅读|관련기사|don't miss|most popular|trending",
    "subscribe|newsletter|sign up|sign-up|inbox|abonn|suscr|iscriviti|assine|подпис|log in|login|register|anmelden|join us|s'inscrire|inscription|メルマガ|订阅|구독",
    "share|facebook|twitter|whatsapp|pinterest|linkedin|teilen|partager|compartir|condividi|compartilh|follow us|follow me|поделиться|シェア|分享|공유|telegram|instagram",
    "photo|image:|image |foto|picture|getty|reuters/|afp|credit|(ap)|ap photo|shutterstock|screenshot|video|bild:|crédit|写真|图源|사진",
    "advertisement|anzeige|publicidad|publicité|sponsored|affiliate|commission|реклама|広告|广告|広告|reklama|story continues|continue reading",
    "copyright|all rights reserved|©|alle rechte|tous droits|derechos reservados|riservat|direitos reservados|права защищены|無断|版权|무단|terms of|privacy policy|reprinted|disclaimer",
    "comment|kommentar|commentaire|comentario|commenti|комментар|コメント|评论|댓글|reply|antworten|responses|your email address",
    "by |von |par |por |di |written by|reported by|reporting by|editing by|author|autor|auteur|about the|автор|記者|记者|기자|is a writer|contributed",
    "updated|published|posted|last modified|min read|minutes ago|hours ago|aktualisiert|publié|publicado|pubblicato|опубликован|veröffentlicht|stand:|reading time|published on",
    "cookie|consent|javascript|browser|gdpr|datenschutz|your ad blocker",
    "tags:|tags|tag:|filed under|categories|category|topics|schlagw|mots-clés|etiquetas|kategorie|thèmes|метки|タグ|标签|source:|sources:|quelle:|fuente:|via:",
    "click here|download|buy now|shop now|get started|contact us|learn more|book a|free trial|call us|request a|table of contents|in this article|skip to|back to top|print|email|next article|previous|donate|watch:|listen|follow",
];

/// The number of kinds.
pub(super) const PHRASE_COUNT: usize = PHRASES.len();

/// How much of a block is searched, in bytes.
const OPENING: usize = 240;

struct Finder {
    automaton: AhoCorasick,
    kinds: Vec<u8>,
}

static FINDER: LazyLock<Finder> = LazyLock::new(|| {
    let (patterns, kinds): (Vec<&str>, Vec<u8>) = (0u8..)
        .zip(PHRASES)
        .flat_map(|(kind, phrases)| phrases.split('|').map(move |phrase| (phrase, kind)))
        .unzip();
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&patterns)
        .expect("a few hundred short phrases make an automaton");
    Finder { automaton, kinds }
});

/// For each kind: 0 for none, 1 for a phrase in the block's opening, 2 for one it starts with.
pub(super) fn hints(block: &str, row: &mut Vec<f32>) {
    let mut found = [0u8; PHRASE_COUNT];
    let opening = &block.as_bytes()[..block.len().min(OPENING)];
    let finder = &*FINDER;
    for hit in finder.automaton.find_overlapping_iter(opening) {
        let start = hit.start();
        let bounded = start == 0 || !opening[start - 1].is_ascii_alphabetic() || !opening[start].is_ascii();
        if bounded {
            let kind = usize::from(finder.kinds[hit.pattern().as_usize()]);
            found[kind] = found[kind].max(if start == 0 { 2 } else { 1 });
        }
    }
    row.extend(found.map(f32::from));
}
