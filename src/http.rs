//! `/health`, `/ready` and `/metrics`.
//!
//! In: the metrics. Out: HTTP. Always: health means that the poll loop moves, whatever the brokers do; ready means that the memory
//! is restored and the group may be joined.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::task::JoinHandle;

use crate::telemetry::Metrics;

/// A poll loop that has not moved for this long is not healthy: twice the longest call it makes.
const STUCK_AFTER: Duration = Duration::from_mins(1);

/// Serve on `listen`; `None` where it is empty.
pub async fn serve(listen: &str, metrics: Arc<Metrics>) -> Result<Option<JoinHandle<()>>, String> {
    if listen.is_empty() {
        return Ok(None);
    }
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|e| {
        format!("could not listen on `http.listen` = `{listen}`: {e}\nhint: choose another port, or switch it off with `http.listen=`")
    })?;
    let router = Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route(
            "/metrics",
            get(|State(metrics): State<Arc<Metrics>>| async move {
                (
                    [(
                        CONTENT_TYPE,
                        "application/openmetrics-text; version=1.0.0; charset=utf-8",
                    )],
                    metrics.render(),
                )
            }),
        )
        .with_state(metrics);
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the HTTP endpoint ended");
        }
    })))
}

async fn health(State(metrics): State<Arc<Metrics>>) -> (StatusCode, String) {
    let silent = metrics.since_polled();
    if metrics.is_ready() && silent > STUCK_AFTER {
        let message = format!("the poll loop has not moved for {} s\n", silent.as_secs());
        return (StatusCode::SERVICE_UNAVAILABLE, message);
    }
    (StatusCode::OK, "ok\n".into())
}

async fn ready(State(metrics): State<Arc<Metrics>>) -> (StatusCode, &'static str) {
    if metrics.is_ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
