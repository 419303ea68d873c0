//! `/health`, `/ready` and `/metrics`.
//!
//! In: the metrics. Out: HTTP. Always: health means that the poll loop and the workers move, whatever the brokers do, and says which
//! record they hang on where they do not; ready means that the memory is restored and the group may be joined.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use tokio::task::JoinHandle;

use crate::failure::Failure;
use crate::telemetry::Metrics;

/// Serve on `listen`; `None` where it is empty.
pub async fn serve(listen: &str, metrics: Arc<Metrics>) -> Result<Option<JoinHandle<()>>, Failure> {
    if listen.is_empty() {
        return Ok(None);
    }
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|e| {
        let hint = "hint: choose another port, or switch it off with `http.listen=`";
        Failure::new(format!("could not listen on `http.listen` = `{listen}`: {e}\n{hint}"))
    })?;
    let router = Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(rendered))
        .with_state(metrics);
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the HTTP endpoint ended");
        }
    })))
}

async fn health(State(metrics): State<Arc<Metrics>>) -> (StatusCode, String) {
    if let Some(stuck) = metrics.stuck() {
        return (StatusCode::SERVICE_UNAVAILABLE, stuck + "\n");
    }
    (StatusCode::OK, "ok\n".into())
}

async fn rendered(State(metrics): State<Arc<Metrics>>) -> ([(HeaderName, &'static str); 1], String) {
    let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, form)], metrics.render())
}

async fn ready(State(metrics): State<Arc<Metrics>>) -> (StatusCode, &'static str) {
    if metrics.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
