//! A small world's books: posted, damaged, reconciled and tied out.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use tributary_demo::day::Script;
use tributary_demo::stage::Stage;
use tributary_demo::{reconciling, road, weeks};

/// Everything that the demo promises of the books, of fewer accounts: every movement has
/// its entry, what is put wrong is found and nothing beside it, and every cent that
/// differs afterwards is one that was put wrong and only a person can decide about.
#[tokio::test(flavor = "multi_thread")]
async fn the_books_end_to_end() {
    let _alone = crate::STACKS.lock().await;
    let script = Script {
        seed: 3,
        accounts: 24,
        events: 700,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let world = weeks::play(script, 1, i64::try_from(now.as_secs()).unwrap());
    let stage = Stage::open("e2e-books", world).await.unwrap();
    let played = async {
        stage.stripe.reconfigure(reconciling::unsteady());
        let mut summary = road::travel(&stage, script, 0, |_, _| ()).await.unwrap();
        let books = reconciling::reconcile(&stage, 1, 2, |_, _| ()).await;
        summary.books = books.unwrap();
        road::compare(&stage, &mut summary, |_, _| ())
            .await
            .unwrap();
        road::dead_letters(&stage, &mut summary).await.unwrap();
        summary
    };
    let outcome = AssertUnwindSafe(played).catch_unwind().await;
    stage.close().unwrap();
    match outcome {
        Ok(summary) => assert!(summary.is_good(), "{summary}"),
        Err(failure) => resume_unwind(failure),
    }
}
