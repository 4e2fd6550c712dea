//! The Lambda.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use post_ledger::config::Config;
use post_ledger::watch::Remaining;
use tributary_aws::{process, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    process::seal()?;
    telemetry::start(env!("CARGO_CRATE_NAME"));
    let traces = &telemetry::Traces::from_env(env!("CARGO_CRATE_NAME")).await;
    let ledger = &Config::from_env()?.connect().await;
    run(service_fn(|event: LambdaEvent<_>| async move {
        let watch = Remaining::until(event.context.deadline());
        let worker = &event.context.request_id;
        Ok::<_, Error>(
            traces
                .around(ledger.handle(event.payload, worker, &watch))
                .await,
        )
    }))
    .await
}
