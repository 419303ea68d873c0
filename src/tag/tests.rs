//! The tagger with the shipped taxonomies: traps, languages, properties. All sentences are made up.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static TAGGER: LazyLock<Tagger> = LazyLock::new(Tagger::builtin);

fn tagged(language: &str, title: &str, body: &str) -> Tagging {
    let (title, language) = (Some(title), Some(language));
    TAGGER.tag(&Text { title, body, language })
}

fn check_in(language: &str, title: &str, body: &str, expected: &[&str]) {
    let tagging = tagged(language, title, body);
    let names: Vec<&str> = tagging.tags.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, expected, "{title}: {body}\n{:?}", tagging.scores);
}

fn check(title: &str, body: &str, expected: &[&str]) {
    check_in("en", title, body, expected);
}

const CHOIR: &str = "The choir rehearses on the night ferry, as it has done for eleven years. Its conductor asked the crew for \
    a second piano, and the crew found one in the car deck.\nPassengers sing along when they know the words.";

#[test]
fn the_shipped_files_read_and_their_examples_hold() {
    for (file, text) in shipped_files() {
        let taxonomy = Taxonomy::parse(file, &text).expect("a shipped file");
        assert_eq!(taxonomy.test(), [], "{file}");
        assert!((0.3..0.9).contains(&taxonomy.threshold));
    }
}

#[test]
fn each_language_has_fifteen_examples_of_each_side() {
    for (file, text) in shipped_files() {
        let taxonomy = Taxonomy::parse(file, &text).expect("a shipped file");
        let languages: Vec<&str> = taxonomy.sentences.keys().map(String::as_str).collect();
        assert_eq!(
            languages,
            [
                "ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pl", "pt", "ru", "zh"
            ]
        );
        for (language, sentences) in &taxonomy.sentences {
            let (tagged, untagged) = (sentences.tagged.len(), sentences.untagged.len());
            assert!(
                tagged >= 15 && untagged >= 15,
                "{file} {language}: {tagged} and {untagged}"
            );
        }
    }
}

#[test]
fn trade_in_other_senses_is_no_trade() {
    check(
        "Rovers trade winger for two defenders",
        "The club had until the trade deadline on Friday night.",
        &[],
    );
    check(
        "Trade union calls a strike",
        "The trade union said its members had voted for two days of strike action.",
        &[],
    );
    check(
        "Bakery wins trademark case",
        "The judge said the trademark had been used since 1988.",
        &[],
    );
    check(
        "Tradies wait for timber",
        "Tradies say that customers cancel jobs when the timber is late.",
        &[],
    );
    check(
        "A social tariff for old people",
        "The energy tariff would cut energy bills, the charity said.",
        &[],
    );
    check(
        "Keep what you import",
        "The app can import photos and export files in one step.",
        &[],
    );
}

#[test]
fn rare_and_earth_apart_are_no_rare_earths() {
    check(
        "A rare earthquake",
        "On Earth there is no ground that never moves, said the observatory.",
        &[],
    );
    check(
        "New headphones",
        "They come with neodymium drivers and a soft case.",
        &[],
    );
    check(
        "Rare birds return to Earth's coldest coast",
        "The rare birds were counted by a school class.",
        &[],
    );
    check(
        "A look at the week",
        "Rare Earth Exchanges published its list of the busiest harbours.",
        &[],
    );
}

#[test]
fn words_of_war_are_no_geopolitics_by_themselves() {
    check(
        "Gwyneth opens a shop",
        "A brand ambassador came to the opening, and so did two actors.",
        &[],
    );
    check(
        "Bakers in a price war",
        "The price war began when one shop sold its bread for less.",
        &[],
    );
    check(
        "A new Star Wars film",
        "The film's director said that the war scenes took nine weeks.",
        &[],
    );
    check(
        "Neighbours meet after quarrel",
        "A course in de-escalation helped them, the housing office said.",
        &[],
    );
}

#[test]
fn a_single_mention_in_a_long_article_gives_no_tag() {
    let long = CHOIR.repeat(30);
    let once = |words: &str| format!("{long}\nOne singer works for {words}.\n{long}");
    check("The choir", &once("a firm that pays tariffs on pianos"), &[]);
    check("The choir", &once("a maker of rare earth magnets"), &[]);
    check("The choir", &once("an ambassador"), &[]);
}

#[test]
fn an_article_on_the_subject_gets_the_tag_with_evidence() {
    let body = "Trade ministers agreed to lower tariffs on steel, ending a trade war that began two years ago.";
    let tagging = tagged("en", "Tariffs on steel to fall", body);
    let trade = tagging
        .tags
        .iter()
        .find(|t| t.name == "trade")
        .expect("it is about trade");
    let is_tariffs = |e: &&Evidence| e.zone == "title" && e.phrase == "Tariff" && (e.start, e.end) == (0, 6);
    assert!(
        trade.evidence.iter().any(|e| is_tariffs(&e) && e.weight > 0.0),
        "{:?}",
        trade.evidence
    );
    assert_eq!(tagging.scores.len(), 3);
}

#[test]
fn one_article_may_carry_all_three() {
    let body = "China said it would restrict exports of rare earths to Japan in retaliation for a visit to Taiwan.\n\
        Tokyo called the export controls on rare earths coercion, and its foreign minister summoned the ambassador.";
    check(
        "China curbs rare earth exports to Japan",
        body,
        &["trade", "rare-earths", "geopolitics"],
    );
}

#[test]
fn headlines_of_other_articles_at_the_end_change_nothing() {
    let foreign = format!("{CHOIR}\nTariffs rise again as trade war deepens\nRare earths: new export controls");
    check("The choir", &foreign, &[]);
    assert_eq!(tagged("en", "The choir", CHOIR), tagged("en", "The choir", &foreign));
    let brief = "The choir sings on the ferry";
    assert_eq!(
        tagged("en", "", brief),
        tagged("en", "", &format!("{brief}\nTariffs rise as trade war deepens"))
    );
}

#[test]
fn headlines_under_an_article_without_prose_count_where_they_tell_of_it() {
    let standfirst = "The conductor found a second piano in the car deck";
    let foreign =
        "Tariffs rise as trade war deepens\nNew export controls on rare earths\nForeign ministers meet in Mora";
    let alone = tagged("en", "The choir sings on the ferry", standfirst);
    let with = tagged(
        "en",
        "The choir sings on the ferry",
        &format!("{standfirst}\n{foreign}"),
    );
    assert!(alone.tags.is_empty() && with.tags.is_empty(), "{:?}", with.scores);
    let cluster =
        "Steel makers welcome the higher tariff\nTariff on steel divides the ministers\nSteel: what the duty means";
    check("Mora doubles its steel duty", cluster, &["trade"]);
}

#[test]
fn an_offer_before_the_text_moves_no_lead() {
    let body =
        "The ministry doubled the tariff on steel, and the trade minister called it fair.\nThe port of Mora waits.";
    let offered = format!("Our newsletter explains the trade wars of the day. Sign up here.\n{body}");
    assert_eq!(
        tagged("en", "Steel", body).scores,
        tagged("en", "Steel", &offered).scores
    );
}

#[test]
fn a_caption_tells_of_the_picture_alone() {
    let caption = "A plant that separates rare earths in Mora on March 2.";
    check("A choir on its way", caption, &["rare-earths"]);
    check("A choir on its way", &format!("{caption} (Ada Quill/The Post)"), &[]);
    check(
        "New mine of rare earths",
        &format!("{caption} (Ada Quill/The Post)"),
        &["rare-earths"],
    );
}

#[test]
fn different_phrases_that_meet_in_a_title_tell_more_than_one_said_twice() {
    let score = |title: &str| {
        tagged(
            "en",
            title,
            "The meeting lasted an hour, those who had been there said.",
        )
        .scores["geopolitics"]
    };
    let twice = score("China looks at China");
    for title in [
        "China looks at Japan",
        "China looks at NATO",
        "Ambassador looks at China",
    ] {
        assert!(score(title) > 4.0 * twice, "{title}: {} and {twice}", score(title));
    }
}

#[test]
fn a_text_without_a_title_is_read_by_its_first_sentence() {
    let body = "Foreign ministers of both states signed the peace treaty. The choir sang.";
    let text = Text {
        title: None,
        body,
        language: Some("en"),
    };
    let tagging = TAGGER.tag(&text);
    let evidence = &tagging.tags.first().expect("it is about geopolitics").evidence;
    assert!(!evidence.is_empty());
    for e in evidence {
        assert_eq!((e.zone, body.get(e.start..e.end)), ("lead", Some(e.phrase.as_str())));
    }
}

#[test]
fn context_counts_only_beside_the_subject_and_against_takes_away() {
    // `supply chain` is context of rare earths: alone it moves nothing.
    let weight = |title: &str, body: &str, phrase: &str| {
        let text = Text {
            title: Some(title),
            body,
            language: Some("en"),
        };
        let evidence = TAGGER.evidence(&text, "rare-earths");
        evidence
            .iter()
            .find(|e| e.phrase.eq_ignore_ascii_case(phrase))
            .map(|e| e.weight)
    };
    assert_eq!(
        weight("The ferry", "The supply chain of pianos is short.", "supply chain"),
        None
    );
    let beside = weight(
        "Rare earths",
        "The supply chain of rare earths is short.",
        "supply chain",
    );
    assert!(beside.is_some_and(|w| w > 0.0), "{beside:?}");
    assert!(weight("Rare earths", "The headphones are new.", "headphone").is_some_and(|w| w < 0.0));
}

#[test]
fn scores_are_not_stuck_at_either_end() {
    for (title, body) in [
        ("The choir", CHOIR),
        ("Trade", "Exports rose, the trade minister said on the ferry."),
        ("Mining", "The mine has rare earths and copper, said its owner."),
        (
            "Tariffs",
            "Tariffs, tariffs and tariffs: the trade war and the export controls on rare earths.",
        ),
    ] {
        let scores = tagged("en", title, body).scores;
        assert!(scores.values().all(|s| *s > 1e-6 && *s < 1.0 - 1e-6), "{scores:?}");
    }
}

#[test]
fn codes_of_the_media_topics_stand_where_one_fits() {
    let codes: Vec<Option<&str>> = TAGGER.taxonomies.iter().map(|t| t.iptc.as_deref()).collect();
    assert_eq!(codes, [Some("medtop:20000373"), None, Some("medtop:20000638")]);
    let tagging = tagged("en", "Tariff on steel", "The ministry doubled the tariff on steel.");
    assert_eq!(
        tagging.tags.first().and_then(|t| t.iptc.as_deref()),
        Some("medtop:20000373")
    );
}

#[test]
fn each_language_has_its_phrases() {
    for (language, trade, rare_earths, geopolitics) in [
        (
            "de",
            "Strafzölle auf Stahl, neuer Handelsstreit",
            "Neue Mine für Seltene Erden",
            "Waffenruhe zwischen Russland und der Ukraine",
        ),
        (
            "fr",
            "Droits de douane et guerre commerciale",
            "Un gisement de terres rares",
            "Cessez-le-feu entre la Russie et l'Ukraine",
        ),
        (
            "es",
            "Aranceles al acero y guerra comercial",
            "Un yacimiento de tierras raras",
            "Alto el fuego entre Rusia y Ucrania",
        ),
        (
            "pt",
            "Tarifas de importação e guerra comercial",
            "Uma jazida de terras raras",
            "Cessar-fogo entre Rússia e Ucrânia",
        ),
        (
            "it",
            "Dazi sull'acciaio, guerra commerciale",
            "Un giacimento di terre rare",
            "Tregua tra Russia e Ucraina, sanzioni",
        ),
        (
            "pl",
            "Cła na stal i wojna handlowa",
            "Nowe złoża metali ziem rzadkich",
            "Zawieszenie broni między Rosją a Ukrainą, sankcje",
        ),
        (
            "ru",
            "Пошлины на сталь и торговая война",
            "Новый рудник редкоземельных металлов",
            "Перемирие и санкции: Россия и Украина",
        ),
        (
            "zh",
            "美国对钢铁加征关税，贸易战升级",
            "新稀土矿开采",
            "俄罗斯与乌克兰停火谈判",
        ),
        (
            "ja",
            "鉄鋼に追加関税、貿易戦争が激化",
            "レアアースの鉱山を開発",
            "ロシアとウクライナ、停戦協議",
        ),
        (
            "ko",
            "철강 관세, 무역전쟁 격화",
            "희토류 광산 개발",
            "러시아와 우크라이나 휴전 협상",
        ),
        (
            "ar",
            "رسوم جمركية على الصلب والحرب التجارية",
            "منجم جديد للعناصر: المعادن الأرضية النادرة",
            "وقف إطلاق النار بين روسيا وأوكرانيا",
        ),
        (
            "hi",
            "इस्पात पर टैरिफ और व्यापार युद्ध",
            "दुर्लभ मृदा का खनन",
            "रूस और यूक्रेन के बीच युद्धविराम",
        ),
    ] {
        for (name, title) in [
            ("trade", trade),
            ("rare-earths", rare_earths),
            ("geopolitics", geopolitics),
        ] {
            let tagging = tagged(language, title, title);
            assert!(
                tagging.tags.iter().any(|t| t.name == name),
                "{language} {name}: {title} {:?}",
                tagging.scores
            );
        }
    }
}

#[test]
fn a_language_reads_no_word_of_another() {
    for (language, body) in [
        (
            "de",
            "Es war ein schöner Abend, sagte die Chorleiterin, und der Saal war voll. Ein wichtiger, ein importanter Gast kam.",
        ),
        (
            "fr",
            "Il est important de répéter, dit la cheffe du chœur, et la salle était pleine.",
        ),
        ("es", "El coro ensaya en el barco de la noche, y los pasajeros cantan."),
        ("pt", "O coro ensaia no barco da noite, e os passageiros cantam."),
        ("it", "Il coro prova sul traghetto della notte, e i passeggeri cantano."),
        ("pl", "Chór ćwiczy na nocnym promie, a pasażerowie śpiewają razem."),
        ("ru", "Хор репетирует на ночном пароме, и пассажиры подпевают."),
        ("zh", "合唱团在夜间渡轮上排练，乘客跟着一起唱。"),
        ("ja", "合唱団は夜のフェリーで練習し、乗客も一緒に歌う。"),
        ("ko", "합창단은 밤 페리에서 연습하고 승객들도 함께 노래한다."),
        ("ar", "تتدرب الجوقة على العبارة الليلية ويغني الركاب معها."),
        ("hi", "गायक मंडली रात की नौका पर अभ्यास करती है और यात्री साथ गाते हैं।"),
        ("sv", "Kören övar på nattfärjan, och passagerarna sjunger med."),
    ] {
        check_in(language, "", body, &[]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_survived_and_scored(title: String, body: String, language: Option<String>) {
        let tagging = TAGGER.tag(&Text { title: Some(&title), body: &body, language: language.as_deref() });
        prop_assert!(tagging.scores.values().all(|score| (0.0..=1.0).contains(score)));
        for evidence in tagging.tags.iter().flat_map(|t| &t.evidence) {
            let text = if evidence.zone == "title" { &title } else { &body };
            prop_assert_eq!(text.get(evidence.start..evidence.end), Some(evidence.phrase.as_str()));
        }
    }

    #[test]
    fn a_tag_is_the_same_alone_as_among_others(
        words in proptest::collection::vec(0_usize..24, 0..60), language in 0_usize..5, chosen in proptest::collection::vec(any::<bool>(), 5),
    ) {
        const WORDS: [&str; 24] = [
            "US", "us", "tariff", "tariffs", "Trade", "union", "war", "rare", "earths", "the", "NATO", "sanctions", ".", "\n", "China",
            "export", "controls", "ferry", "Zoll", "Zölle", "newsletter", "санкции", "de-escalation", "WTO",
        ];
        let body: Vec<&str> = words.iter().map(|n| WORDS[*n]).collect();
        let body = body.join(" ");
        let mut all = shipped();
        for (name, phrases) in [("lower", "en = [\"us\", \"rare\"]\nsv = [\"ferry\"]"), ("upper", "en = [\"US\"]\n[[concept]]\nname = \"b\"\nany = [\"us\"]")] {
            let file = format!("name = \"{name}\"\n[[concept]]\nname = \"a\"\n{phrases}\n");
            all.push(Taxonomy::parse(name, &file).unwrap());
        }
        let tagger = Tagger::new(all);
        let language = ["en", "de", "sv", "xx", ""][language];
        let text = Text { title: None, body: &body, language: Some(language).filter(|l| !l.is_empty()) };
        let (among, alone) = (tagger.tag(&text), tagger.of_some(&chosen).tag(&text));
        for (name, score) in &alone.scores {
            prop_assert_eq!(among.scores[name].to_bits(), score.to_bits());
            let given = |tagging: &Tagging| tagging.tags.iter().find(|t| t.name == *name).cloned();
            prop_assert_eq!(given(&among), given(&alone));
        }
    }
}
