//! Traces over OTLP: what a collector receives, and what becomes of a record's `traceparent`. The collector is a small stand-in on the
//! loopback, the broker an embedded one.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

const INPUT: &str = "raw-articles";
const OUTPUTS: [&str; 3] = ["enriched-articles", "duplicate-articles", "dead-letters"];

/// A trace that a scraper began and samples, one that it does not sample.
const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const NOT_SAMPLED: &str = "00-aaf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

const STORY: &str = "The ministry signed a trade agreement on Tuesday that lowers the import tariffs on rare earths, and the \
                     sanctions on magnets of neodymium end with it, its spokeswoman said after a week of talks in the capital.";

/// Takes OTLP over HTTP, and keeps what it was sent.
struct Collector {
    address: String,
    received: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                // A client may keep its connection for the next request.
                while let Some(body) = body(&mut reader) {
                    let request = ExportTraceServiceRequest::decode(&body[..]).unwrap();
                    keep.lock().unwrap().push(request);
                    let answer =
                        b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
                    reader.get_mut().write_all(answer).unwrap();
                }
            }
        });
        Self { address, received }
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.received.lock().unwrap();
        let resources = received.iter().flat_map(|request| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }
}

/// The body of the next request to `/v1/traces`; `None` at the end of the connection.
fn body(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    assert_eq!(line, "POST /v1/traces HTTP/1.1\r\n");
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    assert_eq!(headers["content-type"], "application/x-protobuf");
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    Some(body)
}

/// The stage's broker, with three articles and what is no JSON: in the sampled trace, in the one that is not, and in none.
struct Broker {
    cluster: MockCluster<'static, rdkafka::producer::DefaultProducerContext>,
    dir: tempfile::TempDir,
}

impl Broker {
    fn start() -> Self {
        let cluster = MockCluster::new(1).unwrap();
        for topic in OUTPUTS.iter().chain(&[INPUT, "sluice-memory"]) {
            cluster.create_topic(topic, 1, 1).unwrap();
        }
        let broker = Self {
            cluster,
            dir: tempfile::tempdir().unwrap(),
        };
        let producer: BaseProducer = broker.client().create().unwrap();
        let article = |id: &str, text: &str| serde_json::json!({ "id": id, "text": text }).to_string();
        for (key, value, traceparent) in [
            ("original", article("original", STORY), Some(SAMPLED)),
            ("copy", article("copy", STORY), Some(SAMPLED)),
            ("broken", "{".to_owned(), Some(SAMPLED)),
            (
                "quiet",
                article("quiet", "Nothing but rain all week."),
                Some(NOT_SAMPLED),
            ),
            ("plain", article("plain", "The choir sang on the square."), None),
        ] {
            let mut headers = OwnedHeaders::new().insert(Header {
                key: "crawl",
                value: Some("7"),
            });
            if let Some(value) = traceparent {
                headers = headers.insert(Header {
                    key: "traceparent",
                    value: Some(value),
                });
            }
            let record = BaseRecord::to(INPUT).key(key).payload(&value).headers(headers);
            producer.send(record).unwrap();
        }
        producer.flush(Duration::from_secs(10)).unwrap();
        broker
    }

    fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", self.cluster.bootstrap_servers());
        client
    }

    /// `sluice run --until-end` with these options and variables.
    fn run(&self, settings: &[String], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.args(["run", "--until-end"]);
        let brokers = format!("kafka.brokers={}", self.cluster.bootstrap_servers());
        let fixed = [
            brokers.as_str(),
            "kafka.create_topics=false",
            "http.listen=",
            "instance=traced",
            // The embedded broker does not show what a transaction commits.
            "delivery=at-least-once",
        ];
        for setting in fixed.into_iter().chain(settings.iter().map(String::as_str)) {
            command.args(["--set", setting]);
        }
        command
            .current_dir(self.dir.path())
            .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        command.envs(variables.iter().copied()).output().unwrap()
    }

    /// For each key the topic that its record came out at, and the record's headers.
    fn results(&self) -> BTreeMap<String, (String, BTreeMap<String, String>)> {
        let mut client = self.client();
        let consumer: BaseConsumer = client.set("group.id", "reader").create().unwrap();
        let mut all = TopicPartitionList::new();
        for topic in OUTPUTS {
            all.add_partition_offset(topic, 0, Offset::Beginning).unwrap();
        }
        consumer.assign(&all).unwrap();
        let mut results = BTreeMap::new();
        while results.len() < 5 {
            let record = consumer.poll(Duration::from_secs(20)).expect("five results").unwrap();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            let headers = record.headers().unwrap().iter();
            let headers = headers.map(|h| (h.key.to_owned(), text(h.value.unwrap_or_default())));
            let key = text(record.key().unwrap());
            results.insert(key, (record.topic().to_owned(), headers.collect()));
        }
        results
    }
}

fn succeeded(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// An attribute as text; what is a list, with commas.
fn attribute(attributes: &[KeyValue], name: &str) -> Option<String> {
    fn text(value: &AnyValue) -> String {
        match value.value.as_ref().unwrap() {
            Value::StringValue(text) => text.clone(),
            Value::IntValue(number) => number.to_string(),
            Value::BoolValue(is) => is.to_string(),
            Value::ArrayValue(list) => list.values.iter().map(text).collect::<Vec<_>>().join(","),
            other => panic!("{other:?}"),
        }
    }
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    found.value.as_ref().map(text)
}

#[test]
fn a_records_trace_goes_on_into_what_is_made_of_it_and_the_batch_is_linked_to_it() {
    let (collector, broker) = (Collector::start(), Broker::start());
    let endpoint = format!("telemetry.otlp_endpoint={}", collector.address);
    succeeded(&broker.run(&[endpoint], &[]));
    let (results, spans) = (broker.results(), collector.spans());

    let of_record = |key: &str| {
        let is_it = |span: &&Span| attribute(&span.attributes, "kafka.message.key").as_deref() == Some(key);
        spans.iter().find(is_it)
    };
    for (key, topic, fate, is_error) in [
        ("original", OUTPUTS[0], "enriched", false),
        ("copy", OUTPUTS[1], "duplicate", false),
        ("broken", OUTPUTS[2], "dead-letter", true),
    ] {
        let span = of_record(key).unwrap();
        assert_eq!(span.name, "process raw-articles");
        assert_eq!(span.kind, 5, "a consumer's");
        assert_eq!(hex(&span.trace_id), &SAMPLED[3..35], "in the scraper's trace");
        assert_eq!(hex(&span.parent_span_id), &SAMPLED[36..52], "below the scraper's span");
        let value = |name: &str| attribute(&span.attributes, name).unwrap_or_default();
        assert_eq!(value("messaging.system.name"), "kafka");
        assert_eq!(value("messaging.operation.name"), "process");
        assert_eq!(value("messaging.operation.type"), "process");
        assert_eq!(value("messaging.destination.name"), INPUT);
        assert_eq!(value("messaging.destination.partition.id"), "0");
        assert_eq!(value("messaging.consumer.group.name"), "sluice");
        assert!(value("kafka.offset").parse::<i64>().unwrap() < 3);
        assert!(value("messaging.message.body.size").parse::<usize>().unwrap() > 0);
        assert_eq!(value("sluice.fates"), fate);
        assert_eq!(value("error.type"), if is_error { "not-json" } else { "" });
        assert_eq!(span.status.as_ref().is_some_and(|status| status.code == 2), is_error);
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);

        let (found, headers) = &results[key];
        assert_eq!(found, topic, "{key}");
        let expected = format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.span_id));
        assert_eq!(
            headers["traceparent"], expected,
            "what is made of `{key}` goes on from its span"
        );
        assert_eq!(headers["crawl"], "7", "other headers stay");
    }
    assert_eq!(results["quiet"].1["traceparent"], NOT_SAMPLED, "passed on as it came");
    assert!(of_record("quiet").is_none(), "who began the trace does not want it");
    assert!(
        !results["plain"].1.contains_key("traceparent"),
        "no trace is begun for a record"
    );

    let batches: Vec<&Span> = spans.iter().filter(|span| span.parent_span_id.is_empty()).collect();
    let counts = batches
        .iter()
        .map(|span| attribute(&span.attributes, "messaging.batch.message_count").unwrap());
    assert_eq!(counts.map(|count| count.parse::<u64>().unwrap()).sum::<u64>(), 5);
    let linked: Vec<&[u8]> = batches
        .iter()
        .flat_map(|span| &span.links)
        .map(|link| &link.span_id[..])
        .collect();
    assert_eq!(linked.len(), 3, "one link for each record with a span");
    for key in ["original", "copy", "broken"] {
        assert!(linked.contains(&&of_record(key).unwrap().span_id[..]), "{key}");
    }
    for batch in &batches {
        let below = |span: &&Span| span.parent_span_id == batch.span_id;
        let mut steps: Vec<&str> = spans.iter().filter(below).map(|span| span.name.as_str()).collect();
        steps.sort_unstable();
        assert_eq!(steps, ["commit raw-articles", "judge", "work"]);
    }

    let received = collector.received.lock().unwrap();
    let resource = received[0].resource_spans[0].resource.as_ref().unwrap();
    let said = |name: &str| attribute(&resource.attributes, name).unwrap_or_default();
    assert_eq!(said("service.name"), "sluice");
    assert_eq!(said("service.instance.id"), "traced");
    assert_eq!(said("service.version"), env!("CARGO_PKG_VERSION"));
    let scope = &received[0].resource_spans[0].scope_spans[0];
    assert!(
        scope.schema_url.starts_with("https://opentelemetry.io/schemas/"),
        "{}",
        scope.schema_url
    );
}

#[test]
fn the_variables_of_opentelemetry_name_the_collector_and_the_service() {
    let (collector, broker) = (Collector::start(), Broker::start());
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address.as_str()),
        ("OTEL_SERVICE_NAME", "news"),
        ("OTEL_TRACES_SAMPLER", "parentbased_always_off"),
    ];
    succeeded(&broker.run(&[], &variables));
    let spans = collector.spans();
    assert_eq!(spans.len(), 3, "the sampler leaves those that the scrapers sampled");
    let received = collector.received.lock().unwrap();
    let resource = received[0].resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(attribute(&resource.attributes, "service.name").unwrap(), "news");
}

#[test]
fn a_collector_that_cannot_be_reached_is_a_warning_and_nothing_is_lost() {
    let broker = Broker::start();
    // Nobody listens there: the port was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let said = succeeded(&broker.run(&[format!("telemetry.otlp_endpoint=http://127.0.0.1:{port}")], &[]));
    assert_eq!(said.matches("could not send spans").count(), 1, "{said}");
    assert!(said.contains("WARN") && said.contains("4318"), "{said}");
    assert_eq!(broker.results().len(), 5);
}

#[test]
fn without_a_collector_headers_stay_as_they_came_and_a_wrong_address_is_refused() {
    let broker = Broker::start();
    let said = succeeded(&broker.run(&[], &[]));
    assert!(!said.contains("traces"), "{said}");
    assert_eq!(broker.results()["original"].1["traceparent"], SAMPLED);

    for wrong in ["collector:4317", "http://no such host"] {
        let refused = broker.run(&[format!("telemetry.otlp_endpoint={wrong}")], &[]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(
            said.contains("telemetry.otlp_endpoint") && said.contains(wrong),
            "{said}"
        );
    }
}
