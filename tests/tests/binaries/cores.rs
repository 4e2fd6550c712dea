//! No function leaves an image of its memory.

use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};

use crate::surroundings::Function;

fn nothing(_: &str) -> (u16, Value) {
    (400, json!({"__type": "AccessDeniedException"}))
}

#[tokio::test]
async fn no_function_dumps_core() {
    // As much as this machine allows, so that the functions have to refuse themselves.
    let mut limit = getrlimit(Resource::Core);
    limit.current = limit.maximum;
    setrlimit(Resource::Core, limit).unwrap();

    for name in [
        "ingest_webhook",
        "apply_event",
        "publish_changes",
        "fetch_object",
        "post_ledger",
        "import_entries",
        "reconcile",
    ] {
        let function = Function::start(name, "credential", "info", nothing).await;
        let limits = function.proc("limits");
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<_> = line.unwrap().split_whitespace().collect();
        assert_eq!(words[4..6], ["0", "0"], "{name}: {words:?}");
        assert!(!function.abort().await.dumped_core, "{name}");
    }
}
