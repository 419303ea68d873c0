//! Who one says one is, and what one may do, against a real Kafka with an authorizer: `.ci/secured-kafka.sh` starts one and runs this.
//!
//! Needs `KAFKA_SECURED_TLS` (a folder with the certificates) and the listeners of one cluster: `KAFKA_ADMIN_BROKERS` (all is allowed),
//! `KAFKA_SECURED_BROKERS` (SASL), `KAFKA_MTLS_BROKERS`, `KAFKA_OAUTH_BROKERS` (unsigned tokens), `KAFKA_EXPIRED_BROKERS` (an expired
//! certificate); `SASL_USER` and `SASL_PASSWORD`, with the rights of docs/configure.md for the topics' default names and the group
//! `sluice`; and users `no-…` that lack one of them. Without them the tests say that they were skipped; with `SLUICE_REQUIRE_KAFKA=1`
//! that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The cluster, as the environment names it.
struct World {
    admin: String,
    sasl: String,
    mtls: String,
    oauth: String,
    expired: String,
    tls: PathBuf,
    user: String,
    password: String,
    secrets: tempfile::TempDir,
}

fn variable(name: &str) -> Option<String> {
    let found = std::env::var(name).ok().filter(|value| !value.is_empty());
    if found.is_none() {
        assert!(
            std::env::var("SLUICE_REQUIRE_KAFKA").is_err(),
            "{name} is not set, and a secured Kafka is required here"
        );
        // Written past the test's capture, so that it shows.
        let line = format!("skipped: needs a secured Kafka, and {name} is not set\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    found
}

/// The cluster, with the topics and some articles to read; `None` where there is none.
fn world() -> Option<&'static World> {
    static WORLD: OnceLock<Option<World>> = OnceLock::new();
    let made = WORLD.get_or_init(|| {
        let world = World {
            admin: variable("KAFKA_ADMIN_BROKERS")?,
            sasl: variable("KAFKA_SECURED_BROKERS")?,
            mtls: variable("KAFKA_MTLS_BROKERS")?,
            oauth: variable("KAFKA_OAUTH_BROKERS")?,
            expired: variable("KAFKA_EXPIRED_BROKERS")?,
            tls: variable("KAFKA_SECURED_TLS")?.into(),
            user: variable("SASL_USER")?,
            password: variable("SASL_PASSWORD")?,
            secrets: tempfile::tempdir().unwrap(),
        };
        let admin = [format!("kafka.brokers={}", world.admin)];
        assert_eq!(sluice(&["topics", "create"], &admin).0, Some(0));
        world.publish();
        Some(world)
    });
    made.as_ref()
}

/// Run the program; its status, and all that it said.
fn sluice(arguments: &[&str], settings: &[String]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(arguments);
    for setting in settings {
        command.args(["--set", setting]);
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

impl World {
    /// Something to do for the next run: so many records.
    fn publish(&self) -> u32 {
        let admin = [format!("kafka.brokers={}", self.admin)];
        let (status, said) = sluice(&["sample", "publish"], &admin);
        assert_eq!(status, Some(0), "{said}");
        let count = said.split(' ').find_map(|word| word.parse().ok());
        count.expect("how many were published")
    }

    fn file(&self, name: &str) -> String {
        self.tls.join(name).display().to_string()
    }

    /// A file that holds a secret.
    fn secret(&self, name: &str, text: &str) -> String {
        let path = self.secrets.path().join(name);
        std::fs::write(&path, format!("{text}\n")).unwrap();
        path.display().to_string()
    }

    /// The options of a listener: properties of librdkafka, beside those that all have.
    fn options(brokers: &str, properties: &[(&str, &str)]) -> Vec<String> {
        let fixed = [
            format!("kafka.brokers={brokers}"),
            "kafka.create_topics=false".into(),
            "http.listen=".into(),
            "instance=secured".into(),
        ];
        let properties = properties
            .iter()
            .map(|(name, value)| format!("kafka.properties.{name}={value}"));
        fixed.into_iter().chain(properties).collect()
    }

    fn scram(&self, mechanism: &str, password: &str) -> Vec<String> {
        let properties = [
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", mechanism),
            ("sasl.username", &self.user),
            ("sasl.password_file", &self.secret(password, password)),
            ("ssl.ca.location", &self.file("ca.pem")),
        ];
        Self::options(&self.sasl, &properties)
    }

    fn mtls(&self, certificate: &str) -> Vec<String> {
        let properties = [
            ("security.protocol", "SSL"),
            ("ssl.ca.location", &*self.file("ca.pem")),
            ("ssl.certificate.location", &self.file(&format!("{certificate}.crt"))),
            ("ssl.key.location", &self.file(&format!("{certificate}.key"))),
        ];
        Self::options(&self.mtls, &properties)
    }

    fn oauth(&self, user: &str) -> Vec<String> {
        let properties = [
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "OAUTHBEARER"),
            ("enable.sasl.oauthbearer.unsecure.jwt", "true"),
            ("sasl.oauthbearer.config", &format!("principal={user} lifeSeconds=600")),
            ("ssl.ca.location", &self.file("ca.pem")),
        ];
        Self::options(&self.oauth, &properties)
    }

    /// With a token from a file, or from an endpoint.
    fn token(&self, more: &[(&str, &str)]) -> Vec<String> {
        let authority = self.file("ca.pem");
        let fixed = [
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "OAUTHBEARER"),
            ("ssl.ca.location", &*authority),
        ];
        Self::options(&self.oauth, &[&fixed, more].concat())
    }

    fn token_file(&self, path: &str) -> Vec<String> {
        with(self.token(&[]), &[&format!("kafka.oauth_token_file={path}")])
    }

    /// The stage works on what there is, and `config check --connect` finds nothing.
    fn works(&self, settings: &[String]) {
        // What an earlier test has left is none of this one's.
        assert_eq!(sluice(&["run", "--until-end"], settings).0, Some(0));
        let expected = format!("\"records\":{},", self.publish());
        let (status, said) = sluice(&["run", "--until-end", "--set", "log.format=json"], settings);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains(&expected), "{expected} is missing in: {said}");
        let (status, said) = sluice(&["config", "check", "--connect"], settings);
        assert_eq!(status, Some(0), "{said}");
    }

    /// The stage ends at the start with status 3, and says these words and no secret.
    fn refuses(&self, settings: &[String], words: &[&str]) {
        let (status, said) = sluice(&["run", "--until-end"], settings);
        assert_eq!(status, Some(3), "{settings:?}: {said}");
        for word in words {
            assert!(said.contains(word), "`{word}` is missing in: {said}");
        }
        assert!(!said.contains(&self.password), "the password was shown");
    }
}

fn with(mut settings: Vec<String>, other: &[&str]) -> Vec<String> {
    settings.extend(other.iter().map(|o| (*o).to_owned()));
    settings
}

#[test]
fn tls_with_scram_and_with_plain_works_and_a_wrong_password_is_named() {
    let Some(world) = world() else { return };
    for mechanism in ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] {
        world.works(&world.scram(mechanism, &world.password));
        world.refuses(
            &world.scram(mechanism, "let-me-in"),
            &["uthentication", "sasl.username", "password"],
        );
    }
    let unknown = with(
        world.scram("PLAIN", &world.password),
        &["kafka.properties.sasl.username=nobody"],
    );
    world.refuses(&unknown, &["uthentication", "sasl.username"]);
    let absent = world.scram("GSSAPI", &world.password);
    world.refuses(&absent, &["GSSAPI"]);
}

#[test]
fn a_broker_that_cannot_prove_who_it_is_is_named() {
    let Some(world) = world() else { return };
    let right = world.scram("SCRAM-SHA-512", &world.password);
    let other = format!("kafka.properties.ssl.ca.location={}", world.file("strangers.pem"));
    for authority in ["kafka.properties.ssl.ca.location=probe", &other] {
        let wrong = with(right.clone(), &[authority]);
        world.refuses(&wrong, &["certificate", "ssl.ca.location"]);
    }
    let properties = [
        ("security.protocol", "SSL"),
        ("ssl.ca.location", &*world.file("ca.pem")),
    ];
    let expired = World::options(&world.expired, &properties);
    world.refuses(&expired, &["certificate has expired", "renew the brokers' certificate"]);
}

#[test]
fn mtls_works_and_a_missing_an_expired_and_a_strangers_certificate_are_named() {
    let Some(world) = world() else { return };
    world.works(&world.mtls("client"));
    let properties = [
        ("security.protocol", "SSL"),
        ("ssl.ca.location", &*world.file("ca.pem")),
    ];
    let missing = World::options(&world.mtls, &properties);
    world.refuses(&missing, &["certificate", "ssl.certificate.location"]);
    world.refuses(&world.mtls("client-expired"), &["certificate", "expired"]);
    world.refuses(
        &world.mtls("client-stranger"),
        &["certificate", "ssl.certificate.location"],
    );
}

#[test]
fn oauthbearer_works_and_who_may_nothing_is_refused() {
    let Some(world) = world() else { return };
    world.works(&world.oauth(&world.user));
    world.refuses(&world.oauth("stranger"), &["`raw-articles`"]);
}

/// An unsigned token, which the test's listener takes.
fn token(user: &str, seconds: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.unwrap().as_secs() as i64;
    let claims = format!(r#"{{"sub":"{user}","iat":{},"exp":{}}}"#, now - 60, now + seconds);
    format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
        URL_SAFE_NO_PAD.encode(claims)
    )
}

#[test]
fn a_token_from_a_file_works_and_one_that_does_not_hold_is_named() {
    let Some(world) = world() else { return };
    world.works(&world.token_file(&world.secret("token", &token(&world.user, 600))));
    let stranger = world.secret("stranger", &token("stranger", 600));
    world.refuses(&world.token_file(&stranger), &["`raw-articles`"]);
    let expired = world.secret("expired", &token(&world.user, -30));
    world.refuses(&world.token_file(&expired), &[&expired, "has expired"]);
    let missing = world.file("no-such-token");
    world.refuses(
        &world.token_file(&missing),
        &[&missing, "could not read", "`kafka.oauth_token_file`"],
    );
    let foreign = world.secret("foreign", "opaque-word");
    world.refuses(&world.token_file(&foreign), &["the brokers refuse the token"]);
    let creates = with(
        world.token_file(&world.secret("token", &token(&world.user, 600))),
        &["kafka.create_topics=true", "output.topic=not-there"],
    );
    world.refuses(&creates, &["`not-there`", "creates no topics"]);
}

#[test]
fn a_stage_goes_on_with_the_tokens_that_take_the_place_of_those_that_expire() {
    let Some(world) = world() else { return };
    let path = world.secret("changing", &token(&world.user, 600));
    let settings = world.token_file(&path);
    assert_eq!(sluice(&["run", "--until-end"], &settings).0, Some(0));
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(["run", "--set", "log.level=warn"]);
    for setting in &settings {
        command.args(["--set", setting]);
    }
    // As a volume of Kubernetes does it: a new file takes the old one's place.
    let replace = || std::fs::rename(world.secret("next", &token(&world.user, 30)), &path).unwrap();
    replace();
    let mut running = command.spawn().unwrap();
    let mut wait = |seconds| {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(seconds) {
            std::thread::sleep(Duration::from_secs(3));
            replace();
            assert!(running.try_wait().unwrap().is_none(), "the stage ended");
        }
    };
    wait(70);
    world.publish();
    // Each client makes its connections anew with the next token, some after librdkafka's longest pause of 10 s.
    wait(45);
    let still = running.try_wait().unwrap();
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(still.is_none(), "the stage ended");
    let (status, said) = sluice(&["run", "--until-end", "--set", "log.format=json"], &settings);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains("\"records\":0,"),
        "it did not work on what came after the first tokens: {said}"
    );
}

#[test]
fn a_token_from_an_endpoint_works_and_one_that_is_refused_is_named() {
    let Some(world) = world() else { return };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let right = format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", world.user, world.password))
    );
    let user = world.user.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &right, &user);
        }
    });
    let asked = |secret: &str| {
        world.token(&[
            ("sasl.oauthbearer.method", "oidc"),
            ("sasl.oauthbearer.token.endpoint.url", &url),
            ("sasl.oauthbearer.client.id", &world.user),
            ("sasl.oauthbearer.client.secret_file", &world.secret(secret, secret)),
        ])
    };
    world.works(&asked(&world.password));
    world.refuses(&asked("let-me-in"), &[&url, "401", "sasl.oauthbearer.client.secret"]);
    let nobody = with(
        asked(&world.password),
        &["kafka.properties.sasl.oauthbearer.token.endpoint.url=http://127.0.0.1:9/token"],
    );
    world.refuses(&nobody, &["127.0.0.1:9", "refused"]);
}

/// An identity provider's answer to one request.
fn answer(mut stream: std::net::TcpStream, right: &str, user: &str) {
    let (mut said, mut part) = (String::new(), [0; 4096]);
    while !said.contains("grant_type=client_credentials") {
        let count = stream.read(&mut part).unwrap();
        if count == 0 {
            return;
        }
        said.push_str(std::str::from_utf8(&part[..count]).unwrap());
    }
    let (status, body) = if said.contains(right) {
        let body = format!(
            r#"{{"access_token":"{}","token_type":"Bearer","expires_in":600}}"#,
            token(user, 600)
        );
        ("200 OK", body)
    } else {
        ("401 Unauthorized", r#"{"error":"invalid_client"}"#.into())
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
}

#[test]
fn each_right_that_is_missing_is_named() {
    let Some(world) = world() else { return };
    for (user, words) in [
        ("no-input", ["`raw-articles`", "hint"]),
        ("no-output", ["-articles`", "Write"]),
        ("no-memory", ["`sluice-memory`", "hint"]),
        ("no-group", ["roup authorization failed", "Read on the group"]),
        ("no-transactions", ["ransactional", "Write on the transactional ids"]),
    ] {
        world.publish();
        world.refuses(&world.oauth(user), &words);
    }
}
