//! The Lambda.

use fetch_object::config::Config;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use tributary_aws::telemetry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start();
    let fetch = &Config::from_env()?.connect().await;
    run(service_fn(|event: LambdaEvent<_>| async move {
        Ok::<_, Error>(fetch.handle(event.payload).await)
    }))
    .await
}
