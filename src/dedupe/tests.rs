//! The promises that the index guards, by name.

use std::fmt::Write as _;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::article::Origin;

const DAY_MS: i64 = 86_400_000;

const ARTICLE: &str = "The harbour board of Port Amsel voted on Thursday to close the old ferry pier for two winters, saying that its piles \
had rotted further than divers feared. Chair Ines Holm told reporters the repair would cost 4.7 million crowns, a third more than the \
estimate of 2019. Fishermen who moor there were offered berths at the Lindqvist yard, though several called the rent unfair. “We’ve \
been here since my grandfather,” said Jonas Öberg, whose boat lands most of the town’s herring. The café on the pier, popular with \
summer visitors, must leave by 12 October. A vote on the new design is expected before the spring, once engineers from Tarn & Vogel \
have finished their survey of the sea bed. Work would begin with the northern span, where the cracks are widest.";

fn origin(offset: i64) -> Origin {
    Origin {
        topic: "raw".into(),
        partition: 0,
        offset,
        position: 0,
    }
}

fn index() -> Index {
    Index::new(Limits {
        window_ms: 30 * DAY_MS,
        bytes_max: usize::MAX,
    })
}

fn document(text: &str) -> Document<'_> {
    Document {
        text,
        ..Document::default()
    }
}

fn print(text: &str) -> Fingerprint {
    fingerprint(&document(text))
}

/// A made-up story of its own for each seed.
fn story(seed: u64) -> String {
    let mut text = String::new();
    for at in 0..160_u64 {
        let word = tokens::mix(seed * 1000 + at);
        let _ = write!(
            text,
            "{}{} ",
            ["ka", "lo", "mi", "ter", "sun"][(word % 5) as usize],
            word % 3001
        );
    }
    text
}

/// A made-up word in small letters.
fn lower(number: u64) -> String {
    let digits = tokens::mix(number) % 100_000;
    digits
        .to_string()
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'a'))
        .collect()
}

#[test]
fn never_its_own_duplicate() {
    let mut index = index();
    let article = print(ARTICLE);
    let first = index.judge(&origin(1), "a", 0, &article);
    assert_eq!(first, Verdict::unique());
    assert_eq!(index.judge(&origin(1), "a", 0, &article), first);
    let copy = index.judge(&origin(2), "b", 5, &article);
    assert_eq!(copy.kind, Kind::Exact);
    assert_eq!(index.judge(&origin(2), "b", 5, &article), copy);
    assert_eq!(index.known(&origin(2)), Some(copy));
    assert_eq!(index.len(), 2);
}

#[test]
fn one_original() {
    let trimmed = ARTICLE.split(". ").take(4).collect::<Vec<_>>().join(". ");
    let texts = [ARTICLE, &trimmed, ARTICLE, &trimmed];
    let mut index = index();
    let verdicts: Vec<Verdict> = (1..)
        .zip(texts)
        .map(|(n, text)| index.judge(&origin(n), &n.to_string(), n, &print(text)))
        .collect();
    let originals = verdicts.iter().filter(|v| v.kind == Kind::Unique).count();
    assert_eq!(originals, 1);
    for verdict in &verdicts[1..] {
        assert_eq!(verdict.of.as_ref().map(|o| o.id.as_str()), Some("1"), "{verdict:?}");
    }
}

#[test]
fn same_verdict() {
    let trimmed = ARTICLE.split(". ").take(3).collect::<Vec<_>>().join(". ");
    let mut live = index();
    let mut restored = index();
    for n in 0..40 {
        let text = match n % 4 {
            0 => ARTICLE.to_owned(),
            1 => trimmed.clone(),
            _ => story(n as u64 / 4),
        };
        let article = print(&text);
        let verdict = live.judge(&origin(n), &n.to_string(), n, &article);
        let kept = verdict
            .keeps_fingerprint()
            .then(|| Fingerprint::from_bytes(&article.to_bytes()).unwrap());
        restored.restore(&origin(n), &n.to_string(), n, kept.as_ref(), verdict);
    }
    for n in 0..40 {
        assert_eq!(live.known(&origin(n)), restored.known(&origin(n)));
    }
    for (n, text) in (100..).zip([ARTICLE.to_owned(), trimmed, story(2), story(77)]) {
        let article = print(&text);
        assert_eq!(
            live.judge(&origin(n), "new", n, &article),
            restored.judge(&origin(n), "new", n, &article)
        );
    }
}

#[test]
fn a_forgotten_verdict_leaves_no_trace() {
    let mut index = index();
    let article = print(ARTICLE);
    index.judge(&origin(1), "a", 0, &article);
    index.forget(&origin(1));
    assert_eq!(index.len(), 0);
    assert_eq!(index.known(&origin(1)), None);
    assert_eq!(index.judge(&origin(2), "b", 0, &article), Verdict::unique());
}

#[test]
fn bounded_by_the_window() {
    let mut index = index();
    let article = print(ARTICLE);
    index.judge(&origin(1), "a", 1, &article);
    index.judge(&origin(2), "b", 31 * DAY_MS, &print(&story(1)));
    assert_eq!(index.len(), 1);
    assert_eq!(index.judge(&origin(3), "c", 31 * DAY_MS, &article), Verdict::unique());
}

#[test]
fn what_has_no_date_is_of_the_stream_s_time() {
    let mut index = index();
    let article = print(ARTICLE);
    for n in 1..100 {
        index.judge(&origin(n), "dated", 400 * DAY_MS + n, &print(&story(n as u64)));
    }
    assert_eq!(index.judge(&origin(100), "a", 0, &article), Verdict::unique());
    let copy = index.judge(&origin(101), "b", 0, &article);
    assert_eq!((copy.kind, copy.of.map(|of| of.id)), (Kind::Exact, Some("a".into())));
    index.renew(&origin(100), 0);
    assert!(
        index.known(&origin(100)).is_some(),
        "the same record is not taken for another"
    );
}

#[test]
fn what_has_no_date_is_of_the_first_date_behind_it() {
    let mut index = index();
    let article = print(ARTICLE);
    index.judge(&origin(1), "a", 0, &article);
    index.judge(&origin(2), "dated", 400 * DAY_MS, &print(&story(1)));
    index.renew(&origin(1), 0);
    assert_eq!(index.len(), 2, "the same record is not taken for another");
    let copy = index.judge(&origin(3), "b", 400 * DAY_MS, &article);
    assert_eq!((copy.kind, copy.of.map(|of| of.id)), (Kind::Exact, Some("a".into())));
}

#[test]
fn what_is_older_than_the_window_is_remembered_like_what_comes_with_it() {
    let now_ms = 400 * DAY_MS;
    let mut index = index();
    let old = print(ARTICLE);
    let judge_others = |index: &mut Index, from: i64, now_ms: i64| {
        for n in from..from + 100 {
            index.judge(&origin(n), "x", now_ms + n, &print(&story(n as u64)));
        }
    };
    judge_others(&mut index, 1000, now_ms);
    assert_eq!(index.judge(&origin(1), "old", DAY_MS, &old), Verdict::unique());
    index.renew(&origin(1), DAY_MS);
    assert!(
        index.known(&origin(1)).is_some(),
        "the same record is not taken for another"
    );
    for (n, time_ms) in [(2, DAY_MS), (3, now_ms)] {
        let copy = index.judge(&origin(n), "copy", time_ms, &old);
        assert_eq!(copy.of.map(|of| of.id).as_deref(), Some("old"), "copy of {time_ms}");
    }
    judge_others(&mut index, 2000, now_ms + 31 * DAY_MS);
    assert_eq!(index.known(&origin(1)), None, "it leaves with what it came with");
    assert_eq!(index.len(), 100);
}

#[test]
fn bounded_by_the_window_whatever_date_a_record_carries() {
    let far_ms = 70 * 365 * DAY_MS;
    let mut index = index();
    let article = print(ARTICLE);
    index.judge(&origin(1), "a", 1, &article);
    for n in 2..20 {
        let time_ms = if n % 3 == 0 { far_ms } else { n };
        index.judge(&origin(n), "x", time_ms, &print(&story(n as u64)));
    }
    let copy = index.judge(&origin(20), "b", 20, &article);
    assert_eq!(copy.kind, Kind::Exact, "records of a far future emptied the window");
    for n in 0..200 {
        let time_ms = 31 * DAY_MS * (1 + n / 100) + n;
        index.judge(&origin(1000 + n), "y", time_ms, &print(&story(1000 + n as u64)));
    }
    assert_eq!(index.len(), 100, "what carries a far date stays for ever");
}

#[test]
fn bounded_by_bytes() {
    let bytes_max = 1 << 20;
    let mut index = Index::new(Limits {
        window_ms: i64::MAX,
        bytes_max,
    });
    for n in 0..4000 {
        index.judge(&origin(n), "id", n, &print(&story(n as u64)));
        assert!(index.bytes() <= bytes_max);
    }
    assert!(index.len() > 500, "{} articles kept", index.len());
    assert_eq!(index.evicted(), 4000 - index.len() as u64, "what left early is counted");
    assert!(index.known(&origin(3999)).is_some());
    assert!(index.known(&origin(0)).is_none());
}

/// What a second article is to a first: (kind, relation).
fn relation_of(first: &Document<'_>, second: &Document<'_>) -> (Kind, Option<&'static str>) {
    let mut index = index();
    index.judge(&origin(1), "a", 0, &fingerprint(first));
    let verdict = index.judge(&origin(2), "b", 1, &fingerprint(second));
    (verdict.kind, verdict.relation)
}

#[test]
fn relations_say_what_a_copy_is_to_its_original() {
    let at = |site, url, text| Document {
        site: Some(site),
        url,
        text,
        ..Document::default()
    };
    let trimmed = ARTICLE.split(". ").take(4).collect::<Vec<_>>().join(". ");
    let edited = ARTICLE
        .replace("voted on Thursday to close", "decided on Thursday that it would shut")
        .replace("though several called", "and some said");
    let here = Some("https://post.example/pier");
    let original = at("post.example", here, ARTICLE);
    let relation = |second: Document<'_>| relation_of(&original, &second);
    assert_eq!(
        relation(at("post.example", None, ARTICLE)),
        (Kind::Exact, Some("exact"))
    );
    assert_eq!(
        relation(at("gazette.example", None, ARTICLE)),
        (Kind::Exact, Some("syndicated"))
    );
    assert_eq!(
        relation(at("post.example", None, &trimmed)),
        (Kind::Near, Some("trimmed"))
    );
    assert_eq!(
        relation(at("post.example", None, &edited)),
        (Kind::Near, Some("edited"))
    );
    let brief = at("post.example", None, &trimmed);
    let whole = at("post.example", None, ARTICLE);
    assert_eq!(
        relation_of(&brief, &whole),
        (Kind::Near, Some("edited")),
        "the fuller text is not the trimmed one"
    );
    let added = format!("{ARTICLE} On Friday the mayor asked for a second vote.");
    let mobile = Some("http://m.post.example/pier?utm_source=x#top");
    assert_eq!(
        relation(at("post.example", mobile, &added)),
        (Kind::Near, Some("update"))
    );
    assert_eq!(
        relation(at("post.example", mobile, ARTICLE)),
        (Kind::Exact, Some("exact")),
        "nothing changed"
    );
    assert_eq!(
        relation(at("post.example", mobile, &story(5))),
        (Kind::Unique, None),
        "another text at that address"
    );
    let same_id = |text| Document {
        id: Some("77"),
        site: Some("post.example"),
        text,
        ..Document::default()
    };
    assert_eq!(
        relation_of(&same_id(ARTICLE), &same_id(&added)),
        (Kind::Near, Some("update"))
    );
    let other = story(6);
    let other_outlet = Document {
        site: Some("gazette.example"),
        ..same_id(&other)
    };
    assert_eq!(
        relation_of(&same_id(ARTICLE), &other_outlet),
        (Kind::Unique, None),
        "ids are an outlet's own"
    );
}

#[test]
fn a_chain_of_updates_names_the_story_s_original() {
    let sentence = |n: u64| {
        format!(
            " In report {n} the surveyors {}.",
            story(500 + n).split(' ').take(14).collect::<Vec<_>>().join(" ")
        )
    };
    let mut index = index();
    let mut text = ARTICLE.to_owned();
    for n in 0..6 {
        let verdict = index.judge(
            &origin(n),
            &format!("v{n}"),
            n,
            &fingerprint(&Document {
                url: Some("https://post.example/pier"),
                text: &text,
                ..Document::default()
            }),
        );
        let of = verdict.of.map(|of| of.id);
        assert_eq!(of, (n > 0).then(|| "v0".to_owned()), "version {n}");
        text += &sentence(n as u64);
    }
}

#[test]
fn one_bad_link_never_merges_two_stories() {
    let (first, second) = (story(1), story(2));
    // A round-up that holds both, as a page with two articles on it gives.
    let both = format!("{first} {second}");
    let mut index = index();
    index.judge(&origin(1), "first", 0, &print(&first));
    index.judge(&origin(2), "second", 1, &print(&second));
    index.judge(&origin(3), "both", 2, &print(&both));
    for (n, text, of) in [(4, &first, "first"), (5, &second, "second")] {
        let verdict = index.judge(&origin(n), "copy", n, &print(text));
        assert_eq!(verdict.of.map(|of| of.id).as_deref(), Some(of));
    }
}

#[test]
fn a_trimmed_copy_is_found_where_no_name_or_number_tells() {
    let plain = |seed: u64| {
        let words: Vec<String> = (0..160).map(|n| lower(seed * 1000 + n)).collect();
        words.join(" ")
    };
    let mut index = index();
    index.judge(&origin(1), "a", 0, &print(&plain(1)));
    let trimmed: String = plain(1).chars().take(500).collect();
    let verdict = index.judge(&origin(2), "b", 0, &print(&trimmed));
    assert_eq!(verdict.of.map(|of| of.id).as_deref(), Some("a"));
    assert_eq!(index.judge(&origin(3), "c", 0, &print(&plain(2))), Verdict::unique());
}

/// Without capitals and digits nothing tells the facts from the template.
#[test]
fn a_template_without_capitals_is_another_story_too() {
    let forecast = |town: &str, sky: &str, wind: &str, coast: &str| {
        format!(
            "{town}气象台今天早晨发布天气预报：受冷空气影响，今天白天到夜间{sky}，{wind}，气温比昨天略有下降。气象台提醒市民出门注意添衣保暖，\
             驾车请减速慢行，老人和儿童尽量减少户外活动。预计明天{coast}，后天起天气逐渐转好。"
        )
    };
    let north = forecast("北京", "多云转晴", "北风三到四级", "有小雪并伴有大雾");
    let south = forecast("广州", "有雷阵雨", "南风微弱", "炎热潮湿偶有阵雨");
    let mut index = index();
    index.judge(&origin(1), "north", 1, &print(&north));
    assert_eq!(index.judge(&origin(2), "south", 2, &print(&south)), Verdict::unique());
    let corrected = north.replace("略有", "稍有");
    let verdict = index.judge(&origin(3), "corrected", 3, &print(&corrected));
    assert_eq!(verdict.of.map(|of| of.id).as_deref(), Some("north"));
}

/// So many made-up words in small letters.
fn plain(seed: u64, count: u64) -> Vec<String> {
    (0..count).map(|at| lower(seed * 10_000 + at)).collect()
}

/// So many characters of a script without spaces.
fn unspaced(seed: u64, count: u64) -> Vec<String> {
    let character = |at| char::from_u32(0x4E00 + (tokens::mix(seed * 10_000 + at) % 6000) as u32).unwrap();
    (0..count).map(|at| character(at).to_string()).collect()
}

/// The text with each of so many tokens changed.
fn each_changed(text: &[String], one_in: usize, other: &[String]) -> Vec<String> {
    let changed = |(at, token): (usize, &String)| if at % one_in == 7 { &other[at] } else { token }.clone();
    text.iter().enumerate().map(changed).collect()
}

/// Whether the second of two texts is one story with the first, whichever comes first.
fn is_copy(first: &str, second: &str) -> bool {
    let verdict = |texts: [&str; 2]| {
        let mut index = index();
        index.judge(&origin(1), "first", 1, &print(texts[0]));
        index.judge(&origin(2), "second", 2, &print(texts[1])).kind != Kind::Unique
    };
    let both = [verdict([first, second]), verdict([second, first])];
    assert_eq!(both[0], both[1], "one order and the other");
    both[0]
}

#[test]
fn a_long_text_with_changed_words_is_a_copy_where_no_name_or_number_tells() {
    for seed in 1..20 {
        let (text, other) = (plain(seed, 600), plain(100 + seed, 600));
        assert!(
            is_copy(&text.join(" "), &each_changed(&text, 25, &other).join(" ")),
            "words, {seed}"
        );
        assert!(
            !is_copy(&text.join(" "), &each_changed(&text, 8, &other).join(" ")),
            "a slot in eight words, {seed}"
        );
        let (text, other) = (unspaced(seed, 600), unspaced(100 + seed, 600));
        assert!(
            is_copy(&text.concat(), &each_changed(&text, 50, &other).concat()),
            "characters, {seed}"
        );
        assert!(
            !is_copy(&text.concat(), &each_changed(&text, 16, &other).concat()),
            "a slot in sixteen characters, {seed}"
        );
    }
}

#[test]
fn a_copy_with_another_lead_or_paragraph_is_found_where_no_name_or_number_tells() {
    for seed in 1..20 {
        let (text, other) = (unspaced(seed, 500), unspaced(100 + seed, 100));
        let whole = text.concat();
        assert!(
            is_copy(&whole, &(other[..60].concat() + &text[90..].concat())),
            "lead, {seed}"
        );
        let replaced = text[..200].concat() + &other[..60].concat() + &text[280..].concat();
        assert!(is_copy(&whole, &replaced), "paragraph, {seed}");
        // The same end is no copy where it is not most of the text.
        assert!(
            !is_copy(&whole, &(other.concat() + &text[340..].concat())),
            "end, {seed}"
        );
    }
}

#[test]
fn an_extract_of_pieces_is_found_where_no_name_or_number_tells() {
    for seed in 1..20 {
        let text = plain(seed, 600);
        let pieces = [&text[20..120], &text[400..500]].map(|piece| piece.join(" "));
        assert!(is_copy(&text.join(" "), &pieces.join(" ")), "{seed}");
    }
}

#[test]
fn short_templates_without_capitals_are_other_stories() {
    let texts = [
        "关东地方今天白天晴，夜间多云，气温适宜，空气质量良。请市民出行注意安全，合理安排户外活动时间，关注气象部门发布的最新预报信息。",
        "上海今天白天小雨，夜间阴，气温适宜，空气质量良。请市民出行注意安全，合理安排户外活动时间，关注气象部门发布的最新预报信息。",
        "関東地方は高気圧に覆われて概ね晴れる見込みです。外出の際は気温の変化に十分注意してください。詳しい情報は気象台の発表をご確認ください。",
        "九州地方は高気圧に覆われて概ね雨が降る見込みです。外出の際は気温の変化に十分注意してください。詳しい情報は気象台の発表をご確認ください。",
        "it will be mostly sunny in the north today with a light breeze from the west. temperatures stay close to what is usual for the season. \
         the night will be mild and dry in most places. drivers should take care on roads near the coast.",
        "it will be mostly rainy in the north today with a light breeze from the south. temperatures stay close to what is usual for the season. \
         the night will be stormy and dry in most places. drivers should take care on roads near the coast.",
    ];
    for [one, other] in texts.as_chunks().0 {
        assert!(!is_copy(one, other), "{one}");
    }
}

#[test]
fn a_template_with_other_facts_is_another_story() {
    let forecast = |town: &str, day: &str, high: u32, rain: u32| {
        format!(
            "The outlook for {town} on {day} is cloudy with a high of {high} degrees and a low of {} degrees. Winds will blow from the west \
             at {} knots. The chance of rain is {rain} percent in the morning. Drivers are asked to take care on the coast road.",
            high - 9,
            high + 3
        )
    };
    let mut index = index();
    index.judge(&origin(1), "a", 0, &print(&forecast("Ostby", "Monday", 17, 40)));
    let other = index.judge(&origin(2), "b", 0, &print(&forecast("Felden", "Friday", 22, 65)));
    assert_eq!(other, Verdict::unique());
}

/// What one of each pair says in a passage is all that the other knows of it.
#[test]
fn a_passage_that_two_articles_share_does_not_make_them_one_story() {
    let report = "A tanker ran aground off Skagen on Friday with 27 people on board and lost some of its fuel. The coast guard in Aarhus said that \
                  the wind had turned within minutes. Two tugs from Frederikshavn hold the ship. Captain Lene Brandt spoke of luck. Fishermen \
                  were told to stay in port, and beaches near Hirtshals are closed until Monday. The owner, Nordlys Shipping, will pay for the \
                  cleaning. In 2009 another of its ships sank there with 900 tons of grain.";
    let column = "My grandmother used to say that the sea keeps its own books. A tanker ran aground off Skagen on Friday with 27 people on board \
                  and lost some of its fuel. And what do we do? We shake our heads, we turn the page, and by evening we talk of other things. It \
                  has been so for as long as I can remember, and those who earn by it know that it will be so again. Nobody asks who chose the \
                  cheap route, nobody asks who signed for it. A bill is sent, a bill is paid, and the next ship is already under way. I would \
                  like to read, just once, that somebody had waited for the wind.";
    let background = "The quarry near Hallstatt employs 430 people and has been for sale since its owner failed in March over debts of 86 million \
                      euros and a lost contract with the railways.";
    let bidders = format!(
        "Three firms want to buy the stone works, said the trustee Karin Moser in Linz on Wednesday. One is from Slovenia, two are from \
         Bavaria. {background} The works council under Georg Pichler hopes for an answer before Easter."
    );
    let slide = format!(
        "Rocks fell on the road below the stone works on Sunday night and crushed an empty bus of Postbus Austria. Mayor Ilse Kainz closed \
         the valley. {background} Geologists from Graz will look at the slope with drones on Thursday."
    );
    for (one, other) in [(report, column), (bidders.as_str(), slide.as_str())] {
        for (first, second) in [(one, other), (other, one)] {
            assert_eq!(
                relation_of(&document(first), &document(second)).0,
                Kind::Unique,
                "{second}"
            );
        }
    }
    // Half of the report with a lead of its own is still the report.
    let half = report.split_inclusive(". ").take(4).collect::<String>() + "More follows.";
    assert_eq!(relation_of(&document(report), &document(&half)).0, Kind::Near);
}

/// Whether the second of two articles with titles is one story with the first, whichever comes first.
fn is_one_story(one: (&str, &str), other: (&str, &str)) -> bool {
    let titled = |(title, text)| Document {
        title: Some(title),
        text,
        ..Document::default()
    };
    let [one, other] = [titled(one), titled(other)];
    let kinds = [relation_of(&one, &other).0, relation_of(&other, &one).0];
    assert_eq!(kinds[0], kinds[1], "one order and the other");
    kinds[0] != Kind::Unique
}

#[test]
fn a_quotation_under_two_titles_does_not_make_them_one_story() {
    let quoted = "“Before the tide turns, a lighthouse keeper finds a suitcase full of letters that were never sent, and understands that half \
                  of the village has lied to him for forty years,” says the publisher. “It is a novel about patience, weather and the cost \
                  of keeping quiet.”";
    let one = format!(
        "Mara Lindholm has written her third book in a shed without a stove, and one feels the draught. {quoted} What it is not about is \
         people. They stand in doorways and wait to be described. When the storm comes at last I wished that it had come sooner. The letters \
         themselves are a joy, above all the one with the recipe."
    );
    let other = format!(
        "On the train to the coast I missed my station because of this book. {quoted} That is modest. Lindholm hears how people talk who have \
         nothing to say to each other, and she lets them. The keeper is a man whom I shall not forget, and his goat neither. If there is a \
         prize for last sentences, here is one."
    );
    let titles = ["A draught in the shed", "Mara Lindholm: The Unsent"];
    assert!(!is_one_story((titles[0], &one), (titles[1], &other)));
}

#[test]
fn a_standing_end_does_not_make_two_articles_one_story() {
    let series = "This report is part of “Salt”, our series of four on the marshes of Ostby. In the first part we followed a pump from the \
                  dyke at Felden to the saltworks, where a foreman told how the gauges were turned back at night. In the second, farmers of \
                  Tarn showed fields that bear nothing; the works denied it. The province has since found salt at six times the limit. Write \
                  to us at salt@gull.example.";
    let pump = format!(
        "Every morning at four Henrik Aas starts the old pump with a kick. He has done so for thirty years, and the neighbours set their clocks \
         by it. Now Vogel Marine will send a new one that starts itself. {series}"
    );
    let teacher = format!(
        "The pupils of Lena Brandt draw the marsh in brown, since they have never seen it green. She hangs the sheets in the hall. On Sunday \
         two men from the Lindqvist works came to look at them. {series}"
    );
    let bank = "Shares of Amsel Shipping opened at 48.20 crowns on Monday. The firm is worth 3.1 billion crowns and earns 4.4 crowns a share. \
                Its shares stood at 41.7 a year ago. It last told its results on October 21, when it earned 1.12 crowns a share, 0.07 more \
                than had been expected. Six banks advise to hold the shares and nine to buy. The firm runs ferries, tugs and two yards, and \
                was founded in 1902.";
    let buys = format!(
        "Tarn Capital bought 5,310 shares of Amsel Shipping in the third quarter, as its latest filing shows, and now holds 48,112 of them. \
         They are worth 2.3 million crowns. {bank}"
    );
    let sells = format!(
        "The fund Holm & Sons parted with a third of its Amsel stake in the third quarter. What is left, 7,204 shares, is worth \
         347,000 crowns, its filing shows. {bank}"
    );
    let quake = |strength: &str, place: &str, time: &str, depth: &str, others: &str| {
        format!(
            "A magnitude {strength} quake was reported {place}, Skane, according to the O.V. Amsel Survey. The temblor occurred at {time} Amsel \
             time at a depth of {depth} miles. In the past 10 days, there have been {others} of magnitude 3.0 or greater centered nearby. An \
             average of 234 quakes with magnitudes between 3.0 and 4.0 occur per year in Skane and Halland, according to a sample of three \
             years by the Vogel Institute. Did you feel this quake? Consider reporting what you felt to the Seismic Office. Most are too weak \
             to crack a wall, says Ines Holm of the Vogel Institute. Find out what to do before, and during, a quake in our guide of five \
             parts. This report was written by a program."
        )
    };
    let ostby = quake(
        "3.4",
        "early on Monday eight miles from Ostby",
        "5:12",
        "3.1",
        "two quakes",
    );
    let felden = quake(
        "3.9",
        "late on Thursday four miles from Felden",
        "19:48",
        "11.2",
        "no quakes",
    );
    for (one, other) in [
        (
            ("The man who kicks the pump", pump.as_str()),
            ("Brown marsh", teacher.as_str()),
        ),
        (("Tarn Capital buys Amsel", &buys), ("Holm & Sons sells Amsel", &sells)),
        (
            ("Magnitude 3.4 quake near Ostby, Skane", &ostby),
            ("Magnitude 3.9 quake near Felden, Skane", &felden),
        ),
    ] {
        assert!(!is_one_story(one, other), "{} / {}", one.0, other.0);
    }
}

#[test]
fn a_copy_with_another_head_is_the_same_story() {
    let original = ("Ferry pier to close", ARTICLE);
    let local = format!(
        "For Anna and Piet Moll of Gullby the news came with the coffee. They have met their friends on the old pier each Sunday since 1974, \
         and Mrs Moll told this paper that she will bring a folding chair. {ARTICLE}"
    );
    assert!(is_one_story(original, ("Folding chairs for Gullby’s guests", &local)));
    // Half of the first sentences is told anew, of the same people and things.
    let rest = ARTICLE.split_once("Fishermen").map(|(_, rest)| rest).unwrap();
    let anew = format!(
        "Two winters without the old ferry pier: so the harbour board in Port Amsel decided on Thursday. Repairs of the rotten piles will \
         take 4.7 million crowns, said chair Ines Holm, far more than was thought in 2019. Fishermen{rest}"
    );
    assert!(is_one_story(original, ("Port Amsel loses its pier", &anew)));
    let other_head = format!(
        "Nobody in the town had seen a diver cry before, said Karl Brenner, who sells ropes at the gate, and this one wept twice. People had \
         brought cake. Fishermen{rest}"
    );
    assert!(
        is_one_story(original, ("Ferry pier to close for years", &other_head)),
        "under one title"
    );
}

#[test]
fn digits_of_another_script_make_no_other_text() {
    let arabic = "وسجل اللاعب 17 هدفا في 31 مباراة مع فريقه السابق، وبلغت قيمة الشرط الجزائي 3.5 مليون يورو حتى عام 2027 بحسب بيان النادي";
    let hindi =
        "मंगलवार को सूचकांक 412.5 अंक चढ़कर 81,904 पर बंद हुआ और 23 कंपनियों के शेयर बढ़े, जबकि रुपया 9 पैसे कमजोर होकर 88.2 पर रहा";
    let japanese = "輸出額は前年同月より2.6%少ない9兆3,160億円だった。3カ月続けて前の年を下回り、下げ幅は4年5カ月ぶりの大きさとなった。";
    for (text, digits) in [
        (arabic, "٠١٢٣٤٥٦٧٨٩٫٬"),
        (hindi, "०१२३४५६७८९.,"),
        (japanese, "０１２３４５６７８９．，"),
    ] {
        let of_ascii = |c: char| {
            "0123456789.,"
                .find(c)
                .and_then(|at| digits.chars().nth(at))
                .unwrap_or(c)
        };
        let other: String = text.chars().map(of_ascii).collect();
        assert_eq!(
            relation_of(&document(text), &document(&other)).0,
            Kind::Exact,
            "{other}"
        );
    }
}

#[test]
fn an_empty_article_is_unique() {
    let mut index = index();
    for n in 0..3 {
        assert_eq!(index.judge(&origin(n), "x", 0, &print(" \n")), Verdict::unique());
    }
}

#[test]
fn an_article_without_words_is_found_again_at_its_place() {
    let at = |site, id, text| {
        fingerprint(&Document {
            site: Some(site),
            id: Some(id),
            text,
            ..Document::default()
        })
    };
    let mut index = index();
    index.judge(&origin(1), "a", 1, &at("post.example", "7", "🎉🎉"));
    for (n, site, id, text, kind) in [
        (2, "post.example", "7", "🎉 🎉!", Kind::Exact),
        (3, "post.example", "8", "🎉🎉", Kind::Unique),
        (4, "gazette.example", "7", "🎉🎉", Kind::Unique),
        (5, "post.example", "7", ARTICLE, Kind::Unique),
        (6, "post.example", "7", ARTICLE, Kind::Exact),
        (7, "post.example", "7", "🎉🎉", Kind::Exact),
    ] {
        let verdict = index.judge(&origin(n), "b", n, &at(site, id, text));
        assert_eq!(verdict.kind, kind, "{n}");
        let of = if text == ARTICLE { 5 } else { 1 };
        assert!(verdict.of.is_none_or(|original| original.origin == origin(of)), "{n}");
    }
}

#[test]
fn one_address_with_a_changed_text_is_an_update() {
    let at = |text| {
        fingerprint(&Document {
            url: Some("https://example.org/news/pier-closes"),
            text,
            ..Document::default()
        })
    };
    let changed = format!(
        "{} On Friday the mayor asked for a second vote.",
        ARTICLE.replace("4.7", "5.2")
    );
    let mut index = index();
    index.judge(&origin(1), "a", 0, &at(ARTICLE));
    let verdict = index.judge(&origin(2), "a", 9, &at(&changed));
    assert_eq!((verdict.kind, verdict.relation), (Kind::Near, Some("update")));
}

#[test]
fn a_brief_is_found_again_only_under_its_title() {
    let brief = |title| {
        fingerprint(&Document {
            title: Some(title),
            text: "Quarterly dividend 20 cents, payable May 3.",
            ..Document::default()
        })
    };
    let mut index = index();
    index.judge(&origin(1), "a", 0, &brief("Amsel Shipping sets dividend"));
    for (at, other) in [(2, "Tarn Foods pays out"), (4, "Tarn Shipping sets dividend")] {
        assert_eq!(
            index.judge(&origin(at), "b", 0, &brief(other)).kind,
            Kind::Unique,
            "{other}"
        );
    }
    assert_eq!(
        index
            .judge(&origin(3), "c", 0, &brief("Amsel Shipping sets dividend"))
            .kind,
        Kind::Exact
    );
}

/// More of them have these words than are compared with an article, and than the table keeps of one key.
#[test]
fn each_of_many_briefs_of_the_same_words_is_found_under_its_title() {
    let short = "To read on, subscribe or sign in.";
    let stub = "This story is for subscribers alone. To read on, sign in or choose an offer that fits you. Already a subscriber? \
                Your account gives you all of our stories on every device.";
    for text in [short, stub] {
        let brief = |seed: u64, again: bool| {
            let title = (seed..seed + 4).map(lower).collect::<Vec<_>>().join(" ");
            fingerprint(&Document {
                title: Some(&title),
                text,
                url: Some(&format!("https://gull.example/{seed}/{again}")),
                ..Document::default()
            })
        };
        let mut index = index();
        for again in [false, true] {
            for n in 0..40 {
                let origin = origin(n + 40 * i64::from(again));
                let verdict = index.judge(&origin, &n.to_string(), 0, &brief(10 * n as u64, again));
                let of = verdict.of.map(|of| of.id);
                assert_eq!(of, again.then(|| n.to_string()), "{n}");
            }
        }
    }
}

#[test]
fn what_a_site_says_in_the_place_of_its_articles_is_no_story() {
    let stub = "This story is for subscribers alone. To read on, sign in or choose an offer that fits you. Already a subscriber? \
                Your account gives you all of our stories on every device.";
    let consent = stub.to_owned()
        + " With your consent we and our 214 partners keep cookies on your device and read them, to measure what is read and to show \
           advertisements that fit you. You may refuse, or change your mind at any time at the foot of each page. Without consent we ask you \
           to subscribe.";
    let at = |title, url, text| {
        fingerprint(&Document {
            title: Some(title),
            text,
            url: Some(url),
            ..Document::default()
        })
    };
    let kind_of = |title, url, text| {
        let mut index = index();
        let first = at("Ferry pier to close", "https://gull.example/pier", text);
        index.judge(&origin(1), "a", 1, &first);
        index.judge(&origin(2), "b", 2, &at(title, url, text)).kind
    };
    let kind = |title, url| {
        let [short, long] = [stub, &consent].map(|text| kind_of(title, url, text));
        assert_eq!(short, long);
        short
    };
    let [other, cut, pier] = [
        "Herring quota cut",
        "Ferry pier to close for years",
        "Ferry pier to close",
    ];
    assert_eq!(kind(other, "https://gull.example/quota"), Kind::Unique);
    assert_eq!(
        kind(other, "https://gull.example/pier"),
        Kind::Exact,
        "its headline changed"
    );
    assert_eq!(kind(cut, "https://gull.example/quota"), Kind::Exact);
    assert_eq!(kind(pier, "https://gull.example/quota"), Kind::Exact);
    assert_eq!(
        kind(other, "https://tern.example/quota"),
        Kind::Exact,
        "what two sites say was sent to both"
    );
}

#[test]
fn long_titles_agree_only_where_they_share_words() {
    let brief = |title: &str| {
        fingerprint(&Document {
            title: Some(title),
            text: "The board has met and will report on it.",
            ..Document::default()
        })
    };
    let title = |from: u64, count: u64| (from..from + count).map(lower).collect::<Vec<_>>().join(" ");
    let kind = |first: &str, second: &str| {
        let mut index = index();
        index.judge(&origin(1), "a", 1, &brief(first));
        index.judge(&origin(2), "b", 2, &brief(second)).kind
    };
    for seed in (0..40_000).step_by(100) {
        for (first, second) in [(3, 12), (8, 8), (12, 20)] {
            let (first, second) = (title(seed, first), title(seed + 50, second));
            assert_eq!(kind(&first, &second), Kind::Unique, "{first} / {second}");
        }
        let whole = title(seed, 12);
        assert_eq!(
            kind(&whole, &format!("{whole} {}", lower(seed + 50))),
            Kind::Exact,
            "{whole}"
        );
    }
    assert_eq!(
        kind(&title(0, 12), ""),
        Kind::Exact,
        "without a title the text says all there is"
    );
}

#[test]
fn a_brief_in_capitals_is_found_again_only_under_its_title() {
    let brief = |title, text| {
        fingerprint(&Document {
            title: Some(title),
            text,
            ..Document::default()
        })
    };
    let mut index = index();
    index.judge(&origin(1), "a", 0, &brief("Amsel news", "Port Amsel pier closed"));
    let other = brief("Ferries of the week", "PORT AMSEL PIER CLOSED");
    assert_eq!(index.judge(&origin(2), "b", 0, &other).kind, Kind::Unique);
}

#[test]
fn same_verdict_for_a_record_of_the_far_future() {
    let mut index = index();
    let article = print(ARTICLE);
    index.judge(&origin(1), "a", 0, &article);
    let copy = index.judge(&origin(2), "b", 900 * DAY_MS, &article);
    for n in 3..40 {
        index.judge(&origin(n), "c", n * DAY_MS / 4, &print(&story(n as u64)));
    }
    index.renew(&origin(2), 900 * DAY_MS);
    assert_eq!(index.known(&origin(2)), Some(copy), "it is the same record");
    index.renew(&origin(2), 901 * DAY_MS);
    assert_eq!(index.known(&origin(2)), None, "it is another");
}

#[test]
fn forms_of_one_address_have_one_key() {
    let bare = url::key("https://example.org/news/pier-closes");
    for form in [
        "http://www.example.org/news/pier-closes/",
        "https://m.example.org/news/pier-closes?utm_source=x&fbclid=1",
        "https://example.org/news/pier-closes/amp#top",
        "https://EXAMPLE.org/news/pier-closes.html",
    ] {
        assert_eq!(url::key(form), bare, "{form}");
    }
    assert_ne!(url::key("https://example.org/news/pier-opens"), bare);
    assert_ne!(
        url::key("https://example.org/news?id=1"),
        url::key("https://example.org/news?id=2")
    );
    assert_eq!(url::key("https://example.org/"), 0);
}

#[test]
fn a_fingerprint_is_small() {
    let long = (0..50).map(story).collect::<String>();
    assert!(print(&long).to_bytes().len() <= 600);
}

proptest! {
    #[test]
    fn typography_and_title_do_not_change_the_verdict(seed in 0_u64..1000, title in ".{0,40}", form in 0..5) {
        let text = format!("{ARTICLE} {}", story(seed));
        let changed = match form {
            0 => text.nfd().collect::<String>(),
            1 => text.replace(['“', '”'], "\"").replace('’', "'"),
            2 => text.replace(' ', " \n\t"),
            3 => text.replace("fi", "ﬁ").replace("ed", "e\u{200b}d"),
            _ => text.clone(),
        };
        let mut index = index();
        index.judge(&origin(1), "a", 0, &print(&text));
        let verdict = index.judge(&origin(2), "b", 0, &fingerprint(&Document { title: Some(&title), text: &changed, ..Document::default() }));
        prop_assert_eq!(verdict.kind, Kind::Exact);
    }

    #[test]
    fn furniture_does_not_change_the_verdict(seed in 0_u64..500) {
        let text = format!("{ARTICLE} {}", story(seed));
        let dressed = format!("Share this story. Sign in to read more.\n{text}\nYou may also like our other reports. All rights reserved.");
        let mut index = index();
        index.judge(&origin(1), "a", 0, &print(&text));
        let verdict = index.judge(&origin(2), "b", 0, &print(&dressed));
        prop_assert_eq!(verdict.of.map(|o| o.id), Some("a".to_owned()));
    }

    #[test]
    fn any_text_goes_to_bytes_and_back(text in "\\PC{0,300}") {
        let article = print(&text);
        prop_assert_eq!(Fingerprint::from_bytes(&article.to_bytes()), Ok(article));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Fingerprint::from_bytes(&bytes);
    }
}
