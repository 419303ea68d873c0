//! Names of fields that are like those that are known: `Title`, `publish-time`, `newsUrl`, `metadata.author`.
//!
//! In: an object's fields. Out: for each role the paths whose names mean it, the best first. Always: case and what joins words do not
//! count; names that could mean something else are left out; one look at each name of the object and of what it holds about itself.

use std::ops::Range;
use std::sync::LazyLock;

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::address::is_url;
use super::fields::Fields;
use super::preset::{Paths, item};
use crate::fast::hashed::Map;

/// What a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    Url,
    Title,
    Body,
    Published,
    Modified,
    Fetched,
    Language,
    Site,
    Authors,
}

/// Names beyond those of [`item`], without what joins their words.
const MORE: &[(Role, &str)] = &[
    (
        Role::Url,
        "newsurl newslink articlelink articlehref posturl storyurl storylink contenturl fullurl pageurl canonicallink \
         requestedurl respondedurl targeturl requesturl responseurl finalurl weblink webpageurl originalurl shareurl externalurl \
         sourcelink linkurl resolvedurl resolvedpageurl scrapedurl crawledurl",
    ),
    (
        Role::Title,
        "newstitle newsheadline posttitle articleheadline storytitle titleraw fulltitle maintitle mainheadline headlines ogtitle \
         titulo titre titel titolo",
    ),
    (
        Role::Body,
        "newscontent newsbody newstext rawcontent contentraw htmlcontent contents bodycontent postcontent posttext postbody \
         articlecontent articlefulltext storytext storybody storycontent maincontent mainarticle fullarticle fullcontent cleanedtext \
         cleancontent cleanedcontent contentclean extractedtext extractedcontent pagecontent pagetext rawtext bodyraw texts \
         texto contenido conteudo texte inhalt testo",
    ),
    (
        Role::Published,
        "publishtimestamp publishedtimestamp publishedon posttime posteddate postedon dateposted newsdate newstime releasetime \
         timepublished publicationtime issued dateissued pubdatetime publishedatutc publishedutc firstpublishedat firstpublished \
         firstpublishedtime firstpublisheddate displaydate articletime storydate uploaddate estimateddate pageage isodate \
         ctime createtime createdtime createddate datecreated fecha fechapublicacion publishingdate \
         parselypubdate sailthrudate dcdateissued dcdatecreated dctermscreated dctermsissued dctermsdate dcdate articlepublished \
         ogarticlepublishedtime ogpublishedtime",
    ),
    (
        Role::Modified,
        "updatetime updateddate updatedon dateupdated lastupdated lastupdate lastupdatedat modifiedtime modifieddate \
         articlemodifiedtime editedat changedat",
    ),
    (
        Role::Fetched,
        "crawltime crawledtime fetchtime fetchdate scrapetime scrapedtime scrapetimestamp crawltimestamp datecrawled datescraped \
         extractedat dateextracted ingestedat insertedat accessedat capturedat downloadtime",
    ),
    (
        Role::Language,
        "langcode detectedlanguage detectedlang languageiso humanlanguage contentlanguage metalang metalanguage oglocale \
         articlelanguage languages htmllang languagename idioma sprache langue",
    ),
    (
        Role::Site,
        "ogsitename publishername mediaoutlet newssource newssite sourcetitle sourcesite feedtitle feedname websitename \
         newspapername outletname publicationname  cleanurl domainurl applicationname",
    ),
    (
        Role::Authors,
        "authornames articleauthor articleauthors newsauthor postauthor authorlist authorslist bylines contributors contributor \
         reporter reporters writtenby postedby writers journalists creators autor autores auteur auteurs autore autori \
         storyauthors articleauthorname parselyauthor sailthruauthor byl dccreator dctermscreator ogarticleauthor",
    ),
];

/// Names of [`item`] that mean a role only where they are written so, or at the top.
const EXACT: &[&str] = &[
    "id",
    "guid",
    "name",
    "by",
    "time",
    "h1",
    "loc",
    "host",
    "alternate",
    "timestamp",
];

/// Objects that hold what is said of an article beside its text.
const BESIDE: &[&str] = &["metadata", "meta", "extra_info"];

/// What these hold of a file, a model or a connector under the names of an article's author and outlet.
const OF_OTHERS: &[&str] = &["creator", "creators", "source", "publisher"];

/// What a name means.
#[derive(Debug, Clone, Copy)]
struct Meaning {
    role: Role,
    /// The less, the better for its role.
    rank: usize,
    /// The name as [`item`] has it: where it is written so, it was tried before.
    tried: Option<&'static str>,
    /// A time at which something was made, be it the page, the record or a file.
    is_of_making: bool,
    /// It means the same beside the text.
    holds_beside: bool,
}

/// What each name means, by the hash of its letters.
static MEANINGS: LazyLock<Map<Meaning>> = LazyLock::new(|| {
    let own = &item::PRESET;
    let of_item: [(Role, Paths); 8] = [
        (Role::Url, own.url),
        (Role::Title, own.title),
        (Role::Published, own.published_at),
        (Role::Modified, own.modified_at),
        (Role::Fetched, own.fetched_at),
        (Role::Language, own.language),
        (Role::Site, own.site),
        (Role::Authors, own.authors),
    ];
    let bodies = own.body.iter().map(|(path, _)| (Role::Body, *path));
    let first = of_item
        .iter()
        .flat_map(|(role, paths)| paths.iter().map(move |path| (*role, *path)));
    let more = MORE
        .iter()
        .flat_map(|(role, names)| names.split_whitespace().map(move |name| (*role, name)));
    let mut meanings = Map::default();
    let of_item = first.chain(bodies).map(|(role, name)| (role, name, Some(name)));
    let more = more.map(|(role, name)| (role, name, None));
    for (rank, (role, known, tried)) in of_item.chain(more).enumerate() {
        let mut buffer = [0; NAME_BYTES_MAX];
        let Some(name) = folded(known, &mut buffer) else {
            continue;
        };
        if known.contains('.') || EXACT.iter().any(|exact| exact.as_bytes() == name) {
            continue;
        }
        let begins = |word: &str| name.starts_with(word.as_bytes());
        let is_of_making =
            role == Role::Published && ["creat", "ctime", "datecreated", "upload"].into_iter().any(begins);
        let is_of_others = OF_OTHERS.iter().any(|other| other.as_bytes() == name);
        meanings.entry(xxh3_64(name)).or_insert(Meaning {
            role,
            rank,
            tried,
            is_of_making,
            holds_beside: role != Role::Body && !is_of_making && !is_of_others,
        });
    }
    meanings
});

/// Longest name that can mean a role.
const NAME_BYTES_MAX: usize = 32;

/// Each letter and digit in lower case; 0 is what joins words, and all else.
const FOLDED: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// A name in lower case, without what joins its words.
fn folded<'a>(name: &str, buffer: &'a mut [u8; NAME_BYTES_MAX]) -> Option<&'a [u8]> {
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    let mut length = 0;
    for byte in name.bytes() {
        let letter = FOLDED[usize::from(byte)];
        // What is no letter is written over.
        *buffer.get_mut(length)? = letter;
        length += usize::from(letter != 0);
    }
    buffer.get(..length)
}

/// What a name means, however it is written.
fn meaning(name: &str) -> Option<&'static Meaning> {
    let mut buffer = [0; NAME_BYTES_MAX];
    MEANINGS.get(&xxh3_64(folded(name, &mut buffer)?))
}

/// The role that a name means, however it is written.
pub(super) fn role(name: &str) -> Option<Role> {
    meaning(name).map(|meaning| meaning.role)
}

/// The paths of an object that are alike, by role, the best first.
#[derive(Debug, Default)]
pub(super) struct Alike {
    found: Vec<Found>,
    /// All paths in one text.
    paths: String,
}

#[derive(Debug)]
struct Found {
    meaning: &'static Meaning,
    is_beside: bool,
    path: Range<usize>,
}

impl Alike {
    pub(super) fn of(fields: &Fields) -> Self {
        let mut alike = Self::default();
        let mut record = None;
        for (name, value) in &fields.object {
            if let Some(meaning) = meaning(name)
                && meaning.tried != Some(name)
                && may_be(meaning, value)
                && !(meaning.is_of_making && record.get_or_insert_with(|| Making::of(fields)).is_of_record(value))
            {
                alike.push(meaning, "", name);
            }
        }
        for within in BESIDE.iter().filter(|within| fields.has(within)) {
            let inner = fields.get(within).and_then(Value::as_object);
            for (name, value) in inner.into_iter().flatten() {
                if let Some(meaning) = meaning(name).filter(|meaning| meaning.holds_beside && may_be(meaning, value)) {
                    alike.push(meaning, within, name);
                }
            }
        }
        alike
            .found
            .sort_by_key(|one| (one.meaning.is_of_making, one.is_beside, one.meaning.rank));
        alike
    }

    fn push(&mut self, meaning: &'static Meaning, within: &str, name: &str) {
        // Most objects have none, and others several.
        if self.found.is_empty() {
            self.found.reserve(8);
            self.paths.reserve(8 * NAME_BYTES_MAX);
        }
        let from = self.paths.len();
        if !within.is_empty() {
            self.paths.push_str(within);
            self.paths.push('.');
        }
        self.paths.push_str(name);
        self.found.push(Found {
            meaning,
            is_beside: !within.is_empty(),
            path: from..self.paths.len(),
        });
    }

    /// The paths of a role.
    pub(super) fn paths(&self, role: Role) -> impl Iterator<Item = &str> {
        let of_role = self.found.iter().filter(move |one| one.meaning.role == role);
        of_role.filter_map(|one| self.paths.get(one.path.clone()))
    }
}

/// A file's path and a number are no outlet.
fn may_be(meaning: &Meaning, value: &Value) -> bool {
    let is_outlet = |said: &str| is_url(said) || (said.contains(char::is_alphabetic) && !said.contains('/'));
    meaning.role != Role::Site || value.as_str().is_none_or(is_outlet)
}

/// What tells that a time of making is the file's or the record's.
#[derive(Debug)]
struct Making<'a> {
    /// When the file was changed stands beside.
    is_of_file: bool,
    fetched: Vec<&'a Value>,
}

impl<'a> Making<'a> {
    fn of(fields: &'a Fields) -> Self {
        /// A record says no more often when it was fetched.
        const FETCHED_MAX: usize = 8;
        let fetched = fields
            .object
            .iter()
            .filter(|(name, value)| !value.is_object() && !value.is_array() && role(name) == Some(Role::Fetched));
        Self {
            is_of_file: fields.object.keys().any(|name| name.eq_ignore_ascii_case("mtime")),
            fetched: fetched.map(|(_, value)| value).take(FETCHED_MAX).collect(),
        }
    }

    fn is_of_record(&self, made: &Value) -> bool {
        self.is_of_file || self.fetched.contains(&made)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(object: Value, role: Role, expected: &[&str]) {
        let alike = Alike::of(&Fields::new(object.as_object().expect("an object").clone()));
        assert_eq!(alike.paths(role).collect::<Vec<_>>(), expected, "{object}");
    }

    #[test]
    fn the_best_name_comes_first_and_what_could_mean_another_thing_is_left_out() {
        let object = json!({
            "CreateTime": 1, "Publish-Date": 1, "newsTitle": 1, "Id": 1, "Name": 1,
            "metadata": {"Title": 1, "text": 1, "og:site_name": "The Gull", "DC.creator": 1, "Published": 1},
        });
        for (role, expected) in [
            (
                Role::Published,
                &["Publish-Date", "metadata.Published", "CreateTime"][..],
            ),
            (Role::Title, &["newsTitle", "metadata.Title"]),
            (Role::Site, &["metadata.og:site_name"]),
            (Role::Authors, &["metadata.DC.creator"]),
            (Role::Body, &[]),
            (Role::Url, &[]),
        ] {
            check(object.clone(), role, expected);
        }
    }

    #[test]
    fn what_is_said_of_a_file_a_model_or_a_connector_is_not_of_the_article() {
        let of_file = json!({"metadata": {"creator": "Microsoft Word", "source": "/data/a.pdf", "createdAt": 1}});
        for role in [Role::Authors, Role::Site, Role::Published] {
            check(of_file.clone(), role, &[]);
        }
        check(json!({"provider": "openai", "ProviderName": "openai"}), Role::Site, &[]);
        check(json!({"meta": {"publisher": "Kafka Connect"}}), Role::Site, &[]);
        check(
            json!({"News-Source": "/data/a.pdf", "Feed Title": "7"}),
            Role::Site,
            &[],
        );
        check(
            json!({"News-Source": "https://example.org/"}),
            Role::Site,
            &["News-Source"],
        );
        check(json!({"publishedBy": "The Gull"}), Role::Authors, &[]);
    }

    #[test]
    fn the_time_of_making_is_that_of_publication_only_where_nothing_says_otherwise() {
        check(
            json!({"createTime": 1, "ctime": 1, "UploadDate": 1, "publishing_date": 1}),
            Role::Published,
            &["publishing_date", "UploadDate", "ctime", "createTime"],
        );
        check(json!({"ctime": 1, "mtime": 2}), Role::Published, &[]);
        check(json!({"createTime": 1, "crawlTime": 1}), Role::Published, &[]);
        check(
            json!({"createTime": 1, "crawlTime": 2}),
            Role::Published,
            &["createTime"],
        );
    }
}
