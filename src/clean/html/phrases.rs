//! Words that page furniture of many languages is made of, as hints for the model.
//!
//! In: a block's opening. Out: for each kind of furniture whether one of its phrases stands there. Always: hints only; no phrase
//! decides by itself.

use std::sync::LazyLock;

use crate::fast::bits::{self, BLOCK};
use crate::fast::heads::Heads;

/// The kinds, and their phrases in lower case, separated by `|`.
const PHRASES: [&str; 12] = [
    "read more|read also|also read|read next|see also|related|more from|more on|recommended|you may also|you might also|lire aussi|à lire|lesen sie|mehr zum thema|lee también|leer más|leggi anche|leia também|leia mais|lees ook|czytaj też|czytaj także|читайте также|もっと見る|関連記事|相关阅读|延伸阅读|관련기사|don't miss|most popular|trending|auch interessant|weiterlesen|weitere artikel|das könnte sie|meistgelesen|mehr dazu|sur le même sujet|à découvrir|voir aussi|te puede interesar|le puede interesar|vea también|vedi anche|potrebbe interessarti|veja também|zobacz też|zobacz także|polecamy|bekijk ook|ilgili haberler|læs også|læs mere|les også|les mer|läs också|läs även|läs mer|lue myös|lue lisää|čtěte|přečtěte|mohlo by vás|čítajte|prečítajte|olvassa el|olvasd el|kapcsolódó|citește și|citiți și|vezi și|διαβάστε|δείτε επίσης|читайте|прочетете|вижте още|pročitajte|pogledajte|baca juga|xem thêm|đọc thêm|tin liên quan|بیشتر بخوانید|اقرأ|קראו|यह भी पढ़ें|আরও পড়ুন|อ่านเพิ่มเติม|あわせて|関連ニュース|延伸閱讀|相關新聞|관련 기사|推荐阅读|推薦閱讀|相关新闻|相关文章|相关推荐|相关报道|猜你喜欢|热门推荐|热门新闻|为你推荐|为您推荐|您可能感兴趣|你可能感兴趣|更多新闻|精彩推荐|関連リンク|おすすめ記事|人気記事|アクセスランキング|많이 본|추천 기사|인기 기사|مواضيع ذات صلة|قد يهمك|الأكثر قراءة|ये भी पढ़ें|इसे भी पढ़ें|по теме:|материалы по теме|смотрите также|похожие",
    "subscribe|newsletter|sign up|sign-up|inbox|abonn|suscr|iscriviti|assine|подпис|log in|login|register|anmelden|join us|s'inscrire|inscription|メルマガ|订阅|구독|registrier|einloggen|inscrivez|connectez|inicia sesión|inscreva|cadastre|zapisz się|zaloguj|nyhedsbrev|nyhetsbrev|prenumer|tilmeld|logga in|logg inn|log ind|kirjaudu|uutiskirje|odběr|předplat|přihlás|prihlás|predplat|hírlevél|feliratk|iratkoz|előfizet|abonează|εγγραφ|підпис|передплат|абонир|pretplat|prijavi|üye ol|giriş yap|berlangganan|đăng ký|ثبت نام|הירשמו|会員登録|ログイン|登录|로그인",
    "share|facebook|twitter|whatsapp|pinterest|linkedin|teilen|partager|compartir|condividi|compartilh|follow us|follow me|поделиться|シェア|分享|공유|telegram|instagram|link kopieren|folgen sie|suivez|síguenos|udostępnij|dela på|del på|del artiklen|del saken|jaa artikkeli|sdílet|sdílej|zdieľa|megoszt|distribuie|κοινοποι|поділи|сподели|podijeli|podeli|paylaş|bagikan|chia sẻ|リンクをコピー",
    "photo|image:|image |foto|picture|getty|reuters/|afp|credit|(ap)|ap photo|shutterstock|screenshot|video|bild:|crédit|写真|图源|사진|bildquelle|bildrechte|symbolbild|archivbild|imagen:|imagem:|zdjęcie|kuva:|kuvat:|kuvituskuva|fotó|kép:|forrás:|zdroj:|снимка|фото|ảnh:|عکس|צילום|ภาพ|ছবি|資料写真",
    "advertisement|anzeige|publicidad|publicité|sponsored|affiliate|commission|реклама|広告|广告|広告|reklama|story continues|continue reading|pubblicità|advertentie|annons|annonce|mainos|hirdetés|διαφήμιση|quảng cáo|iklan|פרסומת|โฆษณา|বিজ্ঞাপন",
    "copyright|all rights reserved|©|alle rechte|tous droits|derechos reservados|riservat|direitos reservados|права защищены|無断|版权|무단|terms of|privacy policy|reprinted|disclaimer|wszelkie prawa|alle rechten|alle rettigheter|alla rättigheter|kaikki oikeudet|všechna práva|všetky práva|minden jog|toate drepturile|sva prava|tüm hakları|hak cipta|bản quyền|כל הזכויות",
    "comment|kommentar|commentaire|comentario|commenti|комментар|コメント|评论|댓글|reply|antworten|responses|your email address|reactie|reageer|komentář|komentár|komentar|hozzászól|comentarii|σχόλι|коментар|bình luận|תגובות",
    "by |von |par |por |di |written by|reported by|reporting by|editing by|author|autor|auteur|about the|автор|記者|记者|기자|is a writer|contributed|redaktion|redacción|redazione|skrevet av|skrevet af|skriven av|szerző|penulis|tác giả|מאת",
    "updated|published|posted|last modified|min read|minutes ago|hours ago|aktualisiert|publié|publicado|pubblicato|опубликован|veröffentlicht|stand:|reading time|published on|lesezeit|mis à jour|temps de lecture|actualizado|tiempo de lectura|aggiornato|tempo di lettura|atualizado|bijgewerkt|gepubliceerd|aktualizov|publikov|opdateret|oppdatert|publisert|uppdaterad|publicerad|julkaistu|päivitetty|frissít|közzétéve|actualizat|ενημερώθηκε|оновлено|ažurirano|objavljeno|güncelleme|diperbarui|cập nhật|עודכן",
    "cookie|consent|javascript|browser|gdpr|datenschutz|your ad blocker|externer inhalt|externe inhalte|privatsphäre|navegador|navigateur|evästei|sütik|çerez",
    "tags:|tags|tag:|filed under|categories|category|topics|schlagw|mots-clés|etiquetas|kategorie|thèmes|метки|タグ|标签|source:|sources:|quelle:|fuente:|via:",
    "click here|download|buy now|shop now|get started|contact us|learn more|book a|free trial|call us|request a|table of contents|in this article|skip to|back to top|print|email|next article|previous|donate|watch:|listen|follow|inhaltsverzeichnis|artikel anhören|drucken|imprimer|imprimir|escuchar|écouter|udskriv|skriv ut",
];

/// The number of kinds.
pub(super) const PHRASE_COUNT: usize = PHRASES.len();

/// How much of a block is searched, in bytes.
const OPENING: usize = 240;

/// What is found in a block: two bits for each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hints(u32);

impl Hints {
    /// For each kind: 0 for none, 1 for a phrase in the block's opening, 2 for one it starts with.
    pub(super) fn values(self) -> impl Iterator<Item = f32> {
        (0..PHRASE_COUNT).map(move |kind| ((self.0 >> (2 * kind)) & 3) as f32)
    }

    /// Whether one of subscribing stands there.
    pub(super) fn ask_to_subscribe(self) -> bool {
        const SUBSCRIBE: u32 = 1;
        (self.0 >> (2 * SUBSCRIBE)) & 3 != 0
    }

    fn add(&mut self, kind: u8, is_start: bool) {
        let shift = 2 * u32::from(kind);
        let value = if is_start { 2 } else { 1 };
        if (self.0 >> shift) & 3 < value {
            self.0 = (self.0 & !(3 << shift)) | (value << shift);
        }
    }
}

/// All phrases, each with its kind.
static FINDER: LazyLock<Heads<u8>> = LazyLock::new(|| {
    Heads::new((0u8..).zip(PHRASES).flat_map(|(kind, phrases)| {
        let forms = phrases.split('|').flat_map(forms);
        forms.map(move |form| (form, kind))
    }))
});

/// A phrase as it is written within a sentence and at the beginning of one. ASCII case is folded when comparing.
fn forms(phrase: &str) -> impl Iterator<Item = String> {
    let mut chars = phrase.chars();
    let first = chars.next().filter(|first| !first.is_ascii() && first.is_lowercase());
    let capital = first.map(|first| first.to_uppercase().collect::<String>() + chars.as_str());
    std::iter::once(phrase.to_owned()).chain(capital)
}

/// Find the phrases that stand in a block's opening: where no letter stands before; what is beyond ASCII may stand behind a letter, too.
pub(super) fn hints(block: &str) -> Hints {
    let opening = &block.as_bytes()[..block.len().min(OPENING)];
    let mut hints = Hints::default();
    let mut behind_letter = 0;
    let places = bits::blocks(opening).flat_map(move |(at, bits, own)| {
        let letters = bits.letters();
        let beginnings = !(letters << 1 | behind_letter) & !bits.any([b' ']) | bits.firsts_beyond_ascii();
        behind_letter = letters >> (BLOCK - 1);
        bits::places(beginnings & own).map(move |place| at + place)
    });
    FINDER.find(opening, places, |place, kind, _| hints.add(*kind, place == 0));
    hints
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_beginning(text: &[u8], at: usize) -> bool {
        at == 0 || !text[at - 1].is_ascii_alphabetic() || !text[at].is_ascii()
    }

    /// Each phrase looked for at each place.
    fn slowly(block: &str) -> Hints {
        let opening = &block.as_bytes()[..block.len().min(OPENING)];
        let mut hints = Hints::default();
        for (kind, phrases) in (0u8..).zip(PHRASES) {
            let forms = phrases.split('|').flat_map(forms);
            for (start, phrase) in forms.flat_map(|phrase| (0..opening.len()).map(move |at| (at, phrase.clone()))) {
                let end = start + phrase.len();
                if is_beginning(opening, start)
                    && opening
                        .get(start..end)
                        .is_some_and(|here| here.eq_ignore_ascii_case(phrase.as_bytes()))
                {
                    hints.add(kind, start == 0);
                }
            }
        }
        hints
    }

    #[test]
    fn a_phrase_counts_more_at_the_beginning() {
        let of = |block: &str, kind: usize| hints(block).values().nth(kind).unwrap();
        assert_eq!(
            (of("Read more", 0), of("To READ MORE", 0), of("bread more", 0)),
            (2.0, 1.0, 0.0)
        );
        assert_eq!(
            (of("© Herald", 5), of("x© Herald", 5), of("请分享到微博", 2)),
            (2.0, 1.0, 1.0)
        );
        assert_eq!((of("Читайте также", 0), of("читайте также", 0)), (2.0, 2.0));
    }

    #[test]
    fn every_phrase_has_two_bytes() {
        assert!(
            PHRASES
                .iter()
                .all(|phrases| phrases.split('|').all(|phrase| phrase.len() >= 2))
        );
    }

    proptest! {
        #[test]
        fn nothing_is_passed_over(
            pieces in prop::collection::vec(prop_oneof![
                prop::sample::select(PHRASES.join("|").split('|').map(str::to_owned).collect::<Vec<_>>()),
                "[a-zA-Z]{0,12}", "[ .,:é0-9©(]{0,3}", "\\PC{0,4}",
            ], 0..12),
            upper in any::<bool>(),
        ) {
            let block = if upper { pieces.concat().to_uppercase() } else { pieces.concat() };
            prop_assert_eq!(hints(&block), slowly(&block));
        }
    }
}
