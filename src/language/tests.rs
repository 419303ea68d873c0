use proptest::prelude::*;

use super::*;

fn check(text: &str, hint: Option<&str>, expected: Option<&str>) {
    assert_eq!(detect(text, hint).as_deref(), expected, "{text} ({hint:?})");
}

#[test]
fn the_language_is_read_from_the_text() {
    for (text, expected) in [
        (
            "The harbour was closed for two days after the storm tore a crane from its rails.",
            "en",
        ),
        (
            "Der Hafen blieb zwei Tage lang geschlossen, nachdem der Sturm einen Kran umgerissen hatte.",
            "de",
        ),
        (
            "Le port est resté fermé pendant deux jours après que la tempête a renversé une grue.",
            "fr",
        ),
        (
            "El puerto permaneció cerrado durante dos días después de que la tormenta derribara una grúa.",
            "es",
        ),
        (
            "O porto ficou fechado durante dois dias depois que a tempestade derrubou um guindaste.",
            "pt",
        ),
        (
            "Il porto è rimasto chiuso per due giorni dopo che la tempesta ha abbattuto una gru.",
            "it",
        ),
        (
            "Port był zamknięty przez dwa dni po tym, jak wichura przewróciła dźwig.",
            "pl",
        ),
        (
            "Порт был закрыт два дня после того, как буря опрокинула кран, сообщили власти.",
            "ru",
        ),
        (
            "Порт був зачинений два дні після того, як буря перекинула кран, повідомили чиновники.",
            "uk",
        ),
        ("暴风吹倒了一台起重机，港口关闭了两天。", "zh"),
        ("嵐でクレーンが倒れ、港は二日間閉鎖された。", "ja"),
        ("폭풍으로 크레인이 쓰러져 항구가 이틀 동안 폐쇄됐다.", "ko"),
        ("أغلق الميناء لمدة يومين بعد أن أسقطت العاصفة رافعة.", "ar"),
        ("तूफ़ान में एक क्रेन गिरने के बाद बंदरगाह दो दिन बंद रहा।", "hi"),
    ] {
        check(text, None, Some(expected));
    }
}

/// One sentence, or nearly, in each.
const SENTENCES: &[(&str, &str)] = &[
    (
        "The council said that the new bridge would open in May and that the old one was to be taken down by the end of the year.",
        "en",
    ),
    (
        "Die Stadt teilte mit, dass die neue Brücke im Mai eröffnet wird und dass die alte bis zum Ende des Jahres abgerissen werden soll.",
        "de",
    ),
    (
        "La mairie a annoncé que le nouveau pont sera ouvert en mai et que l’ancien sera détruit avant la fin de l’année.",
        "fr",
    ),
    (
        "El ayuntamiento anunció que el nuevo puente se abrirá en mayo y que el viejo será derribado antes de que termine el año.",
        "es",
    ),
    (
        "A câmara anunciou que a nova ponte vai abrir em maio e que a antiga não será usada depois do fim do ano.",
        "pt",
    ),
    (
        "O concello anunciou que a nova ponte vai abrir en maio e que a vella non será usada despois do fin do ano, pero unha parte quedará.",
        "gl",
    ),
    (
        "L’ajuntament va anunciar que el pont nou s’obrirà al maig i que el vell no serà utilitzat després de la fi de l’any, però una part quedarà amb els veïns.",
        "ca",
    ),
    (
        "Il comune ha annunciato che il nuovo ponte sarà aperto a maggio e che quello vecchio non sarà più usato dopo la fine dell’anno.",
        "it",
    ),
    (
        "Primăria a anunțat că noul pod va fi deschis în luna mai și că cel vechi nu mai este folosit după sfârșitul anului.",
        "ro",
    ),
    (
        "De gemeente meldde dat de nieuwe brug in mei wordt geopend en dat de oude voor het einde van het jaar wordt gesloopt.",
        "nl",
    ),
    (
        "Die stadsraad het gesê dat die nuwe brug in Mei sal oopmaak en dat die ou een nie meer gebruik word nie.",
        "af",
    ),
    (
        "Kommunen meddelade att den nya bron öppnas i maj och att den gamla inte kommer att användas efter årets slut.",
        "sv",
    ),
    (
        "Kommunen meddelte, at den nye bro bliver åbnet i maj, og at den gamle ikke skal bruges efter årets udgang, hvad mange havde ventet.",
        "da",
    ),
    (
        "Kommunen opplyste at den nye broen blir åpnet i mai, og at den gamle ikke skal brukes etter at året er ute, noe mange hadde ventet.",
        "no",
    ),
    (
        "Bærinn sagði að nýja brúin verði opnuð í maí og að sú gamla verði ekki notuð eftir það, en margir höfðu beðið þess.",
        "is",
    ),
    (
        "Kaupunki kertoi, että uusi silta avataan toukokuussa ja että vanha puretaan, kun vuosi on ohi, mutta osa jää myös paikalleen.",
        "fi",
    ),
    (
        "Linn teatas, et uus sild avatakse mais ja et vana ei ole enam kasutusel, kui aasta on läbi, aga osa jääb ka alles.",
        "et",
    ),
    (
        "Pilsēta paziņoja, ka jaunais tilts tiks atvērts maijā un ka vecais vairs nav lietojams, bet daļa no tā arī paliks.",
        "lv",
    ),
    (
        "Miestas pranešė, kad naujas tiltas bus atidarytas gegužę ir kad senas jau yra uždarytas, bet dalis jo taip pat liks.",
        "lt",
    ),
    (
        "Miasto podało, że nowy most będzie otwarty w maju i że stary nie jest już potrzebny, ale jego część zostanie.",
        "pl",
    ),
    (
        "Město oznámilo, že nový most bude otevřen v květnu a že starý už není potřeba, ale jeho část podle úřadu zůstane, protože se líbí.",
        "cs",
    ),
    (
        "Mesto oznámilo, že nový most bude otvorený v máji a že starý už nie je potrebný, ale jeho časť podľa úradu zostane, lebo sa páči aj deťom.",
        "sk",
    ),
    (
        "Mesto je sporočilo, da bo novi most odprt maja in da stari ni več potreben, vendar bo del tudi ostal, ker je lep.",
        "sl",
    ),
    (
        "Grad je objavio da će novi most biti otvoren u svibnju i da stari nije više potreban, ali će dio također ostati na svome mjestu.",
        "hr",
    ),
    (
        "Grad je objavio da će novi most biti otvoren u maju i da stari nije više potreban, ali će deo takođe ostati na svom mestu posle radova.",
        "sr",
    ),
    (
        "Град је објавио да ће нови мост бити отворен у мају и да стари није више потребан, али ће део такође остати.",
        "sr",
    ),
    (
        "A város közölte, hogy az új híd májusban nyílik meg, és hogy a régi már nem kell, de egy része azért még megmarad.",
        "hu",
    ),
    (
        "Bashkia njoftoi se ura e re do të hapet në maj dhe se e vjetra nuk është më e nevojshme, por një pjesë do të mbetet.",
        "sq",
    ),
    (
        "Belediye yeni köprünün mayıs ayında açılacağını ve eskisinin artık gerekli olmadığını, ama bir bölümünün kalacağını duyurdu, bu da çok sevildi.",
        "tr",
    ),
    (
        "Bələdiyyə yeni körpünün mayda açılacağını və köhnəsinin daha lazım olmadığını, amma bir hissəsinin qalacağını bildirib.",
        "az",
    ),
    (
        "Shahar hokimligi yangi koʻprik may oyida ochilishi va eskisi endi kerak emas deb aytdi, ammo bir qismi bu yerda qoladi, bilan birga uchun ham joy bor.",
        "uz",
    ),
    (
        "Udalak esan du zubi berria maiatzean irekiko dela eta zaharra ez dela gehiago erabiliko, baina zati bat hor geratuko da.",
        "eu",
    ),
    (
        "Dúirt an chomhairle go mbeidh an droichead nua ar oscailt i mí na Bealtaine agus nach bhfuil an seancheann ag teastáil, ach tá cuid de le fágáil.",
        "ga",
    ),
    (
        "Dywedodd y cyngor fod y bont newydd yn agor ym mis Mai ac nad oedd angen yr hen un, ond bydd rhan o hyn yn aros hefyd.",
        "cy",
    ),
    (
        "Il-kunsill qal li l-pont il-ġdid għandu jinfetaħ f’Mejju u li l-qadim ma huwa meħtieġ għal ħadd, iżda parti minn dan tibqa’.",
        "mt",
    ),
    (
        "La urbo diris, ke la nova ponto estos malfermita en majo kaj ke la malnova ne plu estas bezonata, sed parto de ĝi restos por la infanoj.",
        "eo",
    ),
    (
        "Senatus dixit pontem novum mense Maio apertum esse et veterem non iam utilem esse, sed in eo loco partem relinqui, quae ad flumen est.",
        "la",
    ),
    (
        "Pemerintah kota mengatakan bahwa jembatan baru akan dibuka pada bulan Mei dan yang lama tidak digunakan lagi karena sudah tua.",
        "id",
    ),
    (
        "Kerajaan bandar berkata bahawa jambatan baharu akan dibuka pada bulan Mei dan yang lama tidak boleh digunakan lagi kerana sudah tua.",
        "ms",
    ),
    (
        "Sinabi ng lungsod na ang bagong tulay ay bubuksan sa Mayo at hindi na gagamitin ang luma, para sa mga tao at sa ilog.",
        "tl",
    ),
    (
        "Mji ulisema kuwa daraja jipya litafunguliwa mwezi wa Mei na kwamba la zamani halitumiki tena, lakini sehemu yake itabaki kwa ajili ya watu.",
        "sw",
    ),
    (
        "Magaalada waxay sheegtay in buundada cusub la furi doono bisha Maajo oo ay tii hore tahay mid aan loo baahnayn, waxaana ka hadhi qayb.",
        "so",
    ),
    (
        "Hukumar gari ta ce za a bude sabuwar gada a watan Mayu kuma ba za a yi amfani da tsohuwar ba, amma wani bangare na cikin ta zai tsaya.",
        "ha",
    ),
    (
        "Ìlú náà sọ pé a ó ṣí afárá tuntun ní oṣù karùn-ún àti pé wọn kò ní lo èyí tó ti gbó, ṣùgbọ́n apá kan wà fún àwọn ọmọ.",
        "yo",
    ),
    (
        "Şaredariyê got ku pira nû di meha gulanê de vedibe û ya kevn êdî ne hewce ye, lê beşek ji wê ji bo zarokan dimîne.",
        "ku",
    ),
    (
        "Meri a di ke nouvo pon an ap louvri nan mwa me epi yo pa bezwen ansyen an ankò, men gen yon pati ki pral rete pou timoun yo.",
        "ht",
    ),
    (
        "Thành phố cho biết cây cầu mới sẽ được mở vào tháng năm và cây cầu cũ không còn cần thiết, nhưng một phần của nó vẫn ở lại.",
        "vi",
    ),
    (
        "Мэрия сообщила, что новый мост откроют в мае и что старый уже не нужен, но часть его останется для детей.",
        "ru",
    ),
    (
        "Мерія повідомила, що новий міст відкриють у травні і що старий уже не потрібен, але частина його залишиться для дітей.",
        "uk",
    ),
    (
        "Мэрыя паведаміла, што новы мост адкрыюць у траўні і што стары ўжо не патрэбны, але частка яго застанецца для дзяцей.",
        "be",
    ),
    (
        "Общината съобщи, че новият мост ще бъде отворен през май и че старият вече не е нужен, но част от него ще остане за децата.",
        "bg",
    ),
    (
        "Градот соопшти дека новиот мост ќе биде отворен во мај и дека стариот не е веќе потребен, но дел од него ќе остане за децата.",
        "mk",
    ),
    (
        "Қала әкімдігі жаңа көпір мамырда ашылады және ескісі енді қажет емес деп хабарлады, бірақ оның бір бөлігі қалады.",
        "kk",
    ),
    (
        "Шаардык кеңеш жаңы көпүрө майда ачылат жана эскиси мындан ары керек эмес деп билдирди, бирок анын бир бөлүгү калат.",
        "ky",
    ),
    (
        "Хотын захиргаа шинэ гүүр тавдугаар сард нээгдэнэ гэж мэдэгдсэн бөгөөд хуучин нь хэрэггүй болсон, харин нэг хэсэг нь үлдэнэ.",
        "mn",
    ),
    (
        "Шаҳрдорӣ гуфт, ки пули нав дар моҳи май кушода мешавад ва пули кӯҳна дигар лозим нест, аммо як қисми он барои кӯдакон мемонад.",
        "tg",
    ),
    (
        "नगर ने कहा कि नया पुल मई में खुलेगा और पुराने की अब ज़रूरत नहीं है, लेकिन उस का एक हिस्सा बच्चों के लिए रहेगा।",
        "hi",
    ),
    (
        "नवीन पूल मे महिन्यात सुरू होणार आहे आणि जुना आता लागत नाही, पण त्याचा एक भाग मुलांसाठी राहील असे नगरपालिकेने सांगितले.",
        "mr",
    ),
    (
        "नगरपालिकाले नयाँ पुल जेठमा खुल्ने र पुरानो अब नचाहिने बताएको छ, तर यसको एक भाग बालबालिकाका लागि रहने भएको छ।",
        "ne",
    ),
    (
        "قالت البلدية إن الجسر الجديد سيفتح في مايو وإن القديم لم يعد ضروريا، لكن جزءا منه سيبقى للأطفال.",
        "ar",
    ),
    (
        "شهرداری گفت که پل تازه در ماه مه باز می‌شود و پل کهنه دیگر لازم نیست، اما بخشی از آن برای کودکان می‌ماند.",
        "fa",
    ),
    (
        "بلدیہ نے کہا کہ نیا پل مئی میں کھلے گا اور پرانے کی اب ضرورت نہیں ہے، لیکن اس کا ایک حصہ بچوں کے لیے رہے گا۔",
        "ur",
    ),
    (
        "ښاروالۍ وویل چې نوی پل به د مې په میاشت کې پرانیستل شي او زوړ پل ته نور اړتیا نشته، خو یوه برخه به یې د ماشومانو لپاره پاتې شي.",
        "ps",
    ),
    (
        "شارەوانی وتی پردە نوێیەکە لە مانگی ئایار دەکرێتەوە و ئەوەی کۆن چیتر پێویست نییە، بەڵام بەشێکی بۆ منداڵان دەمێنێتەوە.",
        "ku",
    ),
    (
        "Ο δήμος ανακοίνωσε ότι η νέα γέφυρα θα ανοίξει τον Μάιο και ότι η παλιά δεν χρειάζεται πια.",
        "el",
    ),
    ("העירייה הודיעה שהגשר החדש ייפתח במאי ושאין עוד צורך בגשר הישן.", "he"),
    ("เทศบาลแจ้งว่าสะพานใหม่จะเปิดในเดือนพฤษภาคมและไม่ต้องใช้สะพานเก่าอีก", "th"),
    ("পৌরসভা জানিয়েছে যে নতুন সেতু মে মাসে খুলবে এবং পুরোনোটির আর দরকার নেই।", "bn"),
    ("Քաղաքապետարանը հայտնեց, որ նոր կամուրջը կբացվի մայիսին։", "hy"),
    ("მერიამ განაცხადა, რომ ახალი ხიდი მაისში გაიხსნება.", "ka"),
    ("புதிய பாலம் மே மாதம் திறக்கப்படும் என்று நகராட்சி கூறியது.", "ta"),
    ("కొత్త వంతెన మే నెలలో తెరుస్తామని పురపాలక సంఘం చెప్పింది.", "te"),
    ("નવો પુલ મે મહિનામાં ખુલશે એમ નગરપાલિકાએ કહ્યું.", "gu"),
    ("ਨਵਾਂ ਪੁਲ ਮਈ ਵਿੱਚ ਖੁੱਲ੍ਹੇਗਾ, ਨਗਰ ਨਿਗਮ ਨੇ ਕਿਹਾ।", "pa"),
    ("አዲሱ ድልድይ በግንቦት ይከፈታል ሲል ከተማው አስታወቀ።", "am"),
];

#[test]
fn small_words_and_letters_tell_a_language() {
    for (text, expected) in SENTENCES {
        check(text, None, Some(expected));
    }
}

#[test]
fn the_pages_word_changes_nothing_where_the_text_tells() {
    for (text, expected) in SENTENCES {
        check(text, Some(expected), Some(expected));
        let other = if *expected == "en" { "fr" } else { "en" };
        check(&format!("{text} ").repeat(3), Some(other), Some(expected));
    }
}

#[test]
fn a_language_without_a_list_is_not_called_by_anothers_name() {
    for text in [
        // Quechua, no language at all, and Greenlandic.
        "Wasiykiqa hatunmi kachkan, ichaqa punkunqa huchuyllam, chaymi mana yaykuyta atinichu kunan punchaw.",
        "Lorsk vintal brespo grundik flarn ostev wimpul kressat dolvin hunter prask ulmo tervin.",
        "Nuna tamarmi aputaavoq, inuillu angerlarsimapput, kisianni umiarsuaq aqagu tikissaaq.",
    ] {
        check(text, None, None);
        check(text, Some("rw"), Some("rw"));
    }
}

#[test]
fn the_page_tells_near_languages_apart() {
    let of = |language: &str| {
        SENTENCES
            .iter()
            .find(|(_, l)| *l == language)
            .map_or("", |(text, _)| *text)
    };
    check(of("hr"), Some("bs"), Some("bs"));
    check(of("no"), Some("nb"), Some("nb"));
    check(
        "Eg veit ikkje kva dei vil, men vi kjem ikkje til å vere heime då.",
        None,
        Some("no"),
    );
    check(
        "Eg veit ikkje kva dei vil, men vi kjem ikkje til å vere heime då.",
        Some("nn"),
        Some("nn"),
    );
    let short = "Jembatan baru dibuka di tempat itu";
    check(short, None, None);
    check(short, Some("ms"), Some("ms"));
    check(short, Some("id"), Some("id"));
}

#[test]
fn letters_speak_against_the_pages_word() {
    let turkish = "Köprü mayıs ayında açılıyor; ağaçlar, çiçekler ve ışıklar için şehirde çalışıldı.";
    for hint in ["tr", "ro", "en"] {
        check(turkish, Some(hint), Some("tr"));
    }
}

#[test]
fn polish_with_few_letters_of_its_own_is_polish_and_a_town_is_not() {
    check(
        "Do roku 2030 zapotrzebowanie na kable ma jeszcze wzrosnąć, ocenia instytut portowy w swoim nowym raporcie o statkach i dokach.",
        None,
        Some("pl"),
    );
    check(
        "The ferry left the port of Gdańsk on Monday, and the two conductors walked past the cranes to the shipyard gate.",
        None,
        Some("en"),
    );
}

#[test]
fn too_little_text_says_nothing() {
    check("", None, None);
    check("OK 42", None, None);
    check("12:30 – 14:00", None, None);
}

#[test]
fn on_a_short_text_the_pages_word_counts() {
    check("Live: Paris", Some("fr-FR"), Some("fr"));
    check("Live: Paris", Some("FRA"), Some("fr"));
    check("Live: Paris", Some("klingon"), None);
}

#[test]
fn a_template_that_names_the_wrong_language_is_not_believed() {
    let text = "Der Hafen blieb zwei Tage lang geschlossen, nachdem der Sturm einen Kran umgerissen hatte. ".repeat(4);
    check(&text, Some("en"), Some("de"));
    check("港口关闭了两天，船只在外海等候。", Some("en"), Some("zh"));
}

#[test]
fn names_in_latin_letters_leave_a_chinese_text_chinese() {
    check(
        "Lynas Rare Earths 与 MP Materials 签署供应协议，股价上涨百分之五。",
        None,
        Some("zh"),
    );
}

proptest! {
    #[test]
    fn small_words_of_english_are_counted_as_each_by_itself(text in "((the|And|has|with|that|from|this|were|there|a|of|sea-ice|é)[ \n.]{1,2}){0,60}") {
        const SMALL: [&str; 8] = ["the", "and", "has", "with", "that", "from", "this", "were"];
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let count = words.iter().filter(|word| SMALL.iter().any(|s| s.eq_ignore_ascii_case(word))).count();
        prop_assert_eq!(is_english(&text), count >= 4 && count * 16 >= words.len());
    }

    #[test]
    fn any_text_and_any_hint_are_survived(text: String, hint: Option<String>) {
        if let Some(code) = detect(&text, hint.as_deref()) {
            prop_assert_eq!(code.len(), 2);
        }
    }
}
