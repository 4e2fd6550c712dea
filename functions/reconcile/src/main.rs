//! The Lambda.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use reconcile::config::Config;
use tributary_aws::{process, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    process::seal()?;
    telemetry::start(env!("CARGO_CRATE_NAME"));
    let traces = &telemetry::Traces::from_env(env!("CARGO_CRATE_NAME")).await;
    let reconcile = &Config::from_env()?.connect().await;
    run(service_fn(|event: LambdaEvent<_>| async move {
        let ends_at = event.context.deadline;
        let worker = &event.context.request_id;
        Ok::<_, Error>(
            traces
                .around(reconcile.handle(event.payload, worker, ends_at))
                .await,
        )
    }))
    .await
}
