//! OpenTelemetry traces: what became of a record, told in the trace that its scraper began.
//!
//! In: batches on their way through the stage. Out: spans as OTLP over HTTP, sent by a thread of their own. Always: off unless a
//! collector is named; one that cannot be reached costs spans, and never a record or the stage.
//!
//! A batch is a trace of its own: `process INPUT`, with its steps below it and links to the records' spans. A record whose
//! `traceparent` says that it is sampled has a span in *its* trace, and what is made of it carries that span's `traceparent`. The names
//! are those of [`CONVENTIONS`], which are still moving: they stand here and nowhere else.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Link, Span, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, Span as SdkSpan};
use prometheus_client::metrics::counter::Counter;

use super::otlp;
use crate::article::{Header, Record};
use crate::config::{Config, shown_url};
use crate::judge::Fate;
use crate::kafka::members::transactional_id;
use crate::stage::Batch;
use crate::version;

/// The version of OpenTelemetry's semantic conventions that the names follow.
const CONVENTIONS: &str = "https://opentelemetry.io/schemas/1.45.0";

/// The header that carries a record's place in its trace (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";

/// Longest wait at the end for the last spans to be sent.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// Longest key that a span shows, in bytes.
const KEY_BYTES_MAX: usize = 200;

/// Spans by what became of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Counters {
    pub(super) ended: Counter<u64, AtomicU64>,
    pub(super) exported: Counter<u64, AtomicU64>,
}

/// The tracer of this process.
pub(super) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    propagator: TraceContextPropagator,
    ended: Counter<u64, AtomicU64>,
    /// What all spans say.
    common: Vec<KeyValue>,
    input: String,
}

impl std::fmt::Debug for Traces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Traces")
    }
}

impl Traces {
    /// Start sending, if the configuration or the environment names a collector. An error tells which setting is wrong.
    pub(super) fn start(config: &Config, instance: &str, counters: &Counters) -> Result<Option<Self>, String> {
        let Some(endpoint) = otlp::endpoint(&config.telemetry.otlp_endpoint, |name| std::env::var(name).ok()) else {
            return Ok(None);
        };
        let exporter = otlp::exporter(&endpoint, counters.exported.clone())?;
        // A batch and all its records end at once, and two may do so before the sender has moved.
        let waiting_max = (2 * config.batch.records_max + 64).clamp(2_048, 65_536);
        let mut bounds = BatchConfigBuilder::default();
        if std::env::var("OTEL_BSP_MAX_QUEUE_SIZE").is_err() {
            bounds = bounds.with_max_queue_size(waiting_max);
        }
        let sender = BatchSpanProcessor::builder(exporter).with_batch_config(bounds.build());
        let mut provider = SdkTracerProvider::builder()
            .with_span_processor(sender.build())
            .with_resource(resource(instance));
        if std::env::var("OTEL_SPAN_LINK_COUNT_LIMIT").is_err() {
            provider = provider.with_max_links_per_span(config.batch.records_max.min(65_536) as u32);
        }
        let provider = provider.build();
        let named = config.kafka.properties.0.get("client.id").cloned();
        let client_id = named.unwrap_or_else(|| transactional_id(config, instance));
        let scope = InstrumentationScope::builder("sluice").with_version(version::VERSION);
        let tracer = provider.tracer_with_scope(scope.with_schema_url(CONVENTIONS).build());
        tracing::info!(endpoint = shown_url(&endpoint), "sending traces");
        Ok(Some(Self {
            provider,
            tracer,
            propagator: TraceContextPropagator::new(),
            ended: counters.ended.clone(),
            common: vec![
                KeyValue::new("messaging.system.name", "kafka"),
                KeyValue::new("messaging.destination.name", config.input.topic.clone()),
                KeyValue::new("messaging.consumer.group.name", config.kafka.group.clone()),
                KeyValue::new("messaging.client.id", client_id),
            ],
            input: config.input.topic.clone(),
        }))
    }

    /// Send what is left. Blocks, for [`STOP_WAIT`] at most.
    pub(super) fn stop(&self) {
        if let Err(error) = self.provider.shutdown_with_timeout(STOP_WAIT) {
            tracing::warn!(%error, "the last spans may not have reached the collector");
        }
    }

    /// Begin the spans of a batch and of its sampled records.
    pub(super) fn begin(self: &Arc<Self>, batch: &Batch) -> BatchTrace {
        let records: Vec<_> = batch.records.iter().map(|record| self.record(record)).collect();
        let links = records.iter().flatten();
        let links = links.map(|span| Link::with_context(span.span.span_context().clone()));
        let mut attributes = self.with_operation("process", "process");
        attributes.push(KeyValue::new(
            "messaging.batch.message_count",
            batch.records.len() as i64,
        ));
        let root = self
            .named("process", SpanKind::Consumer, attributes)
            .with_links(links.collect())
            .start_with_context(&self.tracer, &Context::new());
        BatchTrace(Some(Box::new(Open {
            traces: Arc::clone(self),
            parent: Context::new().with_remote_span_context(root.span_context().clone()),
            root,
            records,
        })))
    }

    /// The span of a record in the trace that it came with; `None` where it came with none, or its trace is not sampled.
    fn record(&self, record: &Record) -> Option<RecordSpan> {
        let headers = Headers(&record.headers);
        headers.get(TRACEPARENT)?;
        let parent = self.propagator.extract_with_context(&Context::new(), &headers);
        if !parent.span().span_context().is_sampled() {
            return None;
        }
        let mut attributes = self.with_operation("process", "process");
        let body = record.value.as_ref().map_or(0, Vec::len) as i64;
        attributes.extend([
            KeyValue::new(
                "messaging.destination.partition.id",
                record.origin.partition.to_string(),
            ),
            KeyValue::new("kafka.offset", record.origin.offset),
            KeyValue::new("messaging.message.body.size", body),
        ]);
        let key = record.key.as_deref().filter(|key| key.len() <= KEY_BYTES_MAX);
        if let Some(key) = key.and_then(|key| std::str::from_utf8(key).ok()) {
            attributes.push(KeyValue::new("kafka.message.key", key.to_owned()));
        }
        if record.value.is_none() {
            attributes.push(KeyValue::new("kafka.message.tombstone", true));
        }
        let span = self.named("process", SpanKind::Consumer, attributes);
        let span = span.start_with_context(&self.tracer, &parent);
        span.is_recording().then(|| RecordSpan {
            span,
            fates: Vec::new(),
        })
    }

    fn with_operation(&self, name: &'static str, kind: &'static str) -> Vec<KeyValue> {
        let mut attributes = self.common.clone();
        attributes.push(KeyValue::new("messaging.operation.name", name));
        attributes.push(KeyValue::new("messaging.operation.type", kind));
        attributes
    }

    fn named(&self, operation: &str, kind: SpanKind, attributes: Vec<KeyValue>) -> SpanBuilder {
        SpanBuilder::from_name(format!("{operation} {}", self.input))
            .with_kind(kind)
            .with_attributes(attributes)
    }

    fn end(&self, mut span: SdkSpan) {
        self.ended.inc_by(u64::from(span.is_recording()));
        span.end();
    }
}

/// Who this is. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` have the last word.
fn resource(instance: &str) -> Resource {
    let given = Resource::builder().build();
    let mut ours = Vec::new();
    let mut add = |name: &'static str, value: String| {
        let found = given.get_ref(&name.into()).map(ToString::to_string);
        if found.is_none_or(|found| found.starts_with("unknown_service")) {
            ours.push(KeyValue::new(name, value));
        }
    };
    add("service.name", "sluice".into());
    add("service.version", version::VERSION.into());
    add("service.instance.id", instance.into());
    Resource::builder().with_attributes(ours).build()
}

/// The spans of one batch, open until it is committed or void. With traces off it holds nothing, and its calls do nothing.
#[derive(Default)]
pub struct BatchTrace(Option<Box<Open>>);

struct Open {
    traces: Arc<Traces>,
    root: SdkSpan,
    /// The root, as the parent of the steps.
    parent: Context,
    /// For each record of the batch its span, if it has one.
    records: Vec<Option<RecordSpan>>,
}

struct RecordSpan {
    span: SdkSpan,
    fates: Vec<&'static str>,
}

impl std::fmt::Debug for BatchTrace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BatchTrace")
    }
}

impl BatchTrace {
    /// A step of the batch begins; it ends when the answer is dropped.
    pub fn step(&self, step: &'static str) -> StepSpan {
        StepSpan(self.0.as_ref().map(|open| {
            let traces = &open.traces;
            let span = if step == "commit" {
                let attributes = traces.with_operation("commit", "settle");
                traces.named("commit", SpanKind::Client, attributes)
            } else {
                SpanBuilder::from_name(step).with_kind(SpanKind::Internal)
            };
            (
                Arc::clone(traces),
                span.start_with_context(&traces.tracer, &open.parent),
            )
        }))
    }

    /// Note the fate of an article of the batch's record at `index`.
    pub fn fate(&mut self, index: usize, fate: &Fate) {
        let Some(Some(record)) = self.0.as_mut().map(|open| open.records[index].as_mut()) else {
            return;
        };
        record.fates.push(fate.name());
        if let Fate::DeadLetter(reject) = fate {
            record.span.set_attribute(KeyValue::new("error.type", reject.code));
            record.span.set_status(Status::error(reject.message.clone()));
        }
    }

    /// Where the record at `index` has a span, what is made of the record goes on from there: in its headers.
    pub fn go_on(&self, index: usize, headers: &mut [Header]) {
        let record = self.0.as_ref().and_then(|open| open.records[index].as_ref());
        let Some(record) = record else { return };
        if let Some((_, value)) = headers.iter_mut().rev().find(|(name, _)| name == TRACEPARENT) {
            *value = Some(traceparent(record.span.span_context()).into_bytes());
        }
    }

    /// The batch is durable.
    pub fn committed(self) {
        self.end(None);
    }

    /// The batch was aborted, and is read again.
    pub fn aborted(self, reason: &str) {
        self.end(Some(reason));
    }

    fn end(self, aborted: Option<&str>) {
        let Some(open) = self.0 else { return };
        let Open {
            traces,
            mut root,
            records,
            ..
        } = *open;
        let note = |span: &mut SdkSpan, reason: &str| {
            span.set_attribute(KeyValue::new("error.type", "aborted"));
            span.set_status(Status::error(reason.to_owned()));
        };
        for RecordSpan { mut span, fates } in records.into_iter().flatten() {
            match aborted {
                // Nothing of it was published: it has no fate yet.
                Some(reason) => note(&mut span, reason),
                None => {
                    let fates: Vec<StringValue> = fates.into_iter().map(Into::into).collect();
                    span.set_attribute(KeyValue::new("sluice.fates", Value::Array(fates.into())));
                }
            }
            traces.end(span);
        }
        if let Some(reason) = aborted {
            note(&mut root, reason);
        }
        traces.end(root);
    }
}

/// The running span of one step.
#[must_use = "the step ends when this is dropped"]
pub struct StepSpan(Option<(Arc<Traces>, SdkSpan)>);

impl std::fmt::Debug for StepSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StepSpan")
    }
}

impl Drop for StepSpan {
    fn drop(&mut self) {
        if let Some((traces, span)) = self.0.take() {
            traces.end(span);
        }
    }
}

/// A span's place in its trace, as W3C Trace Context writes it.
fn traceparent(context: &SpanContext) -> String {
    let flags = context.trace_flags().to_u8();
    format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id())
}

/// A record's headers, as the propagator reads them. Of a header that comes twice the last holds, as elsewhere in Kafka.
struct Headers<'a>(&'a [Header]);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().rev().find(|(n, _)| n == name)?;
        std::str::from_utf8(value.as_deref()?).ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }
}
