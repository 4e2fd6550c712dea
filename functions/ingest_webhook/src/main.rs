//! The Lambda.

use ingest_webhook::config::Config;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use tributary_aws::{process, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    process::seal()?;
    telemetry::start(env!("CARGO_CRATE_NAME"));
    let traces = &telemetry::Traces::from_env(env!("CARGO_CRATE_NAME")).await;
    let ingest = &Config::from_env()?.connect().await;
    run(service_fn(|event: LambdaEvent<_>| async move {
        let answer = traces
            .around(ingest.handle(event.payload, telemetry::unix_now()))
            .await;
        Ok::<_, Error>(answer.into_response())
    }))
    .await
}
