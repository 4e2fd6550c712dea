//! A small world's books: posted, damaged, reconciled and tied out.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use serde_json::Value;
use tributary_cli::render::Format;
use tributary_demo::day::Script;
use tributary_demo::finale::Told;
use tributary_demo::stage::Stage;
use tributary_demo::{finale, reconciling, road, weeks};

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
        (summary, finale::trace(&stage).await.unwrap())
    };
    let outcome = AssertUnwindSafe(played).catch_unwind().await;
    stage.close().unwrap();
    match outcome {
        Ok((summary, told)) => {
            assert!(summary.is_good(), "{summary}");
            is_told(&told.expect("a payout came back"));
        }
        Err(failure) => resume_unwind(failure),
    }
}

/// The payout that the bank sent back is told whole: how it ended, what it paid out, and
/// what somebody has to do.
fn is_told(told: &Told) {
    let text = told.report.render(Format::Json, None);
    let answer: Value = serde_json::from_str(&text).unwrap();
    let of = |table: &str, column: &str| -> Vec<String> {
        let rows = answer[table].as_array().unwrap().iter();
        rows.map(|row| row[column].as_str().unwrap().to_owned())
            .collect()
    };
    let (steps, next) = (of("steps", "step"), of("next", "code"));
    for step in ["event", "mirror", "entry", "paid_out"] {
        assert!(steps.contains(&step.to_owned()), "{text}");
    }
    for code in ["failed_after_paid", "account_must_act"] {
        assert!(next.contains(&code.to_owned()), "{text}");
    }
    assert_eq!(of("missing", "code"), Vec::<String>::new(), "{text}");
}
