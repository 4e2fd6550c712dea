//! The Lambda.

use apply_event::config::Config;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use tributary_aws::{process, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    process::seal()?;
    telemetry::start(env!("CARGO_CRATE_NAME"));
    let traces = &telemetry::Traces::from_env(env!("CARGO_CRATE_NAME")).await;
    let apply = &Config::from_env()?.connect().await;
    run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, Error>(traces.around(apply.handle(event.payload)).await)
    }))
    .await
}
