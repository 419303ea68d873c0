//! The way to an OpenTelemetry collector: which, and how spans get there.
//!
//! In: the option, and the variables that OpenTelemetry gives every program. Out: an exporter that posts protobuf over HTTP. Always: a
//! collector that does not answer is a warning once, and news once it answers again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prometheus_client::metrics::counter::Counter;

use crate::config::shown_url;

/// Longest time for one request, unless `OTEL_EXPORTER_OTLP_TIMEOUT` names another.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The address that spans are posted to; `None`: no traces. `variable` reads the environment.
pub(super) fn endpoint(option: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let below = |base: &str| format!("{}/v1/traces", base.trim().trim_end_matches('/'));
    if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    if !option.is_empty() {
        return Some(below(option));
    }
    if variable("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none") {
        return None;
    }
    // The one for traces alone is used as it is.
    variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        .or_else(|| variable("OTEL_EXPORTER_OTLP_ENDPOINT").map(|base| below(&base)))
}

/// What posts spans to `endpoint`, and counts those that arrived.
pub(super) fn exporter(endpoint: &str, exported: Counter<u64, AtomicU64>) -> Result<Exporter, String> {
    let milliseconds = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"]
        .iter()
        .find_map(|name| std::env::var(name).ok()?.parse().ok());
    let shown = shown_url(endpoint);
    let timeout = milliseconds.map_or(TIMEOUT, Duration::from_millis);
    let inner = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(Client::new(timeout))
        .with_endpoint(endpoint)
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(timeout)
        .build()
        .map_err(|e| format!("`telemetry.otlp_endpoint`: could not send traces to `{shown}`: {e}"))?;
    Ok(Exporter {
        inner,
        shown,
        exported,
        is_failing: AtomicBool::new(false),
    })
}

/// Posts spans, and says so when that stops or goes on.
#[derive(Debug)]
pub(super) struct Exporter {
    inner: opentelemetry_otlp::SpanExporter,
    /// The endpoint, without its password.
    shown: String,
    exported: Counter<u64, AtomicU64>,
    is_failing: AtomicBool,
}

impl SpanExporter for Exporter {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let count = spans.len() as u64;
        let result = self.inner.export(spans).await;
        let endpoint = self.shown.as_str();
        match &result {
            Ok(()) => {
                self.exported.inc_by(count);
                if self.is_failing.swap(false, Ordering::Relaxed) {
                    tracing::info!(endpoint, "the collector takes spans again");
                }
            }
            Err(error) if self.is_failing.swap(true, Ordering::Relaxed) => {
                tracing::debug!(endpoint, %error, spans = count, "could not send spans");
            }
            Err(error) => {
                let hint =
                    "the stage goes on without traces; the address must take OTLP over HTTP, by default on port 4318";
                tracing::warn!(endpoint, %error, spans = count, hint, "could not send spans");
            }
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// A blocking client: the sender has a thread of its own.
#[derive(Debug)]
struct Client(ureq::Agent);

impl Client {
    fn new(timeout: Duration) -> Self {
        let tls = ureq::tls::TlsConfig::builder()
            .provider(ureq::tls::TlsProvider::NativeTls)
            .root_certs(ureq::tls::RootCerts::PlatformVerifier)
            .build();
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .tls_config(tls)
            .build();
        Self(config.into())
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(head, body.to_vec()))?;
        let (head, mut body) = answer.into_parts();
        Ok(Response::from_parts(head, body.read_to_vec()?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    fn asked(option: &str, variables: &[(&str, &str)]) -> Option<String> {
        let found = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        endpoint(option, found)
    }

    #[test]
    fn traces_are_off_until_a_collector_is_named() {
        let base = "OTEL_EXPORTER_OTLP_ENDPOINT";
        assert_eq!(asked("", &[]), None);
        assert_eq!(asked("", &[(base, " ")]), None);
        assert_eq!(asked("http://a:4318/", &[]).unwrap(), "http://a:4318/v1/traces");
        assert_eq!(asked("", &[(base, "http://b:1")]).unwrap(), "http://b:1/v1/traces");
        assert_eq!(
            asked("http://a:4318", &[(base, "http://b:1")]).unwrap(),
            "http://a:4318/v1/traces",
            "the option is nearer than the environment"
        );
        let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/exact");
        assert_eq!(asked("", &[(base, "http://b:1"), own]).unwrap(), "http://c/exact");
    }

    #[test]
    fn the_variables_of_opentelemetry_switch_traces_off() {
        let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://b:1");
        assert_eq!(asked("", &[base, ("OTEL_SDK_DISABLED", "True")]), None);
        assert_eq!(asked("http://a:4318", &[("OTEL_SDK_DISABLED", "true")]), None);
        assert_eq!(asked("", &[base, ("OTEL_TRACES_EXPORTER", "none")]), None);
        assert!(asked("", &[base, ("OTEL_TRACES_EXPORTER", "otlp")]).is_some());
    }
}
