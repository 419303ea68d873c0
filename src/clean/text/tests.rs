//! The cleaning of text as a whole: samples in several languages, and what holds for any text.

use proptest::prelude::*;

use super::super::work;
use super::clean;
use crate::clean::Hints;

fn cleaned(text: &str) -> String {
    clean(text, &Hints::default()).text
}

/// Lines that begin with `+ ` are the article, the rest is furniture.
fn check(sample: &str) {
    let lines: Vec<&str> = sample.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let input: Vec<&str> = lines.iter().map(|l| l.strip_prefix("+ ").unwrap_or(l)).collect();
    let expected: Vec<&str> = lines.iter().filter_map(|l| l.strip_prefix("+ ")).collect();
    assert_eq!(cleaned(&input.join("\n")), expected.join("\n"));
}

const BODY: &str = "\
The harbour authority said on Monday that all eleven cranes would be back at work before the end of the week, after a dispute that had lasted nine weeks.
Ships had been waiting outside the breakwater since early spring, and several shipping lines had sent their vessels to other ports along the coast.
“We are glad that the talks have come to an end,” said Marta Lindqvist, who led them for the union. “It was a long winter for everybody here.”
The agreement provides for a raise of four per cent this year and three per cent next year, together with a new rota for the night shifts.
Both sides said they would publish the full text after their members had voted on it, which is expected to take about ten days.";

#[test]
fn an_article_alone_stays_as_it_is() {
    assert_eq!(cleaned(BODY), BODY);
}

#[test]
fn notices_run_together_go_from_within_an_article() {
    let (before, behind) = BODY.split_once('\n').unwrap();
    let notices = "Follow us on the networks for the latest pictures from the quay. Share this story with your crew. Already a subscriber \
        of the harbour post? Log in to go on reading. Comments are read by people before they are shown.";
    assert_eq!(cleaned(&format!("{before}\n{notices}\n{behind}")), BODY);
}

#[test]
fn cards_and_calls_go_from_within_a_paragraph() {
    let (before, behind) = BODY.split_once("said Marta Lindqvist,").unwrap();
    let card = "Marta LindqvistStrike ends after nine weeks Ferries to sail again MORE";
    let call = "Sign up for our newsletter and read it first.";
    let text = format!("{before}said Marta Lindqvist{card},{behind}  {call}");
    let cleaned = clean(&text, &Hints::default());
    assert_eq!(cleaned.text, BODY);
    let went = cleaned.removed.iter().map(|r| (r.reason, text[r.start..r.end].trim()));
    assert_eq!(went.collect::<Vec<_>>(), [("related", card), ("newsletter", call)]);
}

#[test]
fn a_short_closing_sentence_stays_whatever_it_speaks_of() {
    let check = |closing: &str| {
        let text = format!(
            "Home\nNews\nSport\nBusiness\n{BODY}\n{closing}\nRelated topics\nHarbours\nAbout us\nPrivacy policy"
        );
        assert_eq!(cleaned(&text), format!("{BODY}\n{closing}"));
    };
    check("He declined to comment.");
    check("The video was shared on Facebook.");
    check("The newsletter closed in 2012.");
}

#[test]
fn a_sentence_broken_at_its_links_stays_whole() {
    let broken = "The first ship was last seen\non Monday\nnear the pier, the pilots said.";
    let text = format!(
        "Home\nNews\nSport\nBusiness\nCranes to move again\nBy Ada Quill\n4 March 2031\n{broken}\n{BODY}\nShare this article\nAbout us\nPrivacy policy"
    );
    assert_eq!(cleaned(&text), format!("{broken}\n{BODY}"));
}

#[test]
fn white_space_is_folded_and_nothing_else_changes() {
    let spaced = BODY.replace(' ', " \t ").replace('\n', "\r\n\r\n");
    assert_eq!(cleaned(&spaced), BODY);
}

#[test]
fn an_article_alone_stays_whole() {
    let check = |text: &str| assert_eq!(clean(text, &Hints::default()).text, text);
    check(
        "The shipyard said on Tuesday that it would build a second paint shop beside the dock, at a cost of forty million.\n\
         What it promises to the town:\n\
         180 new jobs, of which 60 in software\n\
         Heat from the ovens for 400 homes\n\
         First deliveries in August\n\
         Founded in a shed on the quay, the yard has built ferries for every island of the coast and for some beyond it.",
    );
    check(
        "The committee heard the harbour master on Monday about the contract that was let without a tender in the spring.\n\
         Chair\n\
         Can you tell the committee why the dredging was given to the only firm that was asked for an offer?\n\
         Nora Keel\n\
         The channel had silted up in two nights, and we had ships waiting with grain that would not keep for another week.\n\
         Chair\n\
         But nineteen million?\n\
         Nora Keel\n\
         It was the only dredger within six days' sail, and the owners knew that as well as we did, I am sorry to say.",
    );
}

#[test]
fn lines_that_differ_in_their_figures_are_no_repeats() {
    let line = |segment: &str, sales: &str, rise: &str| {
        format!(
            "Net sales of the {segment} segment were ${sales} million, an increase of {rise} percent over the same quarter of last year."
        )
    };
    let lines = [
        "The company told its results for the third quarter on Tuesday, and its shares rose in early trading."
            .to_owned(),
        line("Pumps", "214.3", "4.1"),
        line("Valves", "98.7", "2.6"),
        line("Service", "55.2", "9.8"),
        "The chief executive said that demand was strong and that the order book had never been fuller.".to_owned(),
    ];
    assert_eq!(clean(&lines.join("\n"), &Hints::default()).text, lines.join("\n"));
}

#[test]
fn a_body_that_stands_there_twice_stands_there_once() {
    assert_eq!(cleaned(&format!("{BODY}\n{BODY}")), BODY);
    let (_, rest) = BODY.split_once('\n').unwrap();
    assert_eq!(cleaned(&format!("{BODY}\n{rest}")), BODY);
    let twice: Vec<String> = BODY.lines().map(|l| format!("{l}\n{l}")).collect();
    assert_eq!(cleaned(&twice.join("\n")), BODY);
    let edited = BODY
        .replace("all eleven", "eleven")
        .replace("long winter", "very long winter");
    assert_eq!(cleaned(&format!("{BODY}\n{edited}")), BODY);
}

#[test]
fn a_refrain_stays() {
    let refrain = "Row the boat, the night is long,\nrow the boat, my dear,\nrow the boat and sing the song,\nmorning will be here.";
    let (start, rest) = BODY.split_at(BODY.match_indices('\n').nth(1).unwrap().0);
    let between =
        "He wrote the second verse on the train home, he told the paper afterwards, and the crew took it up at once.";
    let song = format!("{start}\n{refrain}\n{between}\n{refrain}{rest}");
    assert_eq!(cleaned(&song).matches("my dear").count(), 2);
}

#[test]
fn every_line_that_goes_has_its_place_and_reason() {
    let input = format!(
        "Home\n  Share on Facebook\n\n{BODY}\nSubscribe to our newsletter\nCopyright 2031 The Gull. All rights reserved.\n\u{a9} 2031 The Gull. All rights reserved."
    );
    let cleaned = clean(&input, &Hints::default());
    assert_eq!(cleaned.text, BODY);
    let told: Vec<(&str, &str)> = cleaned
        .removed
        .iter()
        .map(|r| (r.reason, &input[r.start..r.end]))
        .collect();
    // Lines that stand together and go for one reason are one span.
    assert_eq!(
        told,
        [
            ("navigation", "Home"),
            ("share", "Share on Facebook"),
            ("newsletter", "Subscribe to our newsletter"),
            (
                "footer",
                "Copyright 2031 The Gull. All rights reserved.\n\u{a9} 2031 The Gull. All rights reserved."
            ),
        ]
    );
}

#[test]
fn the_title_of_the_record_goes() {
    let hints = Hints {
        title: Some("Cranes to move again in the harbour"),
        ..Hints::default()
    };
    let input = format!("Cranes to move again in the harbour\n{BODY}");
    let cleaned = clean(&input, &hints);
    assert_eq!(cleaned.text, BODY);
    assert_eq!(cleaned.removed[0].reason, "title");
}

#[test]
fn the_title_goes_wherever_markers_stand() {
    let title = "Harbour strike ends after nine weeks";
    let hints = Hints {
        title: Some(title),
        ..Hints::default()
    };
    let text = format!("Advertisement\n{title}\n{BODY}\nAdvertisement\n{title}");
    assert_eq!(clean(&text, &hints).text, BODY);
}

#[test]
fn a_text_in_one_line_stays() {
    let line = BODY.replace('\n', " ");
    assert_eq!(cleaned(&line), line);
    let short = "A bus and a lorry collided near the old mill on Sunday; nobody was hurt.";
    assert_eq!(cleaned(short), short);
}

#[test]
fn a_page_without_an_article_gives_nothing() {
    let sections = [
        "Home", "News", "Sport", "Culture", "Weather", "Traffic", "Jobs", "Cars", "Imprint", "Privacy", "Contact",
    ];
    let about = "The Gull tells the people of Oldbrook every day what goes on around the harbour, in the town and on the islands.";
    let page = format!(
        "{0}\n{0} here\n{about}\n{0}\n{0} now\n© 2031 The Gull. All rights reserved.\n{0}",
        sections.join("\nThe latest on ")
    );
    let found = clean(&page, &Hints::default());
    assert_eq!(found.text, "");
}

#[test]
fn a_lone_paragraph_stays_beside_headlines() {
    check(
        "+ The ferry to the northern islands will sail twice a day from May, the harbour company said.
         You may also like
         Council weighs new rules for market stalls
         Lighthouse keeper retires after forty winters
         Three towns share one orchestra",
    );
    check(
        "+ Harbour company adds a second sailing for the summer guests
         You may also like
         Council weighs new rules for market stalls
         Lighthouse keeper retires after forty winters
         Three towns share one orchestra",
    );
}

#[test]
fn headlines_alone_stay() {
    check(
        "+ Second ferry for the northern islands The Harbour Post
         + Islanders welcome the second ferry Coast Radio
         + Why the islands get a second ferry The Evening Lamp",
    );
    check(
        "+ Qtly dividend six cts vs five cts prior
         + Pay May 4
         + Record April 20",
    );
}

#[test]
fn what_a_repeat_takes_with_it_is_settled() {
    let long = "© 2031 gullharbourexampleincorporatedandallitssubsidiaries";
    for text in [
        format!("{long}\n2031\n{long}! {long}"),
        format!("2031\n2031\n{long}\n{long}! {long}"),
    ] {
        let once = cleaned(&text);
        assert_eq!(cleaned(&once), once);
    }
}

#[test]
fn headlines_within_an_article_go() {
    let lines: Vec<&str> = BODY.lines().collect();
    let (first, rest) = lines.split_at(2);
    let [first, rest] = [first, rest].map(|part| part.join("\n"));
    for lead in include_str!("leads.txt").lines() {
        let link = format!("{lead}: Council weighs new rules");
        assert_eq!(cleaned(&format!("{first}\n{link}\n{rest}")), BODY, "{link}");
    }
    let kept = "Recommended: two lamps for each berth";
    assert!(cleaned(&format!("{first}\n{kept}\n{rest}")).contains(kept));
}

#[test]
fn what_stands_between_paragraphs_is_not_the_end_of_the_article() {
    let inserts = [
        "Share\nFacebook\nX\nWhatsApp\nBluesky",
        "1.2k shares\nFacebook\nMessenger",
        "list of 2 items\nlist 1 of 2\nSwans return to the lake\nlist 2 of 2\nA bridge is painted\nend of list",
        "Skip past newsletter promotion\nThe week in five minutes\nafter newsletter promotion",
        "Advertisement\nThanks for watching!\nVisit website",
        "The old locks at low tide, seen from the mole | Photo: Ana Duarte / Coastal Press",
        "Enjoying this story? Sign up for our newsletter.",
        "Image source, Coastal Press",
    ];
    let lines: Vec<&str> = BODY.lines().collect();
    for insert in inserts {
        for place in 1..lines.len() {
            let (before, behind) = lines.split_at(place);
            let mut text: Vec<&str> = before.to_vec();
            text.push(insert);
            text.extend(behind);
            // An advertisement's slot is known by standing there twice.
            if insert.starts_with("Adv") {
                text.insert(1, insert);
            }
            assert_eq!(cleaned(&text.join("\n")), BODY, "{insert} at {place}");
        }
    }
}

#[test]
fn the_only_date_at_the_top_is_the_articles_own() {
    let dated = format!("2031-05-12\n{BODY}");
    assert_eq!(cleaned(&dated), BODY);
    let chronicle = format!(
        "12 May 2031\n{BODY}\n14 May 2031\nThe cranes stood still again, and nobody could say for how long they would."
    );
    assert_eq!(cleaned(&chronicle), chronicle);
}

#[test]
fn an_article_in_one_line_without_a_stop_is_not_lost() {
    let wish = BODY.replace(['.', '\n', '”', '“'], " ");
    let page = format!("Wishes\nYou may also like\n{wish}\nTen cakes to bake\nThe swimming pool\nPrivacy");
    assert!(cleaned(&page).contains("eleven cranes"));
}

/// The steps that a text takes which begins with a long line of dashes and goes on with `piece`s.
fn steps(piece: &str, bytes: usize) -> usize {
    let dashes = "-".repeat(bytes / 2);
    let text = format!(
        "{BODY}\nThe ferry came late {dashes} and nobody knew why.\n{}",
        piece.repeat(bytes / 2 / piece.len())
    );
    work::of(|| drop(cleaned(&text)))
}

/// Ten times the text, ten times the steps.
#[test]
fn linear_in_its_input() {
    let pieces = [
        "The ferry came late, and nobody knew why it did.\n",
        "The ferry came late and ",
        "x\n",
        "- ",
        "\n\n",
        "The ferry. ",
        "Advertisement\n",
        "a. b. c.\n",
        "The ferry came late - nobody\n",
    ];
    for piece in pieces {
        let (small, large) = (steps(piece, 10_000), steps(piece, 100_000));
        assert!(large <= 12 * small + 100_000, "{piece:?}: {small}, then {large} steps");
    }
}

/// What is told of a text is not larger than the text, however many its lines are.
#[test]
fn many_lines_of_furniture_are_few_spans() {
    let text = format!("{BODY}\n{}", "Home\nNews\nx\n".repeat(20_000));
    let cleaned = clean(&text, &Hints::default());
    assert_eq!(cleaned.text, BODY);
    assert!(cleaned.removed.len() < 20, "{}", cleaned.removed.len());
}

#[test]
fn linear_in_its_input_when_that_is_large() {
    let page = format!("{BODY}\nShare\nHome\nNews\nYou may also like\n");
    let (small, large) = (steps(&page, 300_000), steps(&page, 3_000_000));
    assert!(large <= 10 * small + small / 2, "{small}, then {large} steps");
}

#[test]
fn english() {
    check(
        "Home
        News
        Sport
        Harbour strike ends after nine weeks
        By Ann Harrow
        12 March 2031, 10:41
        Share on Facebook
        Tweet
        + The harbour authority said on Monday that all eleven cranes would be back at work before the end of the week.
        + Ships had been waiting outside the breakwater since early spring, and several lines had sent theirs elsewhere.
        + “We are glad that the talks have come to an end,” said Marta Lindqvist, who led them for the union.
        Advertisement
        + The agreement provides for a raise of four per cent this year, together with a new rota for the night shifts.
        You may also like
        Ten cakes to bake with children this weekend
        Mayor opens the new swimming pool in Oldbrook
        Sign up for our newsletter
        © 2031 The Gull. All rights reserved.",
    );
}

#[test]
fn german() {
    check(
        "Startseite
        Politik
        Wirtschaft
        Von Jens Ahrens
        Teilen
        Drucken
        + Die Hafenverwaltung teilte am Montag mit, dass alle elf Kräne noch in dieser Woche wieder in Betrieb gehen sollen.
        + Seit dem Frühjahr hatten Schiffe vor der Mole gewartet, und mehrere Reedereien hatten ihre Frachter umgeleitet.
        + „Wir sind froh, dass die Gespräche zu einem Ende gekommen sind“, sagte die Verhandlungsführerin der Gewerkschaft.
        Anzeige
        + Die Einigung sieht in diesem Jahr vier Prozent mehr Lohn vor und einen neuen Plan für die Nachtschichten.
        Das könnte Sie auch interessieren
        Zehn Kuchen für das Wochenende
        Impressum
        Datenschutz",
    );
}

#[test]
fn french() {
    check(
        "Accueil
        Politique
        Économie
        Partager
        + L’autorité portuaire a annoncé lundi que les onze grues reprendraient le travail avant la fin de la semaine.
        + Des navires attendaient devant la digue depuis le printemps, et plusieurs armateurs avaient choisi d’autres ports.
        + « Nous sommes heureux que les discussions soient terminées », a déclaré la négociatrice du syndicat.
        + L’accord prévoit une hausse de quatre pour cent cette année et un nouvel horaire pour les équipes de nuit.
        Lire aussi
        Dix gâteaux à préparer ce week-end
        Abonnez-vous
        Mentions légales",
    );
}

#[test]
fn spanish() {
    check(
        "Inicio
        Economía
        Deportes
        Compartir
        + La autoridad portuaria anunció el lunes que las once grúas volverán a trabajar antes del fin de semana.
        + Los barcos esperaban frente al rompeolas desde la primavera, y varias navieras los habían enviado a otros puertos.
        + «Nos alegra que las conversaciones hayan terminado», dijo la negociadora del sindicato a los periodistas.
        + El acuerdo prevé un aumento del cuatro por ciento este año y un nuevo horario para los turnos de noche.
        Te puede interesar
        Diez pasteles para este fin de semana
        Aviso legal
        Todos los derechos reservados",
    );
}

#[test]
fn russian() {
    check(
        "Главная
        Политика
        Экономика
        Поделиться
        + Управление порта сообщило в понедельник, что все одиннадцать кранов вернутся к работе до конца недели.
        + Суда ждали у волнореза с начала весны, и несколько компаний отправили свои корабли в другие порты побережья.
        + «Мы рады, что переговоры наконец завершились», — сказала журналистам представительница профсоюза.
        + Соглашение предусматривает повышение зарплаты на четыре процента в этом году и новый график ночных смен.
        Читайте также
        Десять пирогов на выходные
        Все права защищены",
    );
}

#[test]
fn chinese() {
    check(
        "首页
        财经
        体育
        分享到
        微博
        + 港务局星期一表示，全部十一台起重机将在本周内恢复作业，持续九个星期的劳资纠纷就此结束。
        + 自初春以来，许多船只一直在防波堤外等候，几家航运公司已经把船改派到沿海的其他港口。
        + 工会首席谈判代表说：“我们很高兴谈判终于结束了，对这里的每个人来说，这都是一个漫长的冬天。”
        + 协议规定今年工资上涨百分之四，明年再上涨百分之三，并为夜班制定新的轮班表。
        相关阅读
        周末适合和孩子一起烤的十种蛋糕
        版权所有",
    );
}

#[test]
fn japanese() {
    check(
        "ホーム
        ニュース
        シェア
        ツイート
        + 港湾局は月曜日、十一基のクレーンすべてが今週中に作業を再開すると発表し、九週間続いた争議が終わった。
        + 春先から多くの船が防波堤の外で待機しており、いくつかの海運会社は沿岸の別の港に船を回していた。
        + 組合の交渉責任者は「話し合いが終わってうれしい。ここの誰にとっても長い冬だった」と語った。
        + 合意では今年の賃金を四パーセント引き上げ、夜勤の新しい当番表を設けることになっている。
        関連記事
        週末に子どもと焼くケーキ十選
        無断転載を禁じます",
    );
}

#[test]
fn arabic() {
    check(
        "الرئيسية
        سياسة
        اقتصاد
        مشاركة
        + أعلنت هيئة الميناء يوم الاثنين أن الرافعات الإحدى عشرة ستعود إلى العمل قبل نهاية الأسبوع بعد نزاع دام تسعة أسابيع.
        + كانت السفن تنتظر خارج حاجز الأمواج منذ بداية الربيع، وأرسلت عدة شركات سفنها إلى موانئ أخرى على الساحل.
        + وقالت كبيرة مفاوضي النقابة للصحفيين إنها سعيدة بانتهاء المحادثات بعد شتاء طويل على الجميع هنا.
        + وينص الاتفاق على زيادة قدرها أربعة في المئة هذا العام مع جدول جديد لنوبات العمل الليلية.
        اقرأ أيضا
        عشر كعكات لعطلة نهاية الأسبوع
        جميع الحقوق محفوظة",
    );
}

#[test]
fn hindi() {
    check(
        "होम
        देश
        खेल
        शेयर करें
        + बंदरगाह प्राधिकरण ने सोमवार को कहा कि सभी ग्यारह क्रेन इस सप्ताह के अंत से पहले फिर से काम करने लगेंगी।
        + वसंत की शुरुआत से जहाज़ बाहर इंतज़ार कर रहे थे और कई कंपनियों ने अपने जहाज़ दूसरे बंदरगाहों को भेज दिए थे।
        + यूनियन की मुख्य वार्ताकार ने पत्रकारों से कहा कि उन्हें बातचीत के पूरा होने की बहुत खुशी है।
        + समझौते में इस साल चार प्रतिशत वेतन वृद्धि और रात की पाली के लिए नई समय सारणी का प्रावधान है।
        यह भी पढ़ें
        सप्ताहांत के लिए दस केक
        सर्वाधिकार सुरक्षित",
    );
}

#[test]
fn a_page_of_links_is_no_article() {
    let links = "Home\nNews\nSport\nWeather\nContact us\nPrivacy policy\nTerms of use\nSign in\nSearch\nFacebook\nTwitter\n© 2031 The Gull";
    assert_eq!(cleaned(links), "");
}

/// Lines as pages have them: prose, headlines, furniture, numbers, in any order and number.
fn any_page() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        3 => prop::sample::select(BODY.lines().map(str::to_owned).collect::<Vec<_>>()),
        2 => "[A-Z][a-z]{2,8}( [a-z]{1,9}){1,24}[.!?]",
        1 => "[A-Z][a-z]{2,8}( [A-Z]?[a-z]{1,9}){0,8}",
        1 => prop::sample::select(vec![
            "Share", "Home", "Advertisement", "Read more", "By Ann Harrow", "12 March 2031", "© 2031", "|", "1", "分享到", "相关阅读",
            "Subscribe to our newsletter", "Read more: Harbour strike ends", "Harbour strike ends after nine weeks",
            "Image: Ann Harrow", "港务局星期一表示，全部十一台起重机将在本周内恢复作业。",
            "Facebook", "X", "1.2k shares", "2031-03-12", "list of 2 items", "end of list", "Skip past the box", "after the box", "Thanks for watching!",
            "The old locks at low tide | Photo: Ann Harrow", "Enjoying this story? Sign up for our newsletter.", "Leave a Reply",
            "Ann Harrow / Reuters", "Photo: Ann Harrow", "3 of 8", "Here is a picture of the quay:",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,40}",
        1 => with_pieces(),
    ];
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.join("\n"))
}

/// Lines of pieces that are cut from within lines, and of what stands around those.
fn with_pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "Rep. Jo Marra",
        "Jo Marra",
        "Jo Ann ",
        "Marra",
        "Port vote put off",
        " MORE",
        " (Ind.)",
        " said so.",
        "\u{a0}\t",
        " ",
        "-",
        "’s",
        ".",
        " Sign up for our newsletter.",
        " Click here to get the Gull’s Newsletter",
        " The locks open on Monday.",
    ]);
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

/// Whether the lines of `output` are lines of `input`, whole or what is left of them, in order.
fn is_from(output: &str, input: &str) -> bool {
    let mut input = super::lines::split(input).list.into_iter().map(|l| {
        let mut folded = String::new();
        super::lines::push_folded(&mut folded, l.of(input));
        folded
    });
    let is_left_of = |line: &str, whole: &str| {
        let mut whole = whole.chars();
        line.chars().all(|c| whole.any(|other| other == c))
    };
    output.lines().all(|line| input.any(|whole| is_left_of(line, &whole)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn cleaning_what_is_clean_changes_nothing(text in any_page(), title in 0..40_usize) {
        let hints = Hints { title: text.lines().nth(title), ..Hints::default() };
        let once = clean(&text, &hints).text;
        prop_assert_eq!(clean(&once, &hints).text, once);
    }

    #[test]
    fn cleaning_what_is_clean_in_parts_changes_nothing(text in any_page()) {
        let left = |text: &str| {
            let lines = super::lines::split(text).list;
            let reasons = super::reasons(text, &lines, &super::Title::new(None), 8);
            let stays = lines.iter().zip(reasons).filter(|(_, reason)| reason.is_none());
            stays.map(|(line, _)| line.of(text)).collect::<Vec<_>>().join("\n")
        };
        let once = left(&text);
        prop_assert_eq!(left(&once), once);
    }

    #[test]
    fn nothing_is_invented_and_spans_are_in_order(text in any_page()) {
        let cleaned = clean(&text, &Hints::default());
        prop_assert!(is_from(&cleaned.text, &text));
        let mut at = 0;
        for removed in &cleaned.removed {
            prop_assert!(at <= removed.start && removed.start < removed.end);
            prop_assert!(text.get(removed.start..removed.end).is_some());
            at = removed.end;
        }
    }

    #[test]
    fn cutting_within_lines_leaves_nothing_to_cut(line in with_pieces()) {
        let text = format!("{BODY}\n{line}");
        let once = clean(&text, &Hints::default()).text;
        prop_assert_eq!(clean(&once, &Hints::default()).text, once);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,300}|[\\s\\S]{0,300}") {
        let told = clean(&text, &Hints::default());
        let lines = if told.text.is_empty() { 0 } else { told.text.split('\n').count() };
        prop_assert_eq!(told.places.len(), lines);
        let once = cleaned(&text);
        prop_assert_eq!(cleaned(&once), once);
    }
}

#[test]
fn a_paragraph_behind_the_headline_is_an_article_however_much_is_around_it() {
    let menu = "Home\nNews\nBusiness\nSports\nHigh School Sports\nEntertainment\nJobs\nAutos\nReal Estate\nClassifieds\nObituaries\nPhotos & Videos\nFollow Us\n\
                Subscribe\n";
    let footer = "View/Post Comments\nRelated Stories\nMost Read\nAbout Us\nAdvertise with us\nContact Us\nCustomer Service\nPlace an ad\nGet home delivery\n\
                  Submit a news tip\nMobile Apps | Tablet Apps\nWeather\nSell your car\nFree newsletters\n© 2026 The Gull. All rights reserved.\n";
    let headline = "Boat show, ferry trials and night market among big events next month in Port Amsel";
    let origin = "Print\nBy Ada Quill | aquill@gull.example\non December 29, 2025 at 7:56 AM\n";
    let page = |headline: &str, lead: &str| {
        format!(
            "{headline} | The Gull\n{}{headline}\n{origin}{lead}\n{footer}{}",
            menu.repeat(6),
            menu.repeat(2)
        )
    };
    for lead in [
        "PORT AMSEL - Boat builders, ferry captains and market traders are among groups expected to bring more than 5,900 people to the town in January.",
        "It's the harbour's oldest tradition and this year the boat show comes with ferry trials and a market on the quay, with stalls that stay open \
         until midnight for the first",
        "Boat builders and market traders come to town.",
        "Boat builders comment on the list of new rules for the harbour, which the council has published with a photo of each of the eleven cranes \
         that it is about.",
    ] {
        assert_eq!(clean(&page(headline, lead), &Hints::default()).text, lead);
        assert_eq!(clean(lead, &Hints::default()).text, lead);
        // Without the headline it is the site's word on itself.
        assert_eq!(clean(&page("", lead), &Hints::default()).text, "");
    }
}

#[test]
fn whose_a_picture_is_goes_from_wherever_it_stands() {
    let said = |who: &str| {
        format!(
            "The {who} said on Monday that all eleven cranes would be back at work within the week, if the weather on the sea allows it."
        )
    };
    for credit in [
        "Photo: Ada Quill",
        "Ada Quill / Reuters",
        "Ada Quill Submitted photo",
        "1 of 8",
    ] {
        let text = [
            said("council").as_str(),
            "Three days on the quay",
            credit,
            &said("harbour"),
            &said("union"),
            credit,
        ]
        .join("\n");
        let cleaned = clean(&text, &Hints::default());
        assert_eq!(
            cleaned.text,
            [
                said("council").as_str(),
                "Three days on the quay",
                &said("harbour"),
                &said("union")
            ]
            .join("\n")
        );
        assert!(
            cleaned.removed.iter().all(|removed| removed.reason == "credit"),
            "{:?}",
            cleaned.removed
        );
    }
}

#[test]
fn a_line_that_announces_what_follows_stays() {
    let said = "The harbour authority said on Monday that all eleven cranes would be back at work within the week.";
    for line in [
        "Finally, images are most of what the page of the port weighs, and all but one of them could well go, except:",
        "Here is a screenshot of the sort of image that the cameras on the pier are going to make from now on:",
    ] {
        let text = [
            said,
            line,
            said.replace("Monday", "Friday").as_str(),
            said.replace("cranes", "ferries").as_str(),
        ]
        .join("\n");
        assert_eq!(clean(&text, &Hints::default()).text, text);
    }
}

#[test]
fn one_paragraph_amid_hundreds_of_links_is_not_given_up() {
    let paragraph = "A equipe do posto de saúde do bairro do Porto registrou nesta manhã o arrombamento de dois dos cinco carros da unidade. \
        Os veículos estavam sem as baterias e com as portas riscadas. Foi feito boletim de ocorrência e a polícia foi até o local. Os pacientes \
        da manhã desta sexta-feira serão atendidos na próxima semana. A secretaria prevê que o atendimento volte ao normal à tarde.";
    let names = [
        "Secretaria de Obras",
        "Secretaria de Saúde",
        "Prefeitura",
        "Licitações",
        "Concursos",
        "Ouvidoria",
        "Turismo",
        "Esportes",
        "Cultura",
        "Mapa",
        "Notícias",
        "Serviços",
        "Cidadão",
        "Empresa",
        "Servidor",
        "Transparência",
    ];
    let link = |number: usize| {
        format!(
            "{} {}\n",
            names[number % names.len()],
            names[(number * 7 + 3) % names.len()]
        )
    };
    let links = |count: usize| (0..count).map(link).collect::<String>();
    let text = format!(
        "{}{paragraph}\nFacebook Twitter Google+ Whatsapp\n{}",
        links(300),
        links(20)
    );
    assert_eq!(clean(&text, &Hints::default()).text, paragraph);
}
